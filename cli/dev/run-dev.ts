import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Database } from '#libs/db/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { explainDatabaseError } from '#libs/db/errors.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { readSyncStatus } from '#libs/db/sync-status.ts'
import { createBackends, databaseUrl } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import { stopSignal } from '#libs/service/run.ts'
import { resolveMarketplaces } from '#libs/sp-api/index.ts'
import { type AllServices, startAllServices } from '../all-services.ts'
import { type Environment, readConfig } from '../configuration.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { type Amazon, startAmazon } from './amazon.ts'
import { banner } from './banner.ts'
import { choosePort, DEFAULT_PORT } from './choose-port.ts'
import { databaseFolder, deleteDatabase } from './database-folder.ts'
import { type LogFile, openLogFile } from './log-file.ts'
import { DEFAULT_PRODUCTS, type DevOptions } from './options.ts'
import { followProgress } from './progress.ts'
import { openScreen, type Screen } from './screen.ts'
import { hasProducts, seedSample } from './seed.ts'

/** After Ctrl-C: what services get to finish their work in flight, and when the process ends whatever is still open. */
const GRACE_MS = 700
const DEADLINE_MS = 1_800

interface Running {
  readonly services: AllServices
  readonly db: Database
  readonly config: Config
  readonly url: string
  /** Resolves when the embedded database has ended by itself; never when there is none. */
  readonly databaseEnded: Promise<unknown>
}

/**
 * Everything in one process until a signal ends it. Resolves to 0 then; rejects when something can not start or go on.
 * A start that is interrupted ends in the same way.
 */
export async function runDev(options: DevOptions, environment: Environment): Promise<number> {
  const screen = openScreen()
  const stop = stopSignal({
    info: () => screen.line('Ending …'),
    warn: () => screen.line('Ending at once.'),
  })
  void stop.requested.then(() => {
    // What is still open after this is made good by the next start, as after a kill.
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
        throw new CommandError(
          `the embedded PostgreSQL ended by itself: see ${join(databaseFolder(resolve(options.dataDir)), 'postgres.log')}`,
        )
      }),
    ])
    return exitCodes.ok
  } finally {
    screen.close()
    await opened.disposeAsync()
  }
}

/** Null when a signal came meanwhile; what was started then is on the stack, as always. */
async function start(
  options: DevOptions,
  environment: Environment,
  { screen, opened, signal }: { screen: Screen; opened: AsyncDisposableStack; signal: AbortSignal },
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
  const postgres = asked.DATABASE_URL === undefined ? await startPostgres(dataDir, opened) : null
  if (signal.aborted) return null

  const config = readConfig({
    ...environment,
    ...(postgres ? { DATABASE_URL: postgres.url } : {}),
    ...(amazon.kind === 'simulator' ? amazon.environment : {}),
    PORT: String(port),
  })
  const log = openLog(dataDir, screen, opened)
  const contextOf = contexts(config, log, opened)
  const { backends } = contextOf('dev')
  const url = databaseUrl(config)
  const db = await backends.database()
  let seeded: number
  try {
    await prepare(config, backends)
    // Before the first product comes in, so that it is pending in each of them at once.
    await enableMarketplaces(db, resolveMarketplaces(config.MARKETPLACES))
    seeded = await seed(db, amazon, options, screen)
  } catch (error) {
    if (error instanceof Error && error.name === 'EventLogError') throw error
    throw new CommandError(explainDatabaseError(error, url), { cause: error })
  }
  if (signal.aborted) return null

  const services = await startAllServices(contextOf)
  opened.defer(() => services.stop(GRACE_MS))
  const host = config.HOST === '0.0.0.0' || config.HOST === '::' ? '127.0.0.1' : config.HOST
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${services.address.port}`
  const portNote =
    asked.PORT === undefined && port !== DEFAULT_PORT
      ? `(Port ${DEFAULT_PORT} is in use, so it took ${port}.)`
      : null
  const embedded = postgres ? databaseFolder(dataDir) : null
  screen.line(
    banner({ config, amazon, url: base, embedded, databaseUrl: url, logPath: log.path, seeded, portNote }),
  )
  return { services, db, config, url: base, databaseEnded: postgres?.ended ?? new Promise(() => {}) }
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

/** One set of backends and metrics for all services; each has a logger that names it. */
function contexts(config: Config, destination: LogFile, opened: AsyncDisposableStack) {
  const loggerOf = (service: string) => createLogger({ level: config.LOG_LEVEL, service, destination })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: 'dev', logger: loggerOf('dev'), metrics })
  opened.defer(() => backends.close())
  return (service: string) => ({ config, backends, metrics, logger: loggerOf(service) })
}

/** Fills an empty database with the sample catalogue, unless Amazon itself is asked. Resolves to how many products. */
async function seed(db: Database, amazon: Amazon, options: DevOptions, screen: Screen): Promise<number> {
  if (amazon.kind === 'amazon') return 0
  if (await hasProducts(db)) {
    if (options.products !== undefined)
      screen.line('The database has products already: --products only fills an empty one (see --fresh).')
    return 0
  }
  const products = options.products ?? DEFAULT_PRODUCTS
  await seedSample(db, products)
  return products
}

function follow({ db, url }: Running, screen: Screen, signal: AbortSignal): Promise<void> {
  let failing = false
  return followProgress({
    async read() {
      const status = await readSyncStatus(db)
      failing = false
      return status
    },
    view: screen.progress,
    next: (status) =>
      status.states.ambiguous + status.states.error + status.states.invalid > 0
        ? `Look at them: ${url}/ or ${url}/products?syncStatus=ambiguous`
        : `Look at them: ${url}/`,
    signal,
    onError(error) {
      if (!failing) screen.warning('warn', `the status can not be read: ${(error as Error).message}`)
      failing = true
    },
  })
}
