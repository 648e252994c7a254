import type { Database, Queryable } from '#libs/db/database.ts'
import { claimRedrives, findRedrives, forgetRedrives, type Redrive } from '#libs/db/redrives.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { type DeadLetter, readDeadLetter, redriven } from '#libs/stream/dead-letter-redrive.ts'
import type { Codec } from '#libs/stream/processor.ts'
import { DEAD_LETTERS, topics } from '#schemas/topics.ts'

/** Letters that are brought back in one transaction, in records and in bytes. */
const BATCH_RECORDS = 500
const BATCH_BYTES = 8 * 1_048_576
const MAX_CAUSE = 200

/** Where a dead letter stands in its topic. */
export interface LetterPlace {
  readonly partition: number
  readonly offset: bigint
}

export const placeText = ({ partition, offset }: LetterPlace): string => `${partition}:${offset}`

/** Null when the text is no place. */
export function placeOf(text: string): LetterPlace | null {
  const match = /^(\d{1,9}):(\d{1,18})$/.exec(text)
  return match === null ? null : { partition: Number(match[1]), offset: BigInt(match[2]!) }
}

/** Which letters are meant; what is absent does not choose. */
export interface LetterChoice {
  /** Where they came from. */
  readonly topic?: string
  /** Who rejected them. */
  readonly group?: string
  /** Part of the reason, in any case. */
  readonly reason?: string
  /** As `letterCause` has it. */
  readonly cause?: string
  /** Of this time up to now, in milliseconds. */
  readonly ageMs?: number
}

export const originTopics: readonly string[] = topics
  .map(({ name }) => name)
  .filter((name) => name !== DEAD_LETTERS)

export function isChosen(letter: DeadLetter, { topic, group, reason, cause }: LetterChoice): boolean {
  return (
    (topic === undefined || letter.origin?.topic === topic) &&
    (group === undefined || letter.group === group) &&
    (reason === undefined || (letter.reason?.toLowerCase().includes(reason.toLowerCase()) ?? false)) &&
    (cause === undefined || letterCause(letter) === cause)
  )
}

/** The reason without what differs from letter to letter, in one line that can not steer a terminal. */
export function letterCause({ reason }: DeadLetter): string {
  const line = (reason ?? 'no reason was given').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/\d+/g, 'N')
    .slice(0, MAX_CAUSE)
}

/** How much of the topic was looked at. */
export interface ReadExtent {
  records: number
  /** Records that there were at the start, those that are kept no longer included. */
  of: number
}

/**
 * The letters of a choice, oldest first per partition, as they were when this began. Joins no group. With `newest`, no more
 * than so many records of each partition are looked at; `extent` tells.
 */
export async function* readLetters(
  log: EventLog,
  choice: LetterChoice,
  { newest, extent }: { readonly newest?: number; readonly extent?: ReadExtent } = {},
): AsyncGenerator<DeadLetter> {
  const to = await log.admin.endOffsets(DEAD_LETTERS)
  const since =
    choice.ageMs === undefined
      ? new Map<number, bigint>()
      : await log.admin.offsetsByTime(DEAD_LETTERS, Date.now() - choice.ageMs)
  const from = new Map(since)
  for (const [partition, end] of to) {
    const first = since.get(partition) ?? 0n
    const bounded = newest !== undefined && end - first > BigInt(newest) ? end - BigInt(newest) : undefined
    if (bounded !== undefined) from.set(partition, bounded)
    if (extent) extent.of += Number(end - first)
  }
  for await (const records of log.admin.read(DEAD_LETTERS, from, to)) {
    if (extent) extent.records += records.length
    for (const record of records) {
      const letter = readDeadLetter(record)
      if (isChosen(letter, choice)) yield letter
    }
  }
}

/** There is no letter at a place; the message says why. */
export class NoSuchLetter extends Error {
  override readonly name = 'NoSuchLetter'
}

