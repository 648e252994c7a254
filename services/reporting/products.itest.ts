import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimDue } from '#libs/db/claims.ts'
import { applyOutcomes, type Outcome } from '#libs/db/outcomes.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { candidate, outcome, productId, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'product routes', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
    await upsertProducts(
      api.db,
      Array.from({ length: 25 }, (_, i) => ({
        sku: `S${String(i + 1).padStart(2, '0')}`,
        upc: `U${i % 5}`,
        title: `Product ${i + 1}`,
        supplier: i % 2 === 0 ? 'Acme' : 'Best, Ltd',
        brand: i % 3 === 0 ? 'Red' : 'Blue',
        category: 'Tools',
      })),
    )
    await answer({
      S01: { result: 'success', candidates: [candidate('B000000001', { chosen: true, score: 0.9 })] },
      S02: {
        result: 'ambiguous',
        reason: 'two are alike',
        candidates: [candidate('B000000001'), candidate('B000000002', { score: 0.7, salesRank: 12 })],
      },
      S03: { result: 'invalid_upc', reason: 'not digits', answered: false },
    })
  })
  afterAll(() => api.close())

  /** Claims everything and records outcomes for some; the others stay queued. */
  async function answer(bySku: Record<string, Partial<Outcome>>): Promise<void> {
    const outcomes: Outcome[] = []
    const skus = new Map(
      await Promise.all(Object.keys(bySku).map(async (sku) => [await productId(api.db, sku), sku] as const)),
    )
    await claimDue(api.db, { limit: 1_000, queuedTimeoutMs: 60_000 }, async (claimed) => {
      for (const claim of claimed) {
        const more = bySku[skus.get(claim.productId) ?? '']
        if (more) outcomes.push(outcome(claim, more))
      }
    })
    await api.db.transaction((tx) =>
      applyOutcomes(tx, outcomes, ({ result }) => ({
        state: result === 'invalid_upc' ? 'invalid' : (result as 'success'),
        failures: 0,
        retryInMs: null,
      })),
    )
  }

  const skus = async (query: string): Promise<string[]> => {
    const { status, body } = await api.ask(`/products${query}`)
    expect(body).toMatchObject({ items: expect.any(Array) })
    expect(status).toBe(200)
    return body.items.map((item: { sku: string }) => item.sku)
  }

  it.each([
    ['?supplier=Best,%20Ltd&limit=3', ['S02', 'S04', 'S06']],
    ['?supplier=Acme&supplier=Best,%20Ltd&limit=3', ['S01', 'S02', 'S03']],
    ['?supplier=Acme&brand=Red&category=Tools', ['S01', 'S07', 'S13', 'S19', 'S25']],
    ['?category=Toys', []],
    ['?brand=Red&sku=S04&sku=S05', ['S04']],
    ['?upc=U4&upc=U4', ['S05', 'S10', 'S15', 'S20', 'S25']],
    ['?syncStatus=ambiguous&syncStatus=invalid', ['S02', 'S03']],
    ['?syncStatus=success', ['S01']],
    ['?syncStatus=success&syncStatus=ambiguous', ['S01', 'S02']],
    ['?syncStatus=queued&limit=2', ['S04', 'S05']],
    ['?syncStatus=pending', []],
    ['?asin=B000000001', ['S01', 'S02']],
    ['?asin=B000000002&asin=B000000001&syncStatus=ambiguous', ['S02']],
    ['?asin=B000000001&sku=S01', ['S01']],
    ['?marketplace=US&syncStatus=ambiguous', ['S02']],
    [`?marketplace=${US}&syncStatus=ambiguous&syncStatus=success&supplier=Acme`, ['S01']],
    ['?marketplace=CA&syncStatus=ambiguous', []],
    ['?marketplace=US&sku=S04', ['S04']],
  ])('lists %s', async (query, expected) => {
    expect(await skus(query)).toEqual(expected)
  })

  it.each([
    '',
    '&supplier=Acme',
    '&supplier=Acme&supplier=Best,%20Ltd',
    '&syncStatus=queued',
    '&upc=U1&upc=U2',
  ])('goes through pages by id, each product once (%s)', async (filter) => {
    const whole = (await api.ask(`/products?limit=200${filter}`)).body
    expect(whole.nextCursor).toBeNull()
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const path: string = `/products?limit=4${filter}${cursor === null ? '' : `&cursor=${cursor}`}`
      const { body } = await api.ask(path)
      ids.push(...body.items.map((item: { id: string }) => item.id))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(ids).toEqual(whole.items.map((item: { id: string }) => item.id))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(4)
  })

  it('refuses what it does not know, with what it does', async () => {
    const { status, body } = await api.ask('/products?suplier=Acme&limit=0&sku=')
    expect(status).toBe(400)
    expect(body.errors.map((error: { field: string }) => error.field)).toEqual(['suplier', 'sku', 'limit'])
    expect(body.detail).toContain(
      'supplier, category, brand, syncStatus, sku, upc, asin, marketplace, limit, cursor',
    )
    expect((await api.ask('/products?syncStatus=done')).body.detail).toContain('not_found')
    expect((await api.ask('/products?marketplace=Mars')).body.errors[0].field).toBe('marketplace')
    expect((await api.ask('/products?sku=%00')).status).toBe(400)
    expect((await api.ask('/products?limit=201')).status).toBe(400)
  })

  it('refuses a cursor that was changed or is of another list', async () => {
    const { nextCursor } = (await api.ask('/products?limit=1')).body
    const changed = (nextCursor[0] === 'A' ? 'B' : 'A') + nextCursor.slice(1)
    const id = await productId(api.db, 'S01')
    for (const path of [
      `/products?cursor=${changed}`,
      '/products?cursor=nonsense',
      `/products/${id}/logs?cursor=${nextCursor}`,
    ]) {
      expect((await api.ask(path)).body.type, path).toBe('urn:asinstream:problem:invalid-cursor')
    }
    expect((await api.ask(`/products?limit=1&cursor=${nextCursor}`)).status).toBe(200)
  })

  it('shows a product with its marketplaces, market data and logs', async () => {
    const { status, body } = await api.ask(`/products/${await productId(api.db, 'S02')}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      sku: 'S02',
      upc: 'U1',
      title: 'Product 2',
      supplier: 'Best, Ltd',
      packQuantity: null,
      gtin14: '00036000291452',
      syncStatus: 'ambiguous',
      lastAmazonSync: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(body.marketplaces).toEqual([
      {
        marketplaceId: US,
        countryCode: 'US',
        state: 'ambiguous',
        attempt: 1,
        failures: 0,
        nextAttemptAt: null,
        syncedAt: body.lastAmazonSync,
        lastResult: 'ambiguous',
        lastReason: 'two are alike',
        jobId: null,
      },
    ])
    expect(body.marketData).toHaveLength(2)
    expect(body.marketData[0]).toMatchObject({
      asin: 'B000000002',
      chosen: false,
      score: 0.7,
      reasons: ['exact code'],
      salesRank: 12,
      price: null,
      offerCount: null,
      observedAt: body.lastAmazonSync,
      confirmedAt: body.lastAmazonSync,
      operation: 'searchCatalogItems',
    })
    expect(body.logs).toMatchObject([
      {
        attempt: 1,
        result: 'ambiguous',
        reason: 'two are alike',
        responseTimeMs: 120,
        amazonRequestId: 'request-1',
      },
    ])
  })

  it('pages through logs, newest first', async () => {
    const id = await productId(api.db, 'S04')
    await api.db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select $1, $2, n, now() - (100 - n / 2) * interval '1 minute', 'timeout' from generate_series(1, 60) n`,
      [id, US],
    )
    expect((await api.ask(`/products/${id}`)).body.logs).toHaveLength(50)
    const attempts: number[] = []
    let cursor: string | null = null
    do {
      const path: string = `/products/${id}/logs?limit=25${cursor === null ? '' : `&cursor=${cursor}`}`
      const { body } = await api.ask(path)
      attempts.push(...body.items.map((log: { attempt: number }) => log.attempt))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(attempts).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i))
  })

  it('answers 404 for a product that is not, 400 for what is no id', async () => {
    for (const path of [`/products/${randomUUID()}`, `/products/${randomUUID()}/logs`]) {
      expect((await api.ask(path)).body).toMatchObject({
        status: 404,
        detail: expect.stringContaining('sku='),
      })
    }
    expect((await api.ask('/products/S1')).status).toBe(400)
  })
})
