import type Router from '@koa/router'
import type { Database } from '#libs/db/database.ts'
import { createJob, getJob, listJobs } from '#libs/db/jobs.ts'
import { enabledMarketplaces } from '#libs/db/marketplaces.ts'
import { newestExceptions } from '#libs/db/sync-exceptions.ts'
import { readSyncStatus } from '#libs/db/sync-status.ts'
import { Problem } from '#libs/service/problem.ts'
import { contentType, MAX_JSON_BYTES, readJson } from './body.ts'
import { decodeCursor, timestampPattern, toPage, uuidPattern } from './cursor.ts'
import { type PriceSource, readPriceStatus } from './prices/price-status.ts'
import { readId, readQuery } from './query.ts'
import { withBacklog } from './quota/backlog.ts'
import type { QuotaSource } from './quota/quota-report.ts'
import { readSyncRequest } from './sync-request.ts'

const JOBS = '/marketplace/amazon/sync-jobs'

export interface SyncRoutes {
  readonly db: Database
  readonly maxBodyBytes: number
  readonly quota: QuotaSource
  readonly prices: PriceSource
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** Asking for a sync, and how far it is. */
export function addSyncRoutes(router: Router, { db, maxBodyBytes, clock, quota, prices }: SyncRoutes): void {
  router.post('/marketplace/amazon/sync', async (ctx) => {
    readQueryless(ctx.querystring)
    const { type } = contentType(ctx.req)
    const body = await readJson(ctx.req, Math.min(MAX_JSON_BYTES, maxBodyBytes))
    if (body !== undefined && type !== 'application/json') {
      throw new Problem(
        'unsupported-content',
        `a sync is described in application/json, not ${type || 'an unnamed type'}: set the header content-type: application/json, or send no body for all products`,
      )
    }
    // `null` is a document, and none that says what is meant.
    const request = readSyncRequest(body === undefined ? {} : body, await enabledMarketplaces(db), clock())
    // Whoever is authenticated stands here once there is authentication.
    const id = await createJob(db, { ...request, requestedBy: 'api' })
    const job = await getJob(db, id)
    if (!job) throw new Error(`job ${id} vanished`)
    ctx.status = 202
    ctx.set({ location: `${JOBS}/${id}`, 'retry-after': '1' })
    ctx.body = job
  })

  router.get('/marketplace/amazon/sync-status', async (ctx) => {
    const [status, priced] = await Promise.all([
      readSyncStatus(db).then((read) => withBacklog(read, quota)),
      readPriceStatus(db, prices, quota),
    ])
    ctx.body = { ...status, prices: priced }
  })

  router.get(JOBS, async (ctx) => {
    const { cursor, limit } = readQuery(ctx, [])
    const before = cursor === undefined ? undefined : jobKey(cursor)
    const jobs = await listJobs(db, { limit: limit + 1, ...(before && { before }) })
    ctx.body = toPage(jobs, limit, 'sync-jobs', (job) => [job.createdAt, job.id])
  })

  router.get(`${JOBS}/:id`, async (ctx) => {
    const id = readId(ctx)
    const job = await getJob(db, id)
    if (!job) throw new Problem('not-found', `there is no sync job ${id}; ${JOBS} lists those that there are`)
    ctx.body = job
  })

  router.get('/marketplace/amazon/sync-exceptions', async (ctx) => {
    const { limit, cursor } = readQuery(ctx, [], 20)
    if (cursor !== undefined) {
      throw new Problem(
        'invalid-cursor',
        'this list has one page, of the newest; GET /products with syncStatus lists all of them',
      )
    }
    ctx.body = { items: await newestExceptions(db, limit) }
  })
}

function jobKey(cursor: string): { readonly createdAt: string; readonly id: string } {
  const [createdAt, id] = decodeCursor(cursor, 'sync-jobs', [timestampPattern, uuidPattern])
  return { createdAt: createdAt as string, id: id as string }
}

function readQueryless(querystring: string): void {
  if (querystring === '') return
  throw new Problem(
    'invalid-request',
    'a sync takes no parameters in its address: put the filter into the body, {"filter":{"supplier":"Acme"}}',
  )
}
