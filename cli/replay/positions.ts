import type { EventLogAdmin } from '#libs/event-log/port.ts'
import { parseDuration } from '#libs/service/duration.ts'
import type { ReplayRange } from '#services/persister/replay/run-replay.ts'
import { UsageError } from '../failure.ts'

/** Where a replay begins or ends, as the command line says it. */
export type Position =
  | { readonly kind: 'earliest' }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly ms: number }
  /** The same in each partition. */
  | { readonly kind: 'offset'; readonly offset: bigint }
  /** In these partitions, and no others. */
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, bigint> }

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/
const OFFSETS = /^\d{1,6}:\d{1,18}(?:,\d{1,6}:\d{1,18})*$/

/**
 * Reads `earliest`, an age such as `2h`, a time such as `2026-11-23T10:00:00Z` or `2026-11-23` (midnight, UTC), an offset such
 * as `1500`, or offsets by partition such as `0:1500,3:90`.
 *
 * @throws UsageError
 */
export function parsePosition(option: '--from' | '--to', text: string, now: number): Position {
  if (text === 'earliest' && option === '--from') return { kind: 'earliest' }
  if (/^\d{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) }
  const age = parseDuration(text)
  if (age !== null) return { kind: 'time', ms: now - age }
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return { kind: 'time', ms: time }
  if (OFFSETS.test(text)) {
    const pairs = text.split(',').map((pair) => pair.split(':') as [string, string])
    const offsets = new Map(pairs.map(([partition, offset]) => [Number(partition), BigInt(offset)]))
    if (offsets.size === pairs.length) return { kind: 'offsets', offsets }
  }
  const earliest = option === '--from' ? 'earliest, ' : ''
  throw new UsageError(
    `${option} ${text} is neither ${earliest}an age such as 2h, a time such as 2026-11-23T10:00:00Z, an offset such as 1500, nor offsets by partition such as 0:1500,3:90`,
  )
}

/** Offsets that retention has taken, of what was asked for. */
export interface GonePart {
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

export interface ResolvedRange extends ReplayRange {
  readonly gone: readonly GonePart[]
  /** Whether records of the time that was asked for may be gone: the range begins with the oldest that is kept. */
  readonly fromOldest: boolean
}

/**
 * The offsets that are meant, as the log stands now: what is appended later is left out. Partitions without any are absent.
 *
 * @throws UsageError when there is no such partition
 */
export async function resolveRange(
  admin: EventLogAdmin,
  topic: string,
  from: Position,
  to: Position | null,
): Promise<ResolvedRange> {
  const ends = await admin.endOffsets(topic)
  const oldest = await admin.offsetsByTime(topic, 0)
  const partitions = chosenPartitions(topic, [from, ...(to ? [to] : [])], [...ends.keys()])
  const starts = await offsetsOf(admin, topic, from, oldest)
  const stops = to ? await offsetsOf(admin, topic, to, ends) : ends
  const range = { from: new Map<number, bigint>(), to: new Map<number, bigint>() }
  const gone: GonePart[] = []
  let fromOldest = false
  for (const partition of partitions) {
    const end = ends.get(partition) ?? 0n
    const kept = oldest.get(partition) ?? end
    const wanted = from.kind === 'earliest' ? 0n : (starts.get(partition) ?? kept)
    const start = max(wanted, kept)
    const stop = min(stops.get(partition) ?? end, end)
    if (wanted < min(kept, stop)) gone.push({ partition, from: wanted, to: min(kept, stop) })
    if (kept > 0n && start === kept) fromOldest = true
    if (start >= stop) continue
    range.from.set(partition, start)
    range.to.set(partition, stop)
  }
  return { ...range, gone, fromOldest }
}

function chosenPartitions(
  topic: string,
  positions: readonly Position[],
  all: readonly number[],
): readonly number[] {
  let chosen = all
  for (const position of positions) {
    if (position.kind !== 'offsets') continue
    const named = [...position.offsets.keys()]
    const unknown = named.find((partition) => !all.includes(partition))
    if (unknown !== undefined)
      throw new UsageError(`${topic} has partitions 0 to ${all.length - 1}, not ${unknown}`)
    chosen = chosen.filter((partition) => named.includes(partition))
  }
  return chosen
}

async function offsetsOf(
  admin: EventLogAdmin,
  topic: string,
  position: Position,
  earliest: ReadonlyMap<number, bigint>,
): Promise<ReadonlyMap<number, bigint>> {
  switch (position.kind) {
    case 'earliest':
      return earliest
    case 'time':
      return admin.offsetsByTime(topic, position.ms)
    case 'offset':
      return new Map([...earliest.keys()].map((partition) => [partition, position.offset]))
    case 'offsets':
      return position.offsets
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
