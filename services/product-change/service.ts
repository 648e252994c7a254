import { setTimeout as sleep } from 'node:timers/promises'
import { isTransientDatabaseError } from '#libs/db/errors.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { tryLead } from '#libs/db/wake.ts'
import { requireMigrated } from '#libs/service/migrated.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { requireTopics } from '#libs/service/topics.ts'
import { resolveMarketplaces } from '#libs/sp-api/marketplaces.ts'
import { OFFERS_REQUESTS, SYNC_REQUESTS } from '#schemas/topics.ts'
import { leadOffers } from './offers.ts'
import { leadProductChange } from './product-change.ts'

/** How often a standby tries to take over. */
const STANDBY_MS = 1_000
/** How long PostgreSQL or the log may be away before the process ends and leaves it to the orchestrator. */
const OUTAGE_LIMIT_MS = 5 * 60_000
/** An interruption counts as over when none has come for so long: one that lasts comes again with each try. */
const INTERRUPTED_MS = 5_000

/** One active, others standing by: whoever holds the lock works, and when it dies another takes over. */
export async function startProductChange(context: ServiceContext): Promise<RunningService> {
  const { config, backends, logger, metrics } = context
  const marketplaces = resolveMarketplaces(config.MARKETPLACES)
  const db = await backends.database()
  await requireMigrated(db, config)
  const log = backends.log()
  const codec = backends.codec()
  await codec.ready()
  const prices = config.OFFERS_POLICY.levels.length > 0
  await requireTopics(log, [SYNC_REQUESTS, ...(prices ? [OFFERS_REQUESTS] : [])])
  let enabled = false
  const enable = async (): Promise<void> => {
    if (enabled) return
    await enableMarketplaces(db, marketplaces)
    enabled = true
  }
  // A database that takes no writes now is waited for below, as it is once the service runs.
  await enable().catch((error: unknown) => {
    if (!isTransientDatabaseError(error)) throw error
    logger.warn({ err: error }, 'the marketplaces can not be enabled yet, trying again')
  })

  const stop = new AbortController()
  let brokenSince: number | undefined
  let interruption: { readonly reason: string; readonly at: number } | undefined
  metrics.leader.set(0)

  const lead = async (): Promise<void> => {
    await enable()
    const leadership = await tryLead(db)
    if (leadership === null) {
      brokenSince = undefined
      return
    }
    logger.info('active')
    metrics.leader.set(1)
    try {
      brokenSince = undefined
      const work = { db, log, codec, config, logger, metrics }
      await sideBySide(AbortSignal.any([stop.signal, leadership.lost]), [
        (signal) => leadProductChange(work, leadership, signal),
        (signal) => leadOffers(work, signal),
      ])
    } finally {
      await leadership.release()
    }
  }

  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await lead()
      } catch (error) {
        if (!isTransientDatabaseError(error) && !isLogOutage(error)) throw error
        interruption = { reason: error instanceof Error ? error.message : String(error), at: Date.now() }
        brokenSince ??= Date.now()
        if (Date.now() - brokenSince > OUTAGE_LIMIT_MS) throw error
        logger.warn({ err: error }, 'interrupted, trying again')
      }
      await sleep(STANDBY_MS, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  const finished = loop()
  return {
    name: 'product-change',
    finished,
    healthy: () => true,
    async ready() {
      await Promise.all([db.checkWritable(), log.ping(), codec.ready()])
      if (interruption && Date.now() - interruption.at < INTERRUPTED_MS) {
        throw new Error(`interrupted, trying again: ${interruption.reason}`)
      }
    },
    async stop() {
      stop.abort()
      // A failure has been reported through `finished`.
      await finished.catch(() => {})
    },
  }
}

/** Runs all of it until the signal; what fails ends the others as well, and is told when they have ended. */
async function sideBySide(
  signal: AbortSignal,
  work: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const ends = await Promise.allSettled(
    work.map(async (one) => {
      try {
        await one(either)
      } catch (error) {
        failed.abort(error)
        throw error
      }
    }),
  )
  if (failed.signal.aborted) throw failed.signal.reason
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

function isLogOutage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'LOG_UNAVAILABLE'
}