/**
 * The letters at these places, in the order of the log; a place that is named twice comes once.
 *
 * @throws NoSuchLetter when there is none at one of them
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

function noLetter(place: LetterPlace, ends: ReadonlyMap<number, bigint>): NoSuchLetter {
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
  return new NoSuchLetter(`There is no dead letter ${placeText(place)}: ${why}.`)
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

/** Which of these letters were brought back, by `idOf`. */
export async function redrivesOf(
  db: Queryable,
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, Redrive>> {
  const found = await findRedrives(
    db,
    letters.map(({ record }) => record),
  )
  return new Map(found.map((redrive) => [`${placeText(redrive)}@${redrive.timestamp}`, redrive]))
}

/** Names a letter for good, also when the topic is made anew. */
export const idOf = ({ record }: DeadLetter): string => `${placeText(record)}@${record.timestamp}`

export interface Letters {
  readonly db: Database
  readonly log: EventLog
  readonly codec: Codec
}

export interface RedriveWish {
  /** Also those that were brought back before. */
  readonly again?: boolean
  /** Also those that can still not be decoded. */
  readonly undecodable?: boolean
  /** Only say what would be done. */
  readonly dryRun?: boolean
  /** Runs in the transaction of each batch, with how many it brings back. */
  readonly alsoWrite?: (tx: Queryable, letters: readonly DeadLetter[]) => Promise<void>
}

/** Why a letter was left alone. */
export type LeftBecause = 'redriven-before' | 'undecodable' | 'no-origin'

export interface RedriveReport {
  chosen: number
  redriven: number
  readonly left: { readonly place: string; readonly because: LeftBecause; readonly reason: string }[]
}

/** Brings letters back to the topics that they came from, a batch in each transaction; those that would not help are left. */
export async function redriveLetters(
  letters: Letters,
  chosen: AsyncIterable<DeadLetter> | Iterable<DeadLetter>,
  wish: RedriveWish,
): Promise<RedriveReport> {
  const report: RedriveReport = { chosen: 0, redriven: 0, left: [] }
  for await (const batch of batches(chosen)) await redriveBatch(letters, batch, wish, report)
  if (!wish.dryRun) await forgetOld(letters.db)
  return report
}

async function redriveBatch(
  letters: Letters,
  batch: readonly DeadLetter[],
  wish: RedriveWish,
  report: RedriveReport,
): Promise<void> {
  const { db, log } = letters
  report.chosen += batch.length
  const fit = await fitOnes(letters.codec, batch, wish, report)
  const leave = (letter: DeadLetter) =>
    report.left.push({
      place: placeText(letter.record),
      because: 'redriven-before',
      reason: 'it was brought back before',
    })
  if (wish.dryRun) {
    const before = wish.again ? new Map() : await redrivesOf(db, fit)
    for (const letter of fit) if (before.has(idOf(letter))) leave(letter)
    report.redriven += fit.length - before.size
    return
  }
  const claimed = await db.transaction(async (tx) => {
    const ids = await claimRedrives(
      tx,
      fit.map(({ record }) => record),
      { again: wish.again === true },
    )
    const ours = new Set(ids.map((id) => `${placeText(id)}@${id.timestamp}`))
    const mine = fit.filter((letter) => ours.has(idOf(letter)))
    if (mine.length > 0) await wish.alsoWrite?.(tx, mine)
    // Before the commit: a crash in between brings them back twice, which services do not mind, rather than never.
    await log.append(mine.map(redriven))
    return ours
  })
  for (const letter of fit) if (!claimed.has(idOf(letter))) leave(letter)
  report.redriven += claimed.size
}

/** Those that can be brought back at all, and would not come straight back. */
async function fitOnes(
  codec: Codec,
  letters: readonly DeadLetter[],
  wish: RedriveWish,
  report: RedriveReport,
): Promise<readonly DeadLetter[]> {
  const fit: DeadLetter[] = []
  for (const letter of letters) {
    const decoding = await decodeLetter(codec, letter)
    const known = topics.some(({ name }) => name === letter.origin?.topic)
    if ('value' in decoding || (wish.undecodable && known)) fit.push(letter)
    else
      report.left.push({
        place: placeText(letter.record),
        because: known ? 'undecodable' : 'no-origin',
        reason: `it still can not be decoded: ${decoding.problem}`,
      })
  }
  return fit
}

async function* batches(
  letters: AsyncIterable<DeadLetter> | Iterable<DeadLetter>,
): AsyncGenerator<readonly DeadLetter[]> {
  let batch: DeadLetter[] = []
  let bytes = 0
  for await (const letter of letters) {
    batch.push(letter)
    bytes += letter.record.value?.length ?? 0
    if (batch.length < BATCH_RECORDS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Letters that the topic no longer keeps can not be brought back: nothing needs to be known of them. */
async function forgetOld(db: Database): Promise<void> {
  const keptMs = topics.find(({ name }) => name === DEAD_LETTERS)?.retentionMs ?? -1
  if (keptMs > 0) await forgetRedrives(db, new Date(Date.now() - 2 * keptMs))
}
