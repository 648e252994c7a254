import { setTimeout } from 'node:timers/promises'
import { Cron } from 'croner'
import { removeOldAudit } from '#libs/db/api-keys.ts'
import { type ClaimedProduct, claimDue, countQueued, nextDueInMs } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { dropStrayCounts, foldCounts } from '#libs/db/job-counts.ts'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { giveBackJobs, wakeJobs } from '#libs/db/job-holding.ts'
import { endJobs, recordProgress, thinProgress } from '#libs/db/job-progress.ts'
import { createJob } from '#libs/db/jobs.ts'
import { backfillMarketplaces } from '#libs/db/marketplaces.ts'
import { keepLogs } from '#libs/db/retention.ts'
import type { Leadership } from '#libs/db/wake.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import type { Config } from '#libs/service/config.ts'
import type { Logger } from '#libs/service/logger.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import { permittedRate } from '#libs/service/permitted-rate.ts'
import type { Codec } from '#libs/stream/processor.ts'
import { SYNC_REQUESTS } from '#schemas/topics.ts'
import { syncRequestKey, toSyncRequest } from './sync-request.ts'

/** How often the database is asked when nothing is known to be due. */
const POLL_MS = 500
/** How often it is asked when rows are due and the queue has no room for them. */
const FULL_QUEUE_POLL_MS = 100
/** Products that one transaction takes into a job. */
const EXPANSION_BATCH = 2_000
/** Products that one statement gives back, or makes due again: the triggers' plans are made for chunks of this size. */
const GIVE_BACK_BATCH = 1_000
/** How often delta rows are folded, and how far jobs are is written down. */
const UPKEEP_MS = 1_000
/** How often partitions and missing rows are looked after; at once when it takes the lead. */
const HOUSEKEEPING_MS = 60_000

export interface ProductChange {
  readonly db: Database
  readonly log: EventLog
  readonly codec: Codec
  readonly config: Config
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * The work of the one active product-change, until `signal` aborts or the lock is lost: takes jobs' products in and gives
 * those of cancelled ones back, claims due rows and appends them as sync requests, ends jobs, folds counts, and starts the
 * scheduled sync.
 */
export async function leadProductChange(
  context: ProductChange,
  leadership: Leadership,
  signal: AbortSignal,
): Promise<void> {
  const { db, metrics } = context
  const stop = AbortSignal.any([signal, leadership.lost])
  const wakeUp = new WakeUp()
  leadership.onWake(() => wakeUp.wake())
  const schedule = scheduledSync(context)
  const permitted = permittedRate(context.config)
  let upkeepAt = 0
  let housekeepingAt = 0
  try {
    while (!stop.aborted) {
      if (Date.now() >= housekeepingAt) {
        await keepHouse(context)
        housekeepingAt = Date.now() + HOUSEKEEPING_MS
      }
      const expanding = await expandNextJob(db, EXPANSION_BATCH)
      const givenBack = await giveBackJobs(db, GIVE_BACK_BATCH)
      const woken = await wakeJobs(db, GIVE_BACK_BATCH)
      const claimed = await claimSome(context)
      if (givenBack > 0) await endSome(context)
      if (Date.now() >= upkeepAt) {
        await foldCounts(db)
        await endSome(context)
        await recordProgress(db, permitted)
        upkeepAt = Date.now() + UPKEEP_MS
      }
      if (!expanding && givenBack + woken + claimed === 0) {
        const due = await nextDueInMs(db)
        await wakeUp.sleep(due === 0 ? FULL_QUEUE_POLL_MS : Math.min(POLL_MS, due ?? POLL_MS), stop)
      }
    }
  } finally {
    schedule?.stop()
    metrics.leader.set(0)
  }
}

async function endSome({ db, logger }: ProductChange): Promise<void> {
  for (const id of await endJobs(db)) logger.info({ jobId: id }, 'a sync job has ended')
}

/** What has to be there before rows are claimed, and what may go. */
async function keepHouse({ db, config, logger }: ProductChange): Promise<void> {
  const { created, dropped, jobs } = await keepLogs(db, { logsMs: config.SYNC_LOG_RETENTION })
  if (created.length + dropped.length + jobs > 0) {
    logger.info({ created, dropped, jobs }, 'the log of attempts has moved on')
  }
  await dropStrayCounts(db)
  await thinProgress(db)
  await removeOldAudit(db, config.API_AUDIT_RETENTION)
  const added = await backfillMarketplaces(db, EXPANSION_BATCH)
  if (added > 0) logger.info({ added }, 'products were given rows in newly enabled marketplaces')
}

/** Claims as many rows as the queue has room for; resolves to how many were claimed or parked. */
async function claimSome(context: ProductChange): Promise<number> {
  const { db, config, logger, metrics } = context
  const room = config.MAX_QUEUED - (await countQueued(db))
  // A full queue drains a little at a time; to fill it a little at a time would cost a transaction each.
  if (room < Math.min(config.CLAIM_BATCH, config.MAX_QUEUED / 4)) return 0
  return claimDue(
    db,
    { limit: Math.min(room, config.CLAIM_BATCH), queuedTimeoutMs: config.QUEUED_TIMEOUT },
    async (claimed) => {
      await context.log.append(await toRecords(context.codec, claimed))
      const requeued = claimed.filter((product) => product.requeued).length
      metrics.claimedProducts.inc({ kind: 'due' }, claimed.length - requeued)
      if (requeued > 0) {
        metrics.claimedProducts.inc({ kind: 'requeued' }, requeued)
        logger.warn({ requeued }, 'queued products had no outcome in time and are asked for again')
      }
    },
  )
}

async function toRecords(codec: Codec, claimed: readonly ClaimedProduct[]): Promise<NewRecord[]> {
  const now = Date.now()
  const records: NewRecord[] = []
  for (const product of claimed) {
    const request = toSyncRequest(product, now)
    records.push({
      topic: SYNC_REQUESTS,
      key: syncRequestKey(request),
      value: await codec.encode(SYNC_REQUESTS, request),
    })
  }
  return records
}

/** `SYNC_SCHEDULE`: a job like any other, for what is stale at that time. */
function scheduledSync({ db, config, logger }: ProductChange): Cron | undefined {
  if (config.SYNC_SCHEDULE === 'off') return undefined
  return new Cron(config.SYNC_SCHEDULE, { timezone: 'UTC', catch: false, protect: true }, async () => {
    try {
      const marketplaces = await db.query<{ id: string }>(
        'select marketplace_id as id from marketplaces where enabled order by 1',
      )
      const jobId = await createJob(db, {
        filter: { notSyncedSince: new Date(Date.now() - config.SYNC_STALE_AFTER).toISOString() },
        marketplaces: marketplaces.map((marketplace) => marketplace.id),
        requestedBy: `schedule ${config.SYNC_SCHEDULE}`,
      })
      logger.info({ jobId }, 'scheduled sync')
    } catch (error) {
      // The next run, or a sync on demand, takes in what this one did not.
      logger.error({ err: error }, 'the scheduled sync could not be started')
    }
  })
}

/** A sleep that a notice ends early; a notice while nobody sleeps ends the next one at once. */
class WakeUp {
  #notice = Promise.withResolvers<void>()

  wake(): void {
    this.#notice.resolve()
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController()
    const timeout = setTimeout(ms, undefined, { signal: AbortSignal.any([signal, timer.signal]) })
    await Promise.race([timeout.catch(() => {}), this.#notice.promise])
    timer.abort()
    this.#notice = Promise.withResolvers<void>()
  }
}
