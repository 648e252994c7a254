import { createInterface } from 'node:readline/promises'
import { openDatabase } from '#libs/db/database.ts'
import { type Comparison, compareFresh } from '#libs/db/replay/compare.ts'
import {
  type FreshSchema,
  isSchemaName,
  openFreshSchema,
  SchemaTakenError,
} from '#libs/db/replay/fresh-schema.ts'
import { type ReplayLock, tryReplayLock } from '#libs/db/replay/replay-lock.ts'
import { EventLogError } from '#libs/event-log/port.ts'
import { databaseUrl } from '#libs/service/backends.ts'
import {
  DEAD_LETTERS,
  OFFERS_REQUESTS,
  OFFERS_RESULTS,
  SYNC_REQUESTS,
  SYNC_RESULTS,
} from '#schemas/topics.ts'
import {
  type ReplayProgress,
  type ReplayReport,
  runReplay,
  sizeOf,
} from '#services/persister/replay/run-replay.ts'
import type { ReplayCommandOptions } from '../commands/replay.ts'
import { type Opened, withDatabase } from '../database.ts'
import { requireLog } from '../dead-letters/open.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { progressBar } from '../progress-bar.ts'
import { count, counted, duration } from '../terminal.ts'
import { chooseRecords, type RecordChoice } from './choice.ts'
import { parsePosition, type ResolvedRange, resolveRange } from './positions.ts'
import { createReplayer } from './replayer.ts'
import { comparisonText, goneText, reportJson, reportText } from './report-text.ts'

const LIVE = 'live'
const SAMPLED = 10
/** Comparing reads whole tables. */
const COMPARE_TIMEOUT_MS = 3_600_000

/** Replays a topic; resolves to the exit code. */
export async function replay(topic: string, options: ReplayCommandOptions): Promise<number> {
  requireReplayable(topic)
  const now = Date.now()
  const from = parsePosition('--from', options.from, now)
  const to = options.to === undefined ? null : parsePosition('--to', options.to, now)
  requireSense(topic, options)
  return withDatabase(async (opened) => {
    await requireLog(opened)
    const choice = await chooseRecords(opened, topic, options)
    const range = await resolveRange(opened.backends.log().admin, topic, from, to).catch(explain(topic))
    for (const line of goneText(topic, range)) process.stderr.write(`${line}\n`)
    const live = options.into === LIVE
    if (live && !options.dryRun && sizeOf(range) > 0) await confirm(topic, range, options)
    const run = async (lost?: AbortSignal): Promise<number> => {
      const schema = live ? null : await makeSchema(opened, options.into)
      const report = await withSignals(lost, (signal) =>
        runOver(opened, { topic, options, range, choice, schema, signal }),
      )
      if (lost?.aborted) throw new CommandError(`${(lost.reason as Error).message}. ${AGAIN}`)
      const comparisons = schema && options.compare && report.complete ? await compare(opened, schema) : null
      print(topic, options, range, report, comparisons)
      const unused = report.undecodable.count + report.unusable.count
      return report.complete && unused === 0 ? exitCodes.ok : exitCodes.failed
    }
    if (options.dryRun) return run()
    const lock = await requireLock(opened, topic, options.into)
    try {
      return await run(lock.lost)
    } finally {
      lock.release()
    }
  })
}

const AGAIN = 'Run the same command again: what is done already is left alone'

function requireReplayable(topic: string): void {
  if (topic === SYNC_RESULTS || topic === OFFERS_RESULTS) return
  const why =
    topic === SYNC_REQUESTS || topic === OFFERS_REQUESTS
      ? 'replaying requests would ask Amazon again. To ask again: npm run sync'
      : topic === DEAD_LETTERS
        ? 'dead letters go back to where they came from with: npm run dead-letters -- redrive'
        : 'there is no such topic'
  throw new UsageError(
    `${topic} can not be replayed: ${why}. What can is ${SYNC_RESULTS} and ${OFFERS_RESULTS}`,
  )
}

function requireSense(
  topic: string,
  { into, rematch, compare: compared, dryRun }: ReplayCommandOptions,
): void {
  if (into !== LIVE && !isSchemaName(into))
    throw new UsageError(
      `--into ${into} is neither live nor a name for a schema: small letters, digits and _, such as replay_20261123`,
    )
  if (into === LIVE && compared)
    throw new UsageError('--compare needs tables to compare: add --into <schema>')
  if (into !== LIVE && dryRun)
    throw new UsageError('--dry-run is for the live tables: into a schema, nothing of them changes')
  if (topic === OFFERS_RESULTS && rematch)
    throw new UsageError(`--rematch is for ${SYNC_RESULTS}: prices are not matched`)
}

