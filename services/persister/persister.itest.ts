import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import { addProducts, openTestDatabase, syncRow } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { Decoded, Verdict } from '#libs/stream/processor.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { createPersister } from './persister.ts'

describeWith(['postgres'], 'the persister', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const persister = () =>
    createPersister({
      db,
      config: loadConfig({ RETRY_DELAY_BASE: '1h', MAX_ATTEMPTS: '2' }),
      logger: createLogger({ level: 'silent', service: 'test' }),
      metrics: createMetrics(),
    })
  const process = (
    records: readonly Decoded<SyncResult>[],
    signal = new AbortController().signal,
  ): Promise<readonly Verdict[]> => persister().process({ key: '', records }, { signal })
  const claims = async (): Promise<ClaimedProduct[]> => {
    const all: ClaimedProduct[] = []
    await claimDue(db, { limit: 5_000, queuedTimeoutMs: 60_000 }, async (rows) => void all.push(...rows))
    return all.sort((a, b) => Number(a.upc) - Number(b.upc))
  }
  const fences = async () =>
    (
      await db.query<{ partition: number; next: string }>(
        'select partition, next_offset::text as next from consumer_offsets order by 1',
      )
    ).map(({ partition, next }) => [partition, Number(next)])
  /** Everything that a result may change. */
  const effects = async () =>
    db.query(`select to_jsonb(t) as row from (
      select 'product', to_jsonb(p) from products p union all select 'sync', to_jsonb(s) from product_syncs s union all
      select 'log', to_jsonb(l) from sync_logs l union all select 'data', to_jsonb(d) from amazon_market_data d union all
      select 'count', to_jsonb(c) from sync_state_counts c) t (kind, what) order by t.kind, t.what::text`)

  it('applies a chunk once, however often it is delivered, and to whichever of two owners', async () => {
    await addProducts(db, 40)
    const records = toRecords(await claims())
    await Promise.all([process(records), process(records), process(records.slice(0, 20))])
    const once = await effects()
    expect(await fences()).toEqual([
      [0, 20],
      [1, 20],
    ])
    await process(records)
    await process([...records].reverse())
    expect(await effects()).toEqual(once)
    const [logs] = await db.query('select count(*)::int as n from sync_logs')
    expect(logs).toEqual({ n: 40 })
  })

  it('takes the first of two different results of one attempt, whole', async () => {
    await addProducts(db, 2)
    const [one, other] = toRecords(await claims())
    // A fetcher that died after its results were in the log: the next one asked again and was answered otherwise.
    const failed = (record: typeof one) =>
      with_(record, { outcome: 'failed', candidates: [], gtin14: null, retryAfterMs: 1 })
    const later = (record: typeof one) => ({ ...record!, raw: { ...record!.raw, offset: 1n } })
    await process([failed(one), other!, later(one), later(failed(other))])
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', failures: 1, due: false })
    expect(await syncRow(db, 'S2')).toMatchObject({ state: 'success', failures: 0 })
    const logged = await db.query(
      'select sku, result, asin from products p join sync_logs l on l.product_id = p.id left join amazon_market_data d on d.product_id = p.id order by 1',
    )
    expect(logged).toEqual([
      { sku: 'S1', result: 'failed', asin: null },
      { sku: 'S2', result: 'success', asin: 'B000000001' },
    ])
  })

  it('takes what lies past the fence of a chunk that comes again longer', async () => {
    await addProducts(db, 10)
    const records = toRecords(await claims())
    await process(records.slice(0, 4))
    expect(await process(records)).toHaveLength(10)
    const [left] = await db.query(`select count(*)::int as n from product_syncs where state = 'queued'`)
    expect(left).toEqual({ n: 0 })
  })

  it('rejects the one result of a chunk that can not be stored, as often as it comes, and keeps the others', async () => {
    await addProducts(db, 300)
    const records = toRecords(await claims())
    const poison = 137
    records[poison] = with_(records[poison], { httpStatus: 99_999 })
    const verdicts = await process(records)
    expect(verdicts.flatMap((verdict, i) => (verdict.kind === 'reject' ? [i] : []))).toEqual([poison])
    const [done] = await db.query(`select count(*)::int as n from product_syncs where state = 'success'`)
    expect(done).toEqual({ n: 299 })
    const once = await effects()
    expect((await process(records))[poison]?.kind).toBe('reject')
    expect(await effects()).toEqual(once)
  })

  it('finds the result that only PostgreSQL refuses by halving', async () => {
    await addProducts(db, 200)
    // Stands for whatever nobody has foreseen.
    await db.query(`alter table sync_logs add check (amazon_request_id <> 'poison')`)
    const records = toRecords(await claims())
    records[77] = with_(records[77], { amazonRequestId: 'poison' })
    const verdicts = await process(records)
    expect(verdicts.flatMap((verdict, i) => (verdict.kind === 'reject' ? [i] : []))).toEqual([77])
    const states = await db.query('select state, count(*)::int as n from product_syncs group by 1 order by 1')
    expect(states).toEqual([
      { state: 'pending', n: 1 },
      { state: 'success', n: 199 },
    ])
    expect(await fences()).toEqual([
      [0, 100],
      [1, 100],
    ])
  })

  it.each<[string, Partial<SyncResult>]>([
    ['holds half a character', { candidates: [candidateWith({ dimensions: '{"a":"\\ud800"}' })] }],
    ['names no ASIN', { candidates: [candidateWith({ asin: 'nonsense' })] }],
  ])('counts a result that %s as a failed attempt, so that its product ends somewhere', async (_, bad) => {
    await addProducts(db, 1)
    const [first] = toRecords(await claims())
    expect((await process([with_(first, bad)]))[0]?.kind).toBe('reject')
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', failures: 1, due: false })
    await db.query('update product_syncs set next_attempt_at = now()')
    const [second] = toRecords(await claims(), 100n)
    await process([with_(second, bad)])
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'error', failures: 2 })
    const [log] = await db.query('select reason from sync_logs order by attempt desc limit 1')
    expect(log).toMatchObject({ reason: expect.stringContaining('could not be stored') })
  })

  it('gives way to whoever edits products in another order, and goes on when they are done', async () => {
    await addProducts(db, 50)
    const records = toRecords(await claims())
    let processing: Promise<readonly Verdict[]> | undefined
    // The last product first, while the persister holds the first ones and waits for the last.
    await db.transaction(async (tx) => {
      await tx.query(
        `update products set title = 'pim' where id = (select max(id::text)::uuid from products)`,
      )
      processing = process(records)
      await waitFor(() => waiting(db), { what: 'the persister to wait', timeoutMs: 5_000 })
      await tx.query(
        `update products set title = 'pim' where id = (select min(id::text)::uuid from products)`,
      )
    })
    expect((await processing)?.every((verdict) => verdict.kind === 'done')).toBe(true)
    const [edited] = await db.query(`select count(*)::int as n from products where title = 'pim'`)
    expect(edited).toEqual({ n: 2 })
  })

  it('stops waiting for the database when the service is told to end', async () => {
    await addProducts(db, 1)
    const records = toRecords(await claims())
    const stop = new AbortController()
    await db.transaction(async (tx) => {
      await tx.query('lock table products in access exclusive mode')
      const processing = process(records, stop.signal)
      const ended = expect(processing).rejects.toThrow()
      await waitFor(() => waiting(db), { what: 'the persister to wait', timeoutMs: 5_000 })
      stop.abort()
      await ended
    })
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'queued' })
  })
})

