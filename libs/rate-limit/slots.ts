import type { Pace } from './plan.ts'
import { nextTurn, type Turns } from './time-division.ts'

/**
 * Reservation GCRA (the virtual scheduling form of ITU-T I.371's generic cell rate algorithm, asked ahead of time), as
 * pure functions over numbers.
 *
 * Every slot has a theoretical time θ of its own, and neighbours are a period apart. A slot may be used from θ −
 * tolerance up to θ. Whoever keeps to that, in whatever order, never has more than b' + r'·T slots in any window T: their
 * θs lie in a stretch of T + tolerance. That is why slots may come back and be handed out again until their θ has
 * passed, and why urgent and background callers can differ in nothing but the tolerance.
 */
export interface Slots {
  /** θ of the next slot that nobody has had. */
  readonly next: number
  /** The period at which `next` was counted. */
  readonly periodMs: number
  /** θs that came back, ascending. */
  readonly free: readonly number[]
  /** What the answer to the latest slot may take off `next`: see `Pace.doubtMs`. */
  readonly doubtMs: number
}

/** One level of a reservation: its slots and how far ahead of θ this caller may use them. */
export interface Level {
  readonly slots: Slots
  readonly toleranceMs: number
  readonly doubtMs: number
  /** θs are at these times only. With one level and no tolerance. */
  readonly turns?: Turns | undefined
}

/** Returned slots that are kept at most; more than that are never in flight. */
export const MAX_FREE = 1000
/** The time of a slot is often exactly θ of another level, by another way of adding up. */
const ROUNDING_MS = 0.01

/** A bucket whose burst is spent: one slot at `at`, then one a period, until it fills by not being used. */
export const emptySlots = (at: number, pace: Pace): Slots => ({
  next: at + pace.toleranceMs,
  periodMs: pace.periodMs,
  free: [],
  doubtMs: 0,
})

/**
 * The slots as they are at `now` under a new period. A longer one stretches what is owed, since slots were handed out
 * at a rate that no longer holds; a shorter one does not shrink it, since those slots are already placed.
 */
export function settle(slots: Slots, now: number, periodMs: number): Slots {
  const stretch = Math.max(1, periodMs / slots.periodMs)
  const at = (theoretical: number): number =>
    stretch === 1 ? theoretical : now + (theoretical - now) * stretch
  return {
    next: slots.next > now ? at(slots.next) : now,
    periodMs,
    free: slots.free.filter((theoretical) => theoretical >= now).map(at),
    doubtMs: slots.next > now ? slots.doubtMs : 0,
  }
}

export interface Taken {
  /** When each slot may be used, ascending. */
  readonly times: readonly number[]
  /** Per level, θ of each slot: what `giveBack` takes. */
  readonly theoretical: readonly (readonly number[])[]
  /** Per level, the slots afterwards. */
  readonly slots: readonly Slots[]
}

/** Takes `count` slots that every level agrees to. Levels must be settled at `now`. */
export function take(levels: readonly Level[], count: number, now: number): Taken {
  const slots = levels.map((level) => ({ ...level.slots, free: [...level.slots.free] }))
  const theoretical: number[][] = levels.map(() => [])
  const times: number[] = []
  let time = now
  for (let taken = 0; taken < count; taken++) {
    const agreed = agree(slots, levels, time)
    time = agreed.time
    times.push(time)
    for (const [index, own] of slots.entries()) {
      const from = agreed.from[index]!
      theoretical[index]!.push(from)
      const returned = own.free.indexOf(from)
      if (returned >= 0) own.free.splice(returned, 1)
      else {
        own.next = from + own.periodMs
        own.doubtMs = levels[index]!.doubtMs
      }
    }
  }
  return { times, theoretical, slots }
}

/** The earliest time from `earliest` on at which each level has a slot, and which slot that is. */
function agree(slots: readonly Slots[], levels: readonly Level[], earliest: number) {
  let time = earliest
  for (;;) {
    const from: number[] = []
    for (const [index, own] of slots.entries()) {
      // Returned slots come before `next`: they are nearer and lapse.
      const { turns, toleranceMs } = levels[index]!
      const candidate = own.free.find((at) => at >= time - ROUNDING_MS) ?? nextFrom(own, time, turns)
      time = Math.max(time, candidate - toleranceMs)
      from.push(candidate)
    }
    // A later level may have moved the time past a returned slot of an earlier one.
    if (from.every((at) => at >= time - ROUNDING_MS)) return { time, from }
  }
}

function nextFrom({ next }: Slots, time: number, turns: Turns | undefined): number {
  const earliest = Math.max(next, time)
  return turns ? nextTurn(turns, earliest) : earliest
}

/** Puts back slots that will not be used. What has lapsed is gone. */
export function giveBack(slots: Slots, theoretical: readonly number[], now: number): Slots {
  const returned = theoretical.filter((at) => at >= now && at < slots.next)
  if (returned.length === 0) return slots
  const free = [...new Set([...slots.free, ...returned])].sort((a, b) => a - b).slice(0, MAX_FREE)
  return { ...slots, free }
}

/**
 * The call that used the slot `theoretical` was at the server as if it had left at `latest` at the latest, by the
 * shortest way. When it is the latest slot that anybody has, the next one moves forward by what is certain now.
 */
export function arrived(slots: Slots, theoretical: number, latest: number): Slots {
  const isLatest = Math.abs(slots.next - (theoretical + slots.periodMs)) <= ROUNDING_MS
  if (slots.doubtMs === 0 || !isLatest) return slots
  const next = Math.max(theoretical, latest) + slots.periodMs - slots.doubtMs
  return { ...slots, next: Math.min(slots.next, next), doubtMs: 0 }
}

/**
 * The server said that it has nothing left: the burst is spent, no slot before `waitMs` from now, and in any case one
 * slot less than before.
 */
export function pushBack(slots: Slots, pace: Pace, now: number, waitMs: number): Slots {
  const next = Math.max(slots.next + pace.periodMs, now + pace.toleranceMs + waitMs)
  return { ...slots, next, free: [], doubtMs: 0 }
}