async function makeSchema({ db }: Opened, name: string): Promise<FreshSchema> {
  try {
    return await openFreshSchema(db, name)
  } catch (error) {
    throw error instanceof SchemaTakenError ? new UsageError(error.message) : error
  }
}

async function requireLock({ db }: Opened, topic: string, into: string): Promise<ReplayLock> {
  const lock = await tryReplayLock(db, `asinstream replay ${topic} into ${into}`)
  if ('lost' in lock) return lock
  const who = lock.holder
    ? `"${lock.holder.name}" since ${lock.holder.since.toISOString()} (process ${lock.holder.pid} of PostgreSQL)`
    : 'it has just ended'
  throw new CommandError(`Another replay is under way: ${who}. One at a time.`)
}

interface Run {
  readonly topic: string
  readonly options: ReplayCommandOptions
  readonly range: ResolvedRange
  readonly choice: RecordChoice
  readonly schema: FreshSchema | null
  readonly signal: AbortSignal
}

async function runOver(opened: Opened, run: Run): Promise<ReplayReport> {
  const { topic, options, range, choice, schema, signal } = run
  const bar = progressBar()
  const started = performance.now()
  bar.update(0, sizeOf(range), `0 of ${counted(sizeOf(range), 'record')}`)
  try {
    return await runReplay({
      log: opened.backends.log(),
      codec: opened.backends.codec(),
      topic,
      range,
      replayer: createReplayer(opened, topic, {
        schema,
        dryRun: options.dryRun === true,
        rematch: options.rematch === true,
      }),
      wanted: choice,
      signal,
      onProgress: (progress) =>
        bar.update(progress.done, progress.total, progressText(progress, performance.now() - started)),
    })
  } finally {
    bar.stop()
  }
}

/** Rate and time left by what was passed so far. */
function progressText({ done, total, records, changed }: ReplayProgress, elapsedMs: number): string {
  const perSecond = (1_000 * records) / Math.max(1, elapsedMs)
  const left = done === 0 ? 0 : ((elapsedMs / 1_000) * (total - done)) / done
  return `${count(done)} of ${counted(total, 'record')}, ${count(Math.round(perSecond))}/s, about ${duration(left)} left, ${count(changed)} changed`
}

/** Ctrl-C and SIGTERM end the replay after the chunk in hand; a second one ends the process. */
async function withSignals<T>(
  lost: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.once(name, onSignal)
  try {
    return await work(lost ? AbortSignal.any([stop.signal, lost]) : stop.signal)
  } finally {
    for (const name of signals) process.removeListener(name, onSignal)
  }
}

/** Asks on a terminal; elsewhere a script has meant what it says only with `--yes`. */
async function confirm(topic: string, range: ResolvedRange, { yes }: ReplayCommandOptions): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask on: add --yes, or --dry-run to see what would change')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = `Replay ${counted(sizeOf(range), 'record')} of ${topic} into the live tables? [y/N] `
    const answer = await terminal.question(question)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was replayed.')
  } finally {
    terminal.close()
  }
}

async function compare({ config }: Opened, schema: FreshSchema): Promise<readonly Comparison[]> {
  const patient = await openDatabase({
    url: databaseUrl(config),
    poolSize: 1,
    applicationName: 'asinstream-cli',
    statementTimeoutMs: COMPARE_TIMEOUT_MS,
  })
  try {
    return await compareFresh(patient, schema, SAMPLED)
  } finally {
    await patient.close()
  }
}

function print(
  topic: string,
  options: ReplayCommandOptions,
  range: ResolvedRange,
  report: ReplayReport,
  comparisons: readonly Comparison[] | null,
): void {
  const told = { topic, into: options.into, dryRun: options.dryRun === true, range, report, comparisons }
  if (options.json) process.stdout.write(`${JSON.stringify(reportJson(told), null, 2)}\n`)
  else {
    process.stdout.write(`${reportText(told)}\n`)
    if (comparisons) process.stdout.write(`\n${comparisonText(options.into, comparisons)}\n`)
  }
  if (!report.complete) process.stderr.write(`Interrupted. ${AGAIN}.\n`)
}

const explain =
  (topic: string) =>
  (error: unknown): never => {
    throw error instanceof EventLogError && error.code === 'UNKNOWN_TOPIC'
      ? new CommandError(`There is no topic ${topic} yet. Run: npm run migrate`, { cause: error })
      : error
  }
