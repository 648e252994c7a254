import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import { type Database, openDatabase } from './database.ts'
import { isTransientDatabaseError, sqlState } from './errors.ts'
import { type JobAction, steerJob } from './job-actions.ts'
import { foldCounts } from './job-counts.ts'
import { expandNextJob } from './job-expansion.ts'
import { giveBackJobs, wakeJobs } from './job-holding.ts'
import { endJobs, recordProgress } from './job-progress.ts'
import { createJob } from './jobs.ts'
import { backfillMarketplaces, enableMarketplaces } from './marketplaces.ts'
import { applyOutcomes, giveWay } from './outcomes.ts'
import { upsertProducts } from './products.ts'
import { decideMatch, type MatchWish } from './review-decide.ts'
import { getMatch } from './review-matches.ts'
import { CA, candidate, openTestDatabase, outcome, US } from './testing.ts'

const PRODUCTS = 300
const ROUNDS = 30

describeWith(['postgres'], 'every writer at once', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url, ['US', 'CA'])
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  it('loses no update, keeps every count exact, and costs no writer of products its statement', async () => {
    const pool = await openDatabase({ url: database.url, poolSize: 12 })
    const random = seeded(7)
    const lostByWriters: unknown[] = []
    const inFlight: ClaimedProduct[] = []
    let writing = true
    let applied = 0
    let decided = 0

    const sku = () => `S${Math.floor(random() * PRODUCTS)}`
    /** Skus in no order, as a PIM's own update meets them. */
    const someSkus = () => [...new Set(Array.from({ length: 60 }, sku))]
    /** Ours: whatever can be tried again is, as the services do. */
    const ours = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        if (!isTransientDatabaseError(error)) throw error
      }
    }
    const writers = async (work: () => Promise<unknown>): Promise<void> => {
      for (let i = 0; i < ROUNDS; i++) await work().catch((error: unknown) => lostByWriters.push(error))
    }
    /** Imports of one new product may deadlock, and try again, as the API does; who is unlucky more than once. */
    const imports = (work: () => Promise<unknown>) =>
      writers(async () => {
        for (let tries = 1; ; tries++) {
          try {
            return await work()
          } catch (error) {
            if (sqlState(error) !== '40P01' || tries === 5) throw error
          }
        }
      })
    const services = async (work: () => Promise<unknown>): Promise<void> => {
      while (writing) {
        await ours(work)
        await nextTurn()
      }
    }
    const claim = () =>
      claimDue(pool, { limit: 50, queuedTimeoutMs: 60_000 }, async (rows) => void inFlight.push(...rows))
    const persist = async () => {
      const claims = inFlight.splice(0, 80)
      if (claims.length === 0) return
      const retried = random() < 0.3
      try {
        applied += (
          await pool.transaction(async (tx) => {
            await giveWay(tx)
            return applyOutcomes(
              tx,
              claims.map((c) => outcome(c, { candidates: [candidate('B000000001')] })),
              () =>
                retried
                  ? { state: 'pending', failures: 1, retryInMs: 0 }
                  : { state: 'success', failures: 0, retryInMs: null },
            )
          })
        ).length
      } catch (error) {
        inFlight.push(...claims)
        throw error
      }
    }

    const steerSome = async (actions: readonly JobAction[]) => {
      const jobs = await pool.query<{ id: string }>('select id from sync_jobs where finished_at is null')
      const job = jobs[Math.floor(random() * jobs.length)]
      if (job) await steerJob(pool, job.id, actions[Math.floor(random() * actions.length)] as JobAction)
    }

    /** Somebody at the review looks at a product and decides. */
    const decideSome = async () => {
      const [key] = await pool.query<{ productId: string; marketplaceId: string }>(
        `select product_id as "productId", marketplace_id as "marketplaceId" from amazon_market_data
          order by random() limit 1`,
      )
      const match = key && (await getMatch(pool, key))
      if (!match) return
      const [asin = ''] = match.candidates.map((one) => one.asin)
      const wishes: readonly MatchWish[] = [
        { action: 'accept', asin, note: null },
        { action: 'reject', asins: 'all', note: null },
        { action: 'undo' },
      ]
      const wish = wishes[Math.floor(random() * wishes.length)] as MatchWish
      const { kind } = await decideMatch(pool, match, wish, {
        version: match.version,
        by: 'test',
        levels: [],
      })
      if (kind === 'done') decided++
    }

    await Promise.all([
      Promise.all([
        imports(() =>
          upsertProducts(
            pool,
            someSkus().map((s) => ({
              sku: s,
              upc: String(Math.floor(random() * 1e6)),
              title: `t${random()}`,
            })),
          ),
        ),
        imports(() =>
          pool.transaction((tx) =>
            upsertProducts(
              tx,
              someSkus().map((s, i) =>
                i % 2 ? { sku: s, brand: `b${random()}` } : { sku: s, supplier: `s${random()}` },
              ),
            ),
          ),
        ),
        writers(() => pool.query(`update products set upc = upc || '1' where sku = $1`, [sku()])),
        writers(() => pool.query('delete from products where sku = $1', [sku()])),
        writers(() => createJob(pool, { filter: {}, marketplaces: [US, CA], requestedBy: 'test' })),
        writers(() => steerSome(['pause', 'resume', 'cancel'])),
      ]).finally(() => {
        writing = false
      }),
      services(claim),
      services(persist),
      services(persist),
      services(() => expandNextJob(pool, 70)),
      services(decideSome),
      services(decideSome),
      services(async () => {
        await enableMarketplaces(pool, [{ marketplaceId: US, countryCode: 'US' }])
        await enableMarketplaces(pool, [
          { marketplaceId: US, countryCode: 'US' },
          { marketplaceId: CA, countryCode: 'CA' },
        ])
        await backfillMarketplaces(pool, 50)
      }),
      services(async () => {
        await giveBackJobs(pool, 50)
        await wakeJobs(pool, 50)
      }),
      services(async () => {
        await foldCounts(pool)
        await endJobs(pool)
        await recordProgress(pool, () => 40)
      }),
    ])
    expect(lostByWriters).toEqual([])
    expect(applied).toBeGreaterThan(0)
    expect(decided).toBeGreaterThan(0)
    // What was decided goes with the product, and ends with the code.
    expect(
      await pool.query(
        `select d.* from match_decisions d left join products p on p.id = d.product_id
          where p.id is null or (d.ended_at is null and d.upc is distinct from p.upc)`,
      ),
    ).toEqual([])

    // The last call that enabled both may have met somebody's lock and given up.
    await enableMarketplaces(pool, [
      { marketplaceId: US, countryCode: 'US' },
      { marketplaceId: CA, countryCode: 'CA' },
    ])
    await backfillMarketplaces(pool, 50)
    for (const { id } of await pool.query<{ id: string }>(`select id from sync_jobs where state = 'paused'`))
      await steerJob(pool, id, 'resume')
    while (await expandNextJob(pool, 1_000)) {}
    for (let idle = 0; idle < 2; ) {
      idle = (await claim()) === 0 && inFlight.length === 0 ? idle + 1 : 0
      while (inFlight.length > 0) {
        const claims = inFlight.splice(0, 200)
        await pool.transaction((tx) =>
          applyOutcomes(
            tx,
            claims.map((c) => outcome(c)),
            () => ({ state: 'success', failures: 0, retryInMs: null }),
          ),
        )
      }
      await giveBackJobs(pool, 1_000)
      await wakeJobs(pool, 1_000)
      await endJobs(pool)
    }
    // Taken back, nothing is left of what people decided.
    for (;;) {
      const [key] = await pool.query<{ productId: string; marketplaceId: string }>(
        `select product_id as "productId", marketplace_id as "marketplaceId" from match_decisions
          where ended_at is null limit 1`,
      )
      const match = key && (await getMatch(pool, key))
      if (!match) break
      await decideMatch(pool, match, { action: 'undo' }, { version: match.version, by: 'test', levels: [] })
    }
    expect(await pool.query('select * from unaided_matches')).toEqual([])
    expect(await pool.query(countsSql)).toEqual([])
    expect(await pool.query(statusSql)).toEqual([])
    expect(
      await pool.query(`select id, state, error from sync_jobs where state not in ('complete', 'cancelled')`),
    ).toEqual([])
    expect(await pool.query(sumsSql)).toEqual([])
    expect(await pool.query(gapsSql)).toEqual([])
    expect(await pool.query(missingSql)).toEqual([])
    await pool.close()
  })
})

