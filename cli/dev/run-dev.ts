import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { stopSignal } from '#libs/service/stop-signal.ts'
import { type Environment, readConfig } from '../configuration.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { startAmazon } from './amazon.ts'
import { banner } from './banner.ts'
import { choosePort, DEFAULT_PORT } from './choose-port.ts'
import { databaseFolder, deleteDatabase } from './database-folder.ts'
import { type LogFile, openLogFile } from './log-file.ts'
import type { DevOptions } from './options.ts'
import { followProgress } from './progress.ts'
import { openScreen, type Screen } from './screen.ts'
import type { DevServices } from './start-services.ts'

/** After Ctrl-C: when the process ends, whatever is still open. The next start makes that good, as after a kill. */
const DEADLINE_MS = 1_800

interface Running extends DevServices {
  readonly url: string
  /** Resolves when the embedded database has ended by itself; never when there is none. */
  readonly databaseEnded: Promise<unknown>
}

/**
 * Everything in one process until a signal ends it. Resolves to 0 then, also when it came during the start; rejects when
 * something can not start or go on.
 */
export async function runDev(options: DevOptions, environment: Environment): Promise<number> {
  const screen = openScreen()
  const stop = stopSignal({
    info: () => screen.line('Ending …'),
    warn: () => screen.line('Ending at once.'),
  })
  void stop.requested.then(() => {
    setTimeout(() => process.exit(exitCodes.ok), DEADLINE_MS).unref()
  })
  const opened = new AsyncDisposableStack()
  try {
    const running = await start(options, environment, { screen, opened, signal: stop.signal })
    if (running === null) return exitCodes.ok
    const { services, databaseEnded } = running
    const ending = new AbortController()
    const display = follow(running, screen, ending.signal)
    opened.defer(() => {
      ending.abort()
      return display
    })
    await Promise.race([
      stop.requested,
      services.finished.then(() => {
        if (!stop.signal.aborted) throw new CommandError('the services ended by themselves: see the log file')
      }),
      databaseEnded.then(() => {
        const log = join(databaseFolder(resolve(options.dataDir)), 'postgres.log')
        throw new CommandError(`the embedded PostgreSQL ended by itself: see ${log}`)
      }),
    ])
    return exitCodes.ok
  } finally {
    screen.close()
    await opened.disposeAsync()
  }
}

interface Surroundings {
  readonly screen: Screen
  readonly opened: AsyncDisposableStack
  readonly signal: AbortSignal
}

/** Null when a signal came meanwhile; what was started then is on the stack, as always. */
async function start(
  options: DevOptions,
  environment: Environment,
  { screen, opened, signal }: Surroundings,
): Promise<Running | null> {
  const asked = readConfig({
    ...environment,
    ...(options.port === undefined ? {} : { PORT: String(options.port) }),
  })
  if (options.fresh && asked.DATABASE_URL !== undefined) {
    throw new UsageError(
      '--fresh deletes the embedded database, but DATABASE_URL names another one: unset it, or leave --fresh out.',
    )
  }
  const dataDir = resolve(options.dataDir)
  makeFolder(dataDir)
  const port = await choosePort(asked.HOST, asked.PORT)
  const amazon = await startAmazon(asked, options)
  if (amazon.kind === 'simulator') opened.defer(() => amazon.simulator.stop())
  if (options.fresh && (await deleteDatabase(dataDir)))
    screen.line('The database of the last runs is deleted.')
  // The services' modules take about as long to load as PostgreSQL takes to start.
  const [postgres, { startServices }] = await Promise.all([
    asked.DATABASE_URL === undefined ? startPostgres(dataDir, opened) : null,
    import('./start-services.ts'),
  ])
  if (signal.aborted) return null

  const config = readConfig({
    ...environment,
    ...(postgres ? { DATABASE_URL: postgres.url } : {}),
    ...(amazon.kind === 'simulator' ? amazon.environment : {}),
    PORT: String(port),
  })
  const log = openLog(dataDir, screen, opened)
  const { products } = options
  const started = await startServices({ config, amazon: amazon.kind, products, log, opened, signal })
  if (started === null) return null
  const { sample, services } = started
  if (sample.note !== null) screen.line(sample.note)
  const url = urlOf(config.HOST, services.address.port)
  const movedFrom = asked.PORT === undefined && port !== DEFAULT_PORT ? DEFAULT_PORT : null
  const embedded = postgres && { folder: databaseFolder(dataDir), url: postgres.url }
  screen.line(banner({ config, amazon, url, embedded, logPath: log.path, seeded: sample.seeded, movedFrom }))
  return { ...started, url, databaseEnded: postgres?.ended ?? new Promise(() => {}) }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (error) {
    throw new CommandError(
      `the data folder ${dataDir} can not be made: ${(error as Error).message}. Choose another with --data-dir.`,
      { cause: error },
    )
  }
}

async function startPostgres(dataDir: string, opened: AsyncDisposableStack): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dir: databaseFolder(dataDir) })
  opened.defer(() => postgres.stop())
  return postgres
}

function openLog(dataDir: string, screen: Screen, opened: AsyncDisposableStack): LogFile {
  const log = openLogFile(join(dataDir, 'asinstream.log'), (level, line) => screen.warning(level, line))
  opened.defer(() => log.close())
  return log
}

/** Where a browser of this machine finds it. */
function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function follow({ readStatus, url }: Running, screen: Screen, signal: AbortSignal): Promise<void> {
  let failing = false
  return followProgress({
    async read() {
      const status = await readStatus()
      failing = false
      return status
    },
    view: screen.progress,
    next({ states }) {
      const exceptions = (['error', 'ambiguous', 'invalid'] as const).find((state) => states[state] > 0)
      return `Look at them: ${url}/${exceptions ? ` or ${url}/products?syncStatus=${exceptions}` : ''}`
    },
    signal,
    onError(error) {
      if (!failing) screen.warning('warn', `the status can not be read: ${(error as Error).message}`)
      failing = true
    },
  })
}
