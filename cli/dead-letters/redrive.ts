import { createInterface } from 'node:readline/promises'
import { claimRedrives, forgetRedrives } from '#libs/db/redrives.ts'
import { type DeadLetter, redriven } from '#libs/stream/dead-letter-redrive.ts'
import { DEAD_LETTERS, topics } from '#schemas/topics.ts'
import type { RedriveOptions } from '../commands/dead-letters.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { counted } from '../terminal.ts'
import { decodeLetter, letterFilter, parsePlace, placeText, readLetters, readPlaces } from './letters.ts'
import { idOf, redrivesOf } from './list.ts'
import { type Opened, withBackends } from './open.ts'

/** Letters that are brought back in one transaction, in records and in bytes. */
const BATCH_RECORDS = 500
const BATCH_BYTES = 8 * 1_048_576

interface Report {
  redriven: number
  /** What was left alone, and why. */
  readonly left: { readonly place: string; readonly reason: string }[]
}

/** Brings dead letters back to the topics that they came from; resolves to the exit code. */
export async function redriveDeadLetters(texts: readonly string[], options: RedriveOptions): Promise<number> {
  const { topic, group, reason, since, all } = options
  const filtered = [topic, group, reason, since].some((option) => option !== undefined)
  if (texts.length > 0 && (filtered || all))
    throw new UsageError('Name places, or choose by --all, --topic, --group, --reason and --since, not both')
  if (texts.length === 0 && !filtered && !all)
    throw new UsageError('Say which ones: places such as 0:17, --all, or --topic, --group, --reason, --since')
  const places = texts.map(parsePlace)
  letterFilter(options)
  return await withBackends(async (opened) => {
    const log = opened.backends.log()
    const report: Report = { redriven: 0, left: [] }
    const letters = async function* (): AsyncGenerator<DeadLetter> {
      if (places.length === 0) yield* readLetters(log, options)
      // All are looked up before the first is brought back: a wrong one leaves nothing half-done.
      else yield* await readPlaces(log, places)
    }
    if (!options.dryRun) await confirm(options, () => count(opened, letters(), options))
    for await (const batch of batches(letters())) await redriveBatch(opened, batch, options, report)
    if (!options.dryRun) await forgetOld(opened)
    print(report, options)
    return texts.length > 0 && report.left.length > 0 ? exitCodes.failed : exitCodes.ok
  })
}

async function redriveBatch(
  opened: Opened,
  letters: readonly DeadLetter[],
  options: RedriveOptions,
  report: Report,
): Promise<void> {
  const { backends, db } = opened
  const fit = await fitOnes(opened, letters, options, report)
  const leave = (letter: DeadLetter) =>
    report.left.push({
      place: placeText(letter.record),
      reason: 'it was brought back before (--again does it again)',
    })
  if (options.dryRun) {
    const before = options.again ? new Map() : await redrivesOf(db, fit)
    for (const letter of fit) if (before.has(idOf(letter))) leave(letter)
    report.redriven += fit.length - before.size
    return
  }
  const claimed = await db.transaction(async (tx) => {
    const ids = await claimRedrives(
      tx,
      fit.map(({ record }) => record),
      { again: options.again === true },
    )
    const ours = new Set(ids.map((id) => `${placeText(id)}@${id.timestamp}`))
    // Before the commit: a crash in between brings them back twice, which services do not mind, rather than never.
    await backends.log().append(fit.filter((letter) => ours.has(idOf(letter))).map(redriven))
    return ours
  })
  for (const letter of fit) if (!claimed.has(idOf(letter))) leave(letter)
  report.redriven += claimed.size
}

/** Those that can be brought back at all, and would not come straight back. */
async function fitOnes(
  { backends }: Opened,
  letters: readonly DeadLetter[],
  options: RedriveOptions,
  report: Report,
): Promise<readonly DeadLetter[]> {
  const fit: DeadLetter[] = []
  for (const letter of letters) {
    const decoding = await decodeLetter(backends.codec(), letter)
    const known = topics.some(({ name }) => name === letter.origin?.topic)
    if ('value' in decoding || (options.undecodable && known)) fit.push(letter)
    else
      report.left.push({
        place: placeText(letter.record),
        reason: `it still can not be decoded: ${decoding.problem}${known ? ' (--undecodable does it all the same)' : ''}`,
      })
  }
  return fit
}

/** Asks on a terminal; elsewhere a script has meant what it says only with `--yes`. */
async function confirm(options: RedriveOptions, ask: () => Promise<number>): Promise<void> {
  if (options.yes) return
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask on: add --yes, or --dry-run to see what would be done')
  const wanted = await ask()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`Bring back ${counted(wanted, 'dead letter')}? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was brought back.')
  } finally {
    terminal.close()
  }
}

async function count(
  opened: Opened,
  letters: AsyncIterable<DeadLetter>,
  options: RedriveOptions,
): Promise<number> {
  const report: Report = { redriven: 0, left: [] }
  for await (const batch of batches(letters))
    await redriveBatch(opened, batch, { ...options, dryRun: true }, report)
  return report.redriven
}

async function* batches(letters: AsyncIterable<DeadLetter>): AsyncGenerator<readonly DeadLetter[]> {
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
async function forgetOld({ db }: Opened): Promise<void> {
  const keptMs = topics.find(({ name }) => name === DEAD_LETTERS)?.retentionMs ?? -1
  if (keptMs > 0) await forgetRedrives(db, new Date(Date.now() - 2 * keptMs))
}

function print({ redriven: n, left }: Report, options: RedriveOptions): void {
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ dryRun: options.dryRun === true, redriven: n, left }, null, 2)}\n`,
    )
    return
  }
  const did = options.dryRun ? 'would be brought back' : n === 1 ? 'was brought back' : 'were brought back'
  process.stdout.write(`${counted(n, 'dead letter')} ${did}.\n`)
  for (const { place, reason } of left.slice(0, 20)) process.stdout.write(`Left alone: ${place}, ${reason}\n`)
  if (left.length > 20) process.stdout.write(`… and ${left.length - 20} more (--json has all)\n`)
}
