import { type EventLog, EventLogError } from '#libs/event-log/port.ts'
import { parseDuration } from '#libs/service/duration.ts'
import { type DeadLetter, readDeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import type { Codec } from '#libs/stream/processor.ts'
import { DEAD_LETTERS, topics } from '#schemas/topics.ts'
import type { LetterFilters } from '../commands/dead-letters.ts'
import { CommandError, UsageError } from '../failure.ts'

/** Where a dead letter stands in its topic. */
export interface LetterPlace {
  readonly partition: number
  readonly offset: bigint
}

export const placeText = ({ partition, offset }: LetterPlace): string => `${partition}:${offset}`

/** @throws UsageError when the text is no place. */
export function parsePlace(text: string): LetterPlace {
  const match = /^(\d{1,9}):(\d{1,18})$/.exec(text)
  if (match === null)
    throw new UsageError(
      `"${text}" is no place: give partition and offset as the list shows them, such as 0:17`,
    )
  return { partition: Number(match[1]), offset: BigInt(match[2]!) }
}

/** Tells which letters are meant. @throws UsageError when an option makes no sense. */
export function letterFilter({
  topic,
  group,
  reason,
  since,
}: LetterFilters): (letter: DeadLetter) => boolean {
  sinceMs(since)
  const known = topics.map(({ name }) => name).filter((name) => name !== DEAD_LETTERS)
  if (topic !== undefined && !known.includes(topic))
    throw new UsageError(`--topic ${topic} is none of the topics ${known.join(', ')}`)
  const wanted = reason?.toLowerCase()
  return (letter) =>
    (topic === undefined || letter.origin?.topic === topic) &&
    (group === undefined || letter.group === group) &&
    (wanted === undefined || (letter.reason?.toLowerCase().includes(wanted) ?? false))
}

/**
 * The letters that the options choose, oldest first per partition, as they were when this began. Joins no group.
 *
 * @throws UsageError when an option makes no sense
 */
export async function* readLetters(log: EventLog, options: LetterFilters): AsyncGenerator<DeadLetter> {
  const matches = letterFilter(options)
  const ageMs = sinceMs(options.since)
  const to = await log.admin.endOffsets(DEAD_LETTERS)
  const from =
    ageMs === null
      ? new Map<number, bigint>()
      : await log.admin.offsetsByTime(DEAD_LETTERS, Date.now() - ageMs)
  for await (const records of log.admin.read(DEAD_LETTERS, from, to)) {
    for (const record of records) {
      const letter = readDeadLetter(record)
      if (matches(letter)) yield letter
    }
  }
}

/**
 * The letters at these places, in the order of the log; a place that is named twice comes once.
 *
 * @throws CommandError when there is none at one of them
 */
export async function readPlaces(
  log: EventLog,
  places: readonly LetterPlace[],
): Promise<readonly DeadLetter[]> {
  const ends = await log.admin.endOffsets(DEAD_LETTERS)
  const missing = new Map(places.map((place) => [placeText(place), place]))
  const from = new Map<number, bigint>()
  const to = new Map<number, bigint>()
  for (const place of missing.values()) {
    const { partition, offset } = place
    const end = ends.get(partition)
    if (end === undefined || offset >= end) throw noLetter(place, ends)
    const [first, last] = [from.get(partition) ?? offset, to.get(partition) ?? 0n]
    from.set(partition, offset < first ? offset : first)
    to.set(partition, offset >= last ? offset + 1n : last)
  }
  const letters: DeadLetter[] = []
  for await (const records of log.admin.read(DEAD_LETTERS, from, to))
    for (const record of records) if (missing.delete(placeText(record))) letters.push(readDeadLetter(record))
  for (const place of missing.values()) throw noLetter(place, ends)
  return letters
}

function noLetter(place: LetterPlace, ends: ReadonlyMap<number, bigint>): CommandError {
  const { partition, offset } = place
  const end = ends.get(partition)
  const why =
    end === undefined
      ? `the topic has partitions 0 to ${ends.size - 1}`
      : offset < end
        ? 'it is older than the topic keeps them'
        : end === 0n
          ? 'there is none at all'
          : `the newest is ${placeText({ partition, offset: end - 1n })}`
  return new CommandError(
    `There is no dead letter ${placeText(place)}: ${why}. See: npm run dead-letters -- list`,
  )
}

/** What became of a letter's value when it was decoded as a record of the topic that it came from. */
export type Decoding = { readonly value: unknown } | { readonly problem: string }

/** Never rejects because of the bytes; rejects when the registry does not answer. */
export async function decodeLetter(codec: Codec, { origin, record }: DeadLetter): Promise<Decoding> {
  if (origin === null) return { problem: 'its headers do not say which topic it came from' }
  if (!topics.some(({ name }) => name === origin.topic))
    return { problem: `this release has no topic ${origin.topic}` }
  if (record.value === null) return { problem: 'it has no value, and no topic here has tombstones' }
  try {
    return { value: await codec.decode(origin.topic, record.value) }
  } catch (error) {
    if (error instanceof Error && error.name === 'DecodeError') return { problem: error.message }
    throw error
  }
}

/** A missing topic is said in words that fit. */
export function explainLogError(error: unknown): unknown {
  return error instanceof EventLogError && error.code === 'UNKNOWN_TOPIC'
    ? new CommandError(`There is no topic ${DEAD_LETTERS} yet. Run: npm run migrate`, { cause: error })
    : error
}

function sinceMs(since: string | undefined): number | null {
  if (since === undefined) return null
  const ms = parseDuration(since)
  if (ms === null) throw new UsageError(`--since ${since} is no duration: write 30m, 2h or 7d`)
  return ms
}
