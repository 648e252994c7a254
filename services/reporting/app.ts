import Router from '@koa/router'
import Koa from 'koa'
import type { Database } from '#libs/db/database.ts'
import { readSyncStatus } from '#libs/db/sync-status.ts'
import type { Config } from '#libs/service/config.ts'
import { healthRouter } from '#libs/service/health.ts'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import { answerProblems, requestIds } from '#libs/service/problem.ts'
import type { RunningService } from '#libs/service/service.ts'
import type { Authentication } from './access/authenticate.ts'
import { guard } from './access/guard.ts'
import { addKeyRoutes } from './access/key-routes.ts'
import { addSessionRoutes } from './access/session.ts'
import { conditionalAnswers } from './conditional.ts'
import { addConfigurationRoutes } from './configuration/configuration-routes.ts'
import { refuseCrossSite, refuseForeignHosts, shareWith } from './cross-origin.ts'
import { addExportRoute } from './exports/export-route.ts'
import { addImportRoute } from './import-route.ts'
import { addJobEventRoutes } from './jobs/event-routes.ts'
import type { JobEvents } from './jobs/event-stream.ts'
import { addJobRoutes, type JobRoutes } from './jobs/job-routes.ts'
import { addLookupRoutes, type LookupRoutes } from './lookup/lookup-routes.ts'
import {
  answerUnrouted,
  drainRefusedBodies,
  linkProblems,
  observeRequests,
  refuseOtherMethods,
  securityHeaders,
} from './middleware.ts'
import { addOpenApiRoutes } from './openapi/openapi-routes.ts'
import type { LagWatch } from './overview/lag.ts'
import { addOverviewRoute } from './overview/overview-routes.ts'
import { addPages } from './pages.ts'
import { addPriceRoutes } from './prices/price-routes.ts'
import type { PriceSource } from './prices/price-status.ts'
import { addProductRoutes } from './product-routes.ts'
import { addProductValuesRoute } from './product-values-route.ts'
import type { QuotaSource } from './quota/quota-report.ts'
import { addQuotaRoutes } from './quota/quota-routes.ts'
import { addReviewRoutes, type ReviewRoutes } from './review/review-routes.ts'
import { addSyncRoutes } from './sync-routes.ts'

export interface ReportingApp {
  readonly db: Database
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
  readonly maxBodyBytes: number
  readonly clock: () => number
  readonly authentication: Authentication
  /** Nobody is asked for a key because nobody but this machine gets here. */
  readonly ownMachineOnly: boolean
  /** Origins of pages elsewhere that may use the API. */
  readonly origins: ReadonlySet<string>
  /** Of one caller. */
  readonly requestsPerMinute: number
  readonly quota: QuotaSource
  readonly prices: PriceSource
  readonly lag: Pick<LagWatch, 'read'>
  readonly jobs: Pick<JobRoutes, 'connection' | 'permittedCalls' | 'staleAfterMs'>
  readonly jobEvents: JobEvents
  readonly letters: ReviewRoutes['letters']
  readonly lookups: LookupRoutes
  /** Those whose health this server reports. */
  readonly services: () => readonly RunningService[]
  readonly draining: () => boolean
}

/** The whole HTTP side: what every request passes through, then the routes. */
export async function createApp(context: ReportingApp): Promise<Koa> {
  const { db, logger, metrics } = context
  const router = new Router()
  addSyncRoutes(router, context)
  addJobRoutes(router, { ...context, ...context.jobs })
  addJobEventRoutes(router, context)
  addImportRoute(router, context)
  // Before the route of one product: its path would fit as well.
  addExportRoute(router, context)
  addProductRoutes(router, db)
  addProductValuesRoute(router, db)
  addPriceRoutes(router, db)
  addReviewRoutes(router, { ...context, ...context.jobs, levels: context.prices.policy.levels })
  addLookupRoutes(router, context)
  addQuotaRoutes(router, context.quota)
  addConfigurationRoutes(router, context)
  addOverviewRoute(router, context)
  addKeyRoutes(router, db, context.clock)
  addSessionRoutes(router, context.authentication)
  addOpenApiRoutes(router)
  await addPages(router)
  // Health is for everybody, and who the sellers are is not.
  addHealthRoutes(router, context, context.authentication.isOpen)

  const app = new Koa()
  app.use(requestIds())
  app.use(drainRefusedBodies())
  app.use(async (ctx, next) => {
    await next()
    // Kept alive, the connection of an answer that outlasts the stop would hold it up.
    if (context.draining()) ctx.set('connection', 'close')
  })
  app.use(observeRequests(metrics, logger))
  app.use(securityHeaders())
  app.use(shareWith(context.origins))
  app.use(linkProblems())
  app.use(answerProblems(logger))
  if (context.ownMachineOnly) app.use(refuseForeignHosts())
  app.use(refuseCrossSite(context.origins))
  // Who calls and what they may do is decided here, before any route.
  app.use(guard({ ...context, router }))
  app.use(conditionalAnswers())
  app.use(refuseOtherMethods(router))
  app.use(router.routes())
  app.use(answerUnrouted(routeList(router)))
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return
    logger.error({ err: error }, 'an answer could not be sent')
  })
  return app
}

/** Health and metrics alone, for a port that only the scraper reaches: it has no key. */
export function createMetricsApp(context: HealthContext): Koa {
  const router = new Router()
  addHealthRoutes(router, context)
  const app = new Koa()
  app.use(requestIds())
  app.use(securityHeaders())
  app.use(answerProblems(context.logger))
  app.use(router.routes())
  return app
}

type HealthContext = Pick<ReportingApp, 'db' | 'logger' | 'metrics' | 'services' | 'draining'>

function addHealthRoutes(router: Router, context: HealthContext, details = true): void {
  const { db, metrics, logger } = context
  // Counts are read when they are asked for: a gauge that is set by a timer shows what was.
  router.get('/metrics', async (_ctx, next) => {
    await refreshProductCounts(db, metrics, logger)
    await next()
  })
  router.use(healthRouter({ ...context, details }).routes())
}

function routeList(router: Router): readonly string[] {
  const routes = router.stack.flatMap((layer) =>
    layer.methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${String(layer.path)}`),
  )
  return [...new Set(routes)]
}

async function refreshProductCounts(db: Database, metrics: Metrics, logger: Logger): Promise<void> {
  metrics.productSyncs.reset()
  try {
    const { marketplaces } = await readSyncStatus(db)
    for (const { countryCode, states } of marketplaces) {
      for (const [state, n] of Object.entries(states)) {
        metrics.productSyncs.set({ marketplace: countryCode, state }, n)
      }
    }
  } catch (error) {
    // The other metrics are wanted most when the database is away.
    logger.warn({ err: error }, 'products could not be counted for /metrics')
  }
}