const waiting = async (db: Database): Promise<boolean> =>
  (await db.query('select 1 from pg_locks where not granted')).length > 0

function candidateWith(more: Partial<SyncResult['candidates'][number]>): SyncResult['candidates'][number] {
  return {
    asin: 'B000000001',
    chosen: true,
    score: 1,
    reasons: [],
    title: 'Item',
    brand: null,
    productType: null,
    itemClassification: null,
    packageQuantity: null,
    salesRank: null,
    salesRankCategory: null,
    imageUrl: null,
    dimensions: null,
    ...more,
  }
}

/** Successes of two partitions in turn, offsets from `from` on. */
function toRecords(claims: readonly ClaimedProduct[], from = 0n): Decoded<SyncResult>[] {
  return claims.map((claim, i) => ({
    value: {
      productId: claim.productId,
      marketplaceId: claim.marketplaceId,
      attempt: claim.attempt,
      outcome: 'success',
      reason: null,
      gtin14: '00036000291452',
      repair: null,
      candidates: [candidateWith({})],
      operation: 'searchCatalogItems',
      observedAt: Date.now(),
      responseTimeMs: 100,
      amazonRequestId: 'request',
      httpStatus: 200,
      retryAfterMs: null,
    },
    raw: {
      topic: 'catalog.sync-results',
      partition: i % 2,
      offset: from + BigInt(Math.floor(i / 2)),
      key: null,
      value: null,
      headers: {},
      timestamp: Date.now(),
    },
  }))
}

function with_(record: Decoded<SyncResult> | undefined, more: Partial<SyncResult>): Decoded<SyncResult> {
  if (!record) throw new Error('no record')
  return { ...record, value: { ...record.value, ...more } }
}