/** Marketplaces and states whose kept count differs from the rows. */
const countsSql = `
  select * from (select marketplace_id, state, sum(n) as kept from sync_state_counts group by 1, 2) k
    full join (select marketplace_id, state, count(*) as rows from product_syncs group by 1, 2) r using (marketplace_id, state)
   where coalesce(kept, 0) <> coalesce(rows, 0)`

/** Products that are not summed up as their rows say; all are successes by now. */
const statusSql = `
  select sku, sync_status, s.state from products p join product_syncs s on s.product_id = p.id
   where p.sync_status <> 'success' or s.state <> 'success'`

/** Jobs whose outcomes are not all that they took in. */
const sumsSql = `
  select id, state, total, outcomes from sync_jobs
   where total <> (select coalesce(sum(n::bigint), 0) from jsonb_each_text(outcomes) o (outcome, n))`

/** Jobs whose events are not 1, 2, 3, … up to the last. */
const gapsSql = `
  select j.id from sync_jobs j left join sync_progress p on p.job_id = j.id
   group by j.id having count(p.id) <> j.last_event or max(p.id) <> j.last_event`

const missingSql = `
  select sku from products p cross join marketplaces m
   where not exists (select 1 from product_syncs s where s.product_id = p.id and s.marketplace_id = m.marketplace_id)`

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
