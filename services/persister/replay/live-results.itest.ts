import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { createJob, expandNextJob } from '#libs/db/jobs.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import { addProducts, openTestDatabase, productId, syncRow, US } from '#libs/db/testing.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { toOutcome } from '../outcome.ts'
import { decideTransition } from '../retry-policy.ts'
import { createLiveResults } from './live-results.ts'

const UPC = '036000291452'
const GTIN = '00036000291452'
const retries = { maxAttempts: 1, baseDelayMs: 1, maxDelayMs: 1, random: () => 0 }

describeWith(['postgres'], 'recorded results and the rows that they are about', () => {
  let database: TestDatabase
  let db: Database
  /** Everything that the log has, oldest first. */
  let log: SyncResult[]
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    log = []
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const told = (asin: string) => ({
    asin,
    chosen: true,
    score: 0.9,
    reasons: [`code: carries ${GTIN} (+0.59)`],
    title: `Item ${asin}`,
    brand: null,
    productType: null,
    itemClassification: null,
    packageQuantity: null,
    salesRank: null,
    salesRankCategory: null,
    imageUrl: null,
    dimensions: null,
  })
  const result = (
    claim: Pick<ClaimedProduct, 'productId' | 'attempt'>,
    more: Partial<SyncResult> = {},
  ): SyncResult => ({
    productId: claim.productId,
    marketplaceId: US,
    attempt: claim.attempt,
    outcome: 'success',
    reason: null,
    gtin14: GTIN,
    repair: null,
    candidates: [told('B000000001')],
    operation: 'searchCatalogItems',
    observedAt: Date.now(),
    responseTimeMs: 10,
    amazonRequestId: `request-${log.length + 1}`,
    httpStatus: 200,
    retryAfterMs: null,
    ...more,
  })
  const apply = (...results: SyncResult[]) => {
    log.push(...results)
    return db.transaction((tx) =>
      applyOutcomes(tx, results.map(toOutcome), (outcome, { failures }) =>
        decideTransition(outcome.result, failures, null, retries),
      ),
    )
  }
  const claim = async (): Promise<ClaimedProduct[]> => {
    const claimed: ClaimedProduct[] = []
    await claimDue(db, { limit: 100, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
    return claimed
  }
  const askAgain = () =>
    db.query(`update product_syncs set state = 'pending', next_attempt_at = now() where state <> 'pending'`)
  const replay = async (results = log, dryRun = false) => {
    const replayer = createLiveResults({ db, dryRun, rematch: false, levels: [] })
    const became = await replayer.replay(results.map((value) => ({ value, loggedAt: Date.now() })))
    return became.map(({ kind }) => kind)
  }
  const loseCandidates = () => db.query('delete from amazon_market_data')
  const candidates = async () =>
    (await db.query<{ asin: string }>('select asin from amazon_market_data order by 1')).map(
      ({ asin }) => asin,
    )

  it('brings back what the last answer that counted told, and no other', async () => {
    await addProducts(db, 1, { upc: UPC })
    const [first] = await claim()
    await apply(result(first!, { candidates: [told('B000000001')] }))
    // The same attempt, answered twice: the second one does not count.
    await apply(result(first!, { candidates: [told('B000000009')] }))
    await askAgain()
    const [second] = await claim()
    await apply(result(second!, { candidates: [told('B000000002')] }))
    await askAgain()
    const [third] = await claim()
    await apply(result(third!, { outcome: 'timeout', candidates: [], httpStatus: null }))
    expect(await replay()).toEqual(['older', 'uncounted', 'unchanged', 'failed'])

    await loseCandidates()
    expect(await replay(log, true)).toEqual(['older', 'uncounted', 'created', 'failed'])
    expect(await candidates()).toEqual([])
    expect(await replay()).toEqual(['older', 'uncounted', 'created', 'failed'])
    expect(await candidates()).toEqual(['B000000002'])
    // The failure was the last to decide about the state.
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'error', attempt: 3 })
    expect(await replay()).toEqual(['older', 'uncounted', 'unchanged', 'failed'])
  })

  it('does so without the log of attempts, by the time of the answer', async () => {
    await addProducts(db, 1, { upc: UPC })
    const [first] = await claim()
    await apply(result(first!, { observedAt: Date.now() + 5 }))
    await askAgain()
    const [second] = await claim()
    await apply(result(second!, { candidates: [told('B000000002')] }))
    await db.query('delete from sync_logs')
    await loseCandidates()
    const kinds = await replay()
    expect(kinds[1]).toBe('created')
    expect(await candidates()).toEqual(['B000000002'])
    expect((await replay())[1]).toBe('unchanged')
  })

  it('leaves alone what waits, what a person has decided, and what is about another code', async () => {
    await addProducts(db, 4, { upc: UPC })
    const claimed = await claim()
    await apply(...claimed.map((one) => result(one)))
    await db.query(
      `insert into match_decisions (action_id, product_id, marketplace_id, asin, verdict, decided_by)
         values (gen_random_uuid(), $1, $2, 'B000000001', 'rejected', 'somebody')`,
      [await productId(db, 'S1'), US],
    )
    await db.query(`update products set upc = '4006381333931' where sku in ('S2', 'S3')`)
    const [, ...asked] = await claim()
    // One of the two is answered for its new code.
    log.push(...asked.map((one) => result(one, { gtin14: '04006381333931' })))
    await db.transaction((tx) =>
      applyOutcomes(tx, log.slice(-1).map(toOutcome), () => ({
        state: 'success',
        failures: 0,
        retryInMs: null,
      })),
    )
    await loseCandidates()
    const before = await db.query('select * from product_syncs order by product_id')
    const kinds = new Map(claimed.map(({ productId: id }, at) => [id, at]))
    const became = await replay(log.slice(0, 4))
    const of = async (sku: string) => became[kinds.get(await productId(db, sku))!]
    expect(await of('S1')).toBe('decided')
    expect(new Set([await of('S2'), await of('S3')])).toEqual(new Set(['in_flight', 'recoded']))
    expect(await of('S4')).toBe('created')
    expect(await db.query('select * from product_syncs order by product_id')).toEqual(before)
    await db.query('delete from products')
    expect(await replay(log.slice(0, 4))).toEqual(['gone', 'gone', 'gone', 'gone'])
  })

  it('takes in what a restored database has forgotten, once', async () => {
    await addProducts(db, 2, { upc: UPC })
    const claimed = await claim()
    await apply(...claimed.map((one) => result(one)))
    // After the backup: another answer for each, and for one a refusal later.
    const [one, other] = claimed
    const later = Date.now() + 1_000
    const next = (of: ClaimedProduct, attempt: number) => ({ productId: of.productId, attempt })
    log.push(
      result(next(one!, 2), { observedAt: later, candidates: [told('B000000002')] }),
      result(next(other!, 2), { observedAt: later, candidates: [told('B000000002')] }),
      result(next(other!, 3), {
        observedAt: later + 1,
        outcome: 'invalid_upc',
        candidates: [],
        httpStatus: 400,
      }),
    )
    const replayed = async () => {
      const replayer = createLiveResults({ db, dryRun: false, rematch: false, levels: [] })
      const became = await replayer.replay(log.map((value) => ({ value, loggedAt: later + 500 })))
      return became.map(({ kind }) => kind)
    }
    expect(await replayed()).toEqual(['unchanged', 'unchanged', 'created', 'created', 'updated'])
    const rows = () =>
      db.query('select product_id, state, attempt, last_result from product_syncs order by attempt')
    expect(await rows()).toMatchObject([
      { product_id: one!.productId, state: 'success', attempt: 2 },
      { product_id: other!.productId, state: 'invalid', attempt: 3, last_result: 'invalid_upc' },
    ])
    expect(await replayed()).toEqual(['older', 'older', 'unchanged', 'unchanged', 'unchanged'])
    const [logs] = await db.query('select count(*)::int as n from sync_logs')
    expect(logs).toEqual({ n: 2 })
  })

  it('mends a state without touching what a job has counted', async () => {
    await addProducts(db, 3, { upc: UPC })
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    while (await expandNextJob(db, 100)) {}
    await apply(...(await claim()).map((one) => result(one)))
    const counts = () =>
      db.query(
        `select outcome, sum(n)::int as n from sync_job_counts where job_id = $1 group by 1 having sum(n) <> 0 order by 1`,
        [id],
      )
    const before = await counts()
    expect(before).toEqual([
      { outcome: 'success', n: 3 },
      { outcome: 'total', n: 3 },
    ])
    await db.query(`alter table product_syncs disable trigger user`)
    await db.query(`update product_syncs set state = 'error' where product_id = $1`, [
      await productId(db, 'S1'),
    ])
    await db.query(`alter table product_syncs enable trigger user`)
    expect(new Set(await replay())).toEqual(new Set(['unchanged', 'updated']))
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'success', attempt: 1 })
    expect(await counts()).toEqual(before)
  })
})
