import type { Pace } from './plan.ts'
import type { Priority } from './port.ts'
import { type Level, type Taken, take } from './slots.ts'

/**
 * Who waits for a bucket, as pure functions. A caller with a ticket is told when to ask again and gets its slot only
 * shortly before its time. So an urgent caller gets the very next slot, whoever waits; and an answer that came
 * meanwhile counts (`arrived` in `slots.ts`). Urgent callers come first, then each in the order in which they came.
 */
export interface Place {
  readonly ticket: string
  readonly urgent: boolean
  /** When it was told to ask again. */
  readonly asksAt: number
}

/** A caller that is later than this to ask again has died or stands still: it holds up nobody else. */
export const ABSENT_MS = 500
/** A slot is handed out so long before its time: enough for a busy event loop and a trip to Redis. */
export const LEAD_MS = 100
/** How soon to ask again when the answer to the call before is all that is missing. */
export const RETRY_MS = 25

export interface Turn {
  readonly queue: readonly Place[]
  /** The slot; null when it is not time yet. */
  readonly taken: Taken | null
  /** Milliseconds until the caller's slot, as far as it can be known: never too long. */
  readonly waitMs: number
  /** Milliseconds until it is to ask again; null with a slot. */
  readonly askAgainMs: number | null
}

/** Those who still ask when they were told to. */
export const present = (queue: readonly Place[], now: number): readonly Place[] =>
  queue.filter((place) => place.asksAt + ABSENT_MS >= now)

/** Part of a period, so that an urgent caller does not find the next slots gone already. */
const leadMs = ({ periodMs, doubtMs }: Pace): number => Math.min(LEAD_MS, (periodMs - doubtMs) / 4)

/**
 * `ticket` asks at `now`. The levels are the caller's, settled at `now`, the seller's first with its `pace`.
 * Beyond `maxWaitMs` it leaves the queue.
 */
export function ask(
  queue: readonly Place[],
  levels: readonly Level[],
  pace: Pace,
  { ticket, priority, maxWaitMs }: { ticket: string; priority: Priority; maxWaitMs: number },
  now: number,
): Turn {
  const urgent = priority === 'urgent'
  const places = queue.filter((place) => place.ticket === ticket || place.asksAt + ABSENT_MS >= now)
  const known = places.findIndex((place) => place.ticket === ticket)
  const before = urgent ? places.filter((place) => place.urgent).length : places.length
  const rank = known < 0 ? before : known
  const others = places.filter((place) => place.ticket !== ticket)

  const slotAt = take(levels, rank + 1, now).times[rank]! - now
  const inDoubt = levels.some(({ slots }) => slots.doubtMs > 0)
  // Answers that are still to come may each bring it forward.
  const waitMs = Math.max(0, slotAt - levels[0]!.slots.doubtMs - rank * pace.doubtMs)
  if (waitMs > maxWaitMs) return { queue: others, taken: null, waitMs, askAgainMs: null }
  if (slotAt <= (inDoubt ? 0 : leadMs(pace)))
    return { queue: others, taken: take(levels, 1, now), waitMs, askAgainMs: null }
  const soonest = inDoubt ? Math.min(RETRY_MS, slotAt) : 1
  const askAgainMs = Math.max(soonest, inDoubt ? waitMs : waitMs - leadMs(pace))
  const place = { ticket, urgent, asksAt: now + askAgainMs }
  return { queue: [...others.slice(0, rank), place, ...others.slice(rank)], taken: null, waitMs, askAgainMs }
}
