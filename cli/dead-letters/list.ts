import type { Redrive } from '#libs/db/redrives.ts'
import { idOf, letterCause, placeText, readLetters, redrivesOf } from '#libs/service/dead-letters.ts'
import type { DeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import type { ListOptions } from '../commands/dead-letters.ts'
import { exitCodes, UsageError } from '../failure.ts'
import { bytes, counted, table } from '../terminal.ts'
import { letterChoice } from './letters.ts'
import { withBackends } from './open.ts'

const MAX_REASON = 80
const MAX_LIMIT = 10_000

/** Prints dead letters and a summary; resolves to the exit code. */
export async function listDeadLetters(options: ListOptions): Promise<number> {
  const limit = Number(options.limit)
  if (!/^\d+$/.test(options.limit) || limit < 1 || limit > MAX_LIMIT)
    throw new UsageError(`--limit ${options.limit} is no number from 1 to ${MAX_LIMIT}`)
  const choice = letterChoice(options) // wrong usage is told before anything is opened
  return await withBackends(async ({ backends, db }) => {
    let newest: DeadLetter[] = []
    const summary = new Summary()
    for await (const letter of readLetters(backends.log(), choice)) {
      summary.add(letter)
      newest.push(letter)
      if (newest.length >= 2 * limit) newest = newestOf(newest, limit)
    }
    newest = newestOf(newest, limit)
    const redrives = await redrivesOf(db, newest)
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ total: summary.total, summary: summary.rows, letters: newest.map((letter) => toJson(letter, redrives.get(idOf(letter)))) }, null, 2)}\n`
        : `${listText(newest, summary, redrives)}\n`,
    )
    return exitCodes.ok
  })
}

/** A letter as `--json` shows it. */
export function toJson(letter: DeadLetter, redrive?: Redrive) {
  const { record, origin, group, reason, at } = letter
  return {
    place: placeText(record),
    partition: record.partition,
    offset: String(record.offset),
    origin: origin === null ? null : { ...origin, offset: String(origin.offset) },
    group,
    reason,
    at: new Date(at).toISOString(),
    bytes: sizeOf(letter),
    redrivenBefore: letter.redriven,
    redrivenAt: redrive?.lastAt.toISOString() ?? null,
  }
}

const sizeOf = ({ record }: DeadLetter): number => (record.key?.length ?? 0) + (record.value?.length ?? 0)

function newestOf(letters: readonly DeadLetter[], limit: number): DeadLetter[] {
  return letters
    .toSorted((a, b) => a.record.timestamp - b.record.timestamp || Number(a.record.offset - b.record.offset))
    .slice(-limit)
}

/** Counts by origin topic and reason; what differs from record to record in a reason does not make it another one. */
class Summary {
  total = 0
  readonly #counts = new Map<string, { topic: string | null; reason: string | null; letters: number }>()

  add(letter: DeadLetter): void {
    this.total++
    const topic = letter.origin?.topic ?? null
    const kind = letter.reason === null ? null : shorten(letterCause(letter))
    const key = JSON.stringify([topic, kind])
    const found = this.#counts.get(key)
    if (found === undefined) this.#counts.set(key, { topic, reason: kind, letters: 1 })
    else found.letters++
  }

  get rows() {
    return [...this.#counts.values()].sort((a, b) => b.letters - a.letters)
  }
}

function listText(
  letters: readonly DeadLetter[],
  summary: Summary,
  redrives: ReadonlyMap<string, Redrive>,
): string {
  if (summary.total === 0) return 'There are no dead letters.'
  const rows = letters.map((letter) => [
    placeText(letter.record),
    new Date(letter.at).toISOString().slice(0, 19).replace('T', ' '),
    letter.origin === null ? 'unknown' : `${letter.origin.topic}/${placeText(letter.origin)}`,
    letter.group ?? 'unknown',
    bytes(sizeOf(letter)),
    redrives.has(idOf(letter)) ? 'redriven' : '',
    shorten(letter.reason ?? 'unknown'),
  ])
  const counts = summary.rows.map(({ topic, reason, letters: n }) => [
    n,
    topic ?? 'unknown',
    reason ?? 'unknown',
  ])
  const shown = letters.length < summary.total ? `, the newest ${letters.length} of them above` : ''
  return [
    table([['place', 'rejected (UTC)', 'origin', 'group', 'bytes', '', 'reason'], ...rows]),
    '',
    `${counted(summary.total, 'dead letter')}${shown}:`,
    table(counts),
    '',
    'Look at one: npm run dead-letters -- show <place>',
  ].join('\n')
}

/** One line, without what could steer a terminal. */
function shorten(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON - 1)}…` : line
}
