import { setTimeout as sleep } from 'node:timers/promises'
import { claimOffers, makeDue, type OfferQueue, offerQueues, wakeOffers } from '#libs/db/offers/claims.ts'
import { enrolPage, type MatchCursor } from '#libs/db/offers/enrol.ts'
import { readOfferStatus } from '#libs/db/offers/status.ts'
import { foldOfferCounts, keepPricingHistory } from '#libs/db/offers/upkeep.ts'
import type { NewRecord } from '#libs/event-log/port.ts'
import { MAX_ASINS } from '#libs/offers/levels.ts'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import { permittedOfferCalls } from '#libs/service/permitted-rate.ts'
import type { OffersRequest } from '#schemas/generated/offers-request.ts'
import { OFFERS_REQUESTS } from '#schemas/topics.ts'
import { OffersInFlight } from './offers-in-flight.ts'
import type { ProductChange } from './product-change.ts'

/** How often the database is asked when nothing is due. */
const POLL_MS = 500
/** How often it is asked when something is due and enough is in flight. */
const FULL_QUEUE_POLL_MS = 100
/** Rows that one statement makes due, wakes, or looks at for missing ones. */
const BATCH = 2_000
const UPKEEP_MS = 1_000
const HOUSEKEEPING_MS = 60_000
/** How often all matches are looked at for ones that have no rows: an older release may have recorded them. */
const WALK_MS = 6 * 3_600_000

/**
 * What the active product-change does about prices, until `signal` aborts: gives matches their rows where they lack them,
 * makes stale ones due, and claims what is due by priority, a call's worth at a time.
 */
export async function leadOffers(context: ProductChange, signal: AbortSignal): Promise<void> {
  const { db, config, logger } = context
  const policy = config.OFFERS_POLICY
  if (policy.levels.length === 0) return
  const inFlight = new Map(policy.levels.map(({ level }) => [level, new OffersInFlight(config.MAX_QUEUED)]))
  // Of levels that an earlier policy left out.
  let parked = true
  let cursor: MatchCursor | null = null
  let added = 0
  let walkAt = 0
  let upkeepAt = 0
  let housekeepingAt = 0
  try {
    while (!signal.aborted) {
      if (Date.now() >= housekeepingAt) {
        const { created, dropped } = await keepPricingHistory(db, config.PRICING_HISTORY_RETENTION)
        if (created.length + dropped.length > 0)
          logger.info({ created, dropped }, 'the history of prices has moved on')
        housekeepingAt = Date.now() + HOUSEKEEPING_MS
      }
      if (Date.now() >= upkeepAt) {
        await foldOfferCounts(db)
        await showStatus(context)
        upkeepAt = Date.now() + UPKEEP_MS
      }
      let busy = false
      if (parked) {
        parked = (await wakeOffers(db, policy, BATCH)) === BATCH
        busy = parked
      }
      if (cursor !== null || Date.now() >= walkAt) {
        walkAt = Date.now() + WALK_MS
        const page = await enrolPage(db, policy, cursor, BATCH)
        cursor = page.next
        added += page.added
        if (cursor === null && added > 0) {
          logger.info({ added }, 'matches from before were queued to be priced')
          added = 0
        }
        busy ||= cursor !== null
      }
      const { rows, requeued } = await makeDue(db, policy, BATCH)
      if (requeued > 0) logger.warn({ requeued }, 'prices had no outcome in time and are asked for again')
      busy ||= rows === BATCH
      let full = false
      for (const level of policy.levels) {
        const claimed = await claimLevel(context, level, inFlight.get(level.level)!)
        busy ||= claimed.rows > 0
        full ||= claimed.full
      }
      if (!busy) await sleep(full ? FULL_QUEUE_POLL_MS : POLL_MS, undefined, { signal }).catch(() => {})
    }
  } finally {
    // Another process shows them from now on.
    context.metrics.offerSyncs.reset()
    context.metrics.offerSecondsLeft.reset()
  }
}

interface Claimed {
  readonly rows: number
  /** Something is due for which there is no room. */
  readonly full: boolean
}

/** Claims as many calls of a level as may be in flight, the most urgent marketplace first. */
async function claimLevel(
  context: ProductChange,
  policy: LevelPolicy,
  inFlight: OffersInFlight,
): Promise<Claimed> {
  const { db, config, metrics } = context
  const { level } = policy
  const queues = await offerQueues(db, level)
  const queued = queues.reduce((sum, queue) => sum + queue.queued, 0)
  const calls = queues.reduce((sum, queue) => sum + Math.ceil(queue.queued / MAX_ASINS), 0)
  const room = inFlight.observe(queued, performance.now()) - calls
  const ready = queues.filter(fillsCall).sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
  if (room <= 0) return { rows: 0, full: ready.length > 0 }
  // With several of them waiting, each takes a call in its turn.
  const each = ready.length === 1 ? room : 1
  let rows = 0
  for (const { marketplaceId } of ready.slice(0, room)) {
    rows += await claimOffers(
      db,
      policy,
      { marketplaceId, limit: each * MAX_ASINS, leaseMs: config.QUEUED_TIMEOUT },
      async (claimed) => {
        const requests = claimed.map(
          ({ asin, attempt }): OffersRequest => ({
            marketplaceId,
            asin,
            level,
            attempt,
            requestedAt: Date.now(),
          }),
        )
        await context.log.append(await toRecords(context, requests))
        inFlight.claimed(claimed.length)
        metrics.claimedOffers.inc({ level }, claimed.length)
      },
    )
  }
  return { rows, full: false }
}

/**
 * Whether a call would be full, or there is nothing under way that it might wait for: while one call waits for its slot,
 * the next one gathers what comes, so that a slow quota is not spent on calls for one ASIN each.
 */
function fillsCall({ due, queued }: OfferQueue): boolean {
  return due >= MAX_ASINS || (due > 0 && queued === 0)
}

/** What shares a call shares a key, and so a partition: another fetcher's half of it would be a call of its own. */
async function toRecords({ codec }: ProductChange, requests: readonly OffersRequest[]): Promise<NewRecord[]> {
  const records: NewRecord[] = []
  for (const [index, request] of requests.entries()) {
    const first = requests[index - (index % MAX_ASINS)] ?? request
    records.push({
      topic: OFFERS_REQUESTS,
      key: Buffer.from(`${first.marketplaceId}:${first.level}:${first.asin}`),
      value: await codec.encode(OFFERS_REQUESTS, request),
    })
  }
  return records
}

async function showStatus({ db, config, metrics }: ProductChange): Promise<void> {
  const status = await readOfferStatus(db, config.OFFERS_POLICY, permittedOfferCalls(config))
  for (const { level, states, secondsLeft } of status) {
    for (const [state, n] of Object.entries(states)) metrics.offerSyncs.set({ level, state }, n)
    if (secondsLeft !== null) metrics.offerSecondsLeft.set({ level }, secondsLeft)
  }
}
