import type { Server } from 'node:http'
import type { Context, Next } from 'koa'
import type { Database } from '#libs/db/database.ts'
import { type Config, proxyOf } from '#libs/service/config.ts'
import { type HttpServer, listen } from '#libs/service/http-server.ts'
import { requireMigrated } from '#libs/service/migrated.ts'
import { permittedCalls, permittedOfferCalls } from '#libs/service/permitted-rate.ts'
import { SellerSource } from '#libs/service/seller-source.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { RegionalEndpointManager, resolveMarketplaces } from '#libs/sp-api/index.ts'
import { authenticationOf, isLoopback } from './access/configuration.ts'
import { createApp, createMetricsApp } from './app.ts'
import { AmazonConnection } from './jobs/amazon-connection.ts'
import { JobEvents } from './jobs/event-stream.ts'
import { openLookups } from './lookup/open-lookups.ts'
import { LagWatch } from './overview/lag.ts'

const DEFAULT_PORT = 8080
/** Longest time for the head of a request; the body has its own rule (see `readBody`). */
const HEADERS_TIMEOUT_MS = 15_000

export interface RunningReporting extends RunningService {
  readonly servesHealth: true
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number }
}

export interface ReportingOptions {
  /** Services in the same process whose health `/livez`, `/readyz` and `/health` report as well. */
  readonly services?: () => readonly RunningService[]
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/** The API, the dashboard, health and metrics, on `HOST` and `PORT` (8080). Rejects when it can not listen there. */
export async function startReporting(
  context: ServiceContext,
  options: ReportingOptions = {},
): Promise<RunningReporting> {
  const { config, backends, logger, metrics } = context
  const db = await backends.database()
  await requireMigrated(db, config)

  let draining = false
  const inFlight = new Set<Promise<void>>()
  const finished = Promise.withResolvers<void>()
  let stopping: Promise<void> | undefined

  const health = {
    db,
    logger,
    metrics,
    services: () => [...new Set<RunningService>([service, ...(options.services?.() ?? [])])],
    draining: () => draining,
  }
  const clock = options.clock ?? Date.now
  const jobEvents = new JobEvents({ db, logger })
  const sellers = new SellerSource(config, 'asinstream-reporting')
  const lookups = await openLookups(context, db)
  const app = await createApp({
    ...health,
    config,
    lookups: lookups.routes,
    maxBodyBytes: config.MAX_BODY_BYTES,
    quota: {
      survey: () => backends.bucket().survey(),
      shares: config.REDIS_URL !== undefined,
      plannedRate: permittedCalls(config)(
        resolveMarketplaces(config.MARKETPLACES).map((one) => one.marketplaceId),
      ),
      spends: () => health.services().some(({ name }) => name.endsWith('-fetcher')),
    },
    prices: { policy: config.OFFERS_POLICY, plannedRate: permittedOfferCalls(config) },
    lag: new LagWatch(async () => ((await hasLog(config, db)) ? backends.log().admin : null)),
    jobs: {
      connection: new AmazonConnection({
        accounts: async () => (await sellers.read()).accounts,
        marketplaces: config.MARKETPLACES,
        bucket: () => backends.bucket(),
        endpoints: new RegionalEndpointManager({
          spApiEndpoint: config.SP_API_ENDPOINT,
          lwaEndpoint: config.LWA_ENDPOINT,
        }),
        proxy: proxyOf(config),
        clock,
      }),
      permittedCalls: permittedCalls(config),
      staleAfterMs: config.SYNC_STALE_AFTER,
    },
    jobEvents,
    letters: async () =>
      (await hasLog(config, db)) ? { db, log: backends.log(), codec: backends.codec() } : null,
    clock,
    authentication: await authenticationOf(config, db, logger),
    ownMachineOnly: config.API_AUTH === undefined && isLoopback(config.HOST),
    origins: new Set(config.CORS_ORIGINS),
    requestsPerMinute: config.API_RATE_LIMIT,
  })
  app.middleware.unshift(trackInFlight(inFlight))
  const server: HttpServer = await listen(app, {
    host: config.HOST,
    port: config.PORT ?? DEFAULT_PORT,
    configure,
  })
  const metricsServer =
    config.METRICS_PORT === undefined
      ? null
      : await listen(createMetricsApp(health), { host: config.HOST, port: config.METRICS_PORT })
  const address = { host: server.host, port: server.port }
  logger.info(address, `http://${urlHost(server.host)}:${server.port}`)

  const service: RunningReporting = {
    name: 'reporting',
    servesHealth: true,
    address,
    finished: finished.promise,
    healthy: () => true,
    ready: () => db.ping(),
    stop(graceMs) {
      stopping ??= stop(graceMs)
      return stopping
    },
  }
  return service

  async function stop(graceMs: number): Promise<void> {
    draining = true
    jobEvents.close()
    await Promise.all([server.close(graceMs), metricsServer?.close(graceMs)])
    // A connection that was cut ends its request a moment later; until then it uses the database.
    await Promise.all(inFlight)
    await Promise.all([sellers.close(), lookups.close()])
    finished.resolve()
  }
}

/** The log in PostgreSQL would create its tables when it is asked: looking is not to leave anything behind. */
async function hasLog(config: Config, db: Database): Promise<boolean> {
  if (config.KAFKA_BROKERS) return true
  const [row] = await db.query<{ found: boolean }>(
    "select to_regclass('event_log.topics') is not null as found",
  )
  return row?.found === true
}

function trackInFlight(inFlight: Set<Promise<void>>) {
  return async (_ctx: Context, next: Next): Promise<void> => {
    const done = Promise.withResolvers<void>()
    inFlight.add(done.promise)
    try {
      await next()
    } finally {
      inFlight.delete(done.promise)
      done.resolve()
    }
  }
}

/**
 * Node gives a whole request five minutes, which would cut a long import; here a body may take as long as it moves, and
 * only the head has a time limit.
 */
function configure(server: Server): void {
  server.requestTimeout = 0
  server.headersTimeout = HEADERS_TIMEOUT_MS
}

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host)
