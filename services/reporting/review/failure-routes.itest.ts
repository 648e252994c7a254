import { afterAll, beforeAll, expect, it } from 'vitest'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { syncRow } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import { syncAll } from './testing.ts'

const OPERATION = 'catalogItems_2022-04-01.searchCatalogItems'

describeWith(['postgres'], 'what failed, by cause', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'], environment: { API_RATE_LIMIT: '100000' } })
    await upsertProducts(
      api.db,
      Array.from({ length: 9 }, (_, i) => ({
        sku: `S${i + 1}`,
        upc: `0360002914${i}2`,
        title: String(i + 1),
        supplier: i % 2 === 0 ? 'Acme' : 'Other',
      })),
    )
    await syncAll(api.db, ({ title, marketplaceId }) => came(title ?? '', marketplaceId))
  })
  afterAll(() => api?.close())

  /** In Canada all is well. Five time out, two answers are 503, one 400, one has no item. */
  function came(title: string, marketplaceId: string) {
    const n = Number(title)
    if (marketplaceId !== 'ATVPDKIKX0DER')
      return { result: 'success', asins: ['B00000000A'], chosen: 'B00000000A' }
    if (n <= 5) return { result: 'timeout', reason: `${OPERATION}: no whole answer within ${29_990 + n} ms` }
    if (n <= 7)
      return { result: 'failed', reason: `${OPERATION}: Amazon answered 503: "${n}" for B00000000${n}` }
    if (n === 8) return { result: 'failed', reason: `${OPERATION}: Amazon answered 400: "${n}"` }
    return { result: 'not_found', reason: 'Amazon has no item for 00036000291482.' }
  }
  const groups = async (query = '') => (await api.ask(`/api/review/failures?${query}`)).body
  const retry = (body: unknown) =>
    api.post('/api/review/failures/retry', 'application/json', JSON.stringify(body))
  const TIMEOUT = `timeout: ${OPERATION}: no whole answer within N ms`

  it('puts together what failed in the same way', async () => {
    const found = await groups()
    expect(found).toMatchObject({ read: 8, total: 8, complete: true })
    expect(found.items.map(({ cause, count }: { cause: string; count: number }) => [count, cause])).toEqual([
      [5, TIMEOUT],
      [2, `failed: ${OPERATION}: Amazon answered 503: "…" for N`],
      [1, `failed: ${OPERATION}: Amazon answered 400: "…"`],
    ])
    expect(found.items[0]).toMatchObject({
      result: 'timeout',
      operation: OPERATION,
      message: `${OPERATION}: no whole answer within N ms`,
      states: { error: 5 },
      countries: ['US'],
      sample: { marketplaceId: 'ATVPDKIKX0DER', reason: expect.stringMatching(/within 2999\d ms$/) },
    })
    expect((await groups('supplier=Acme')).items[0]).toMatchObject({ count: 3 })
    expect((await groups('marketplace=CA')).items).toEqual([])
    expect((await groups('state=not_found')).items).toMatchObject([
      { cause: 'not_found: Amazon has no item for N.', count: 1 },
    ])
    expect((await api.ask('/api/review/failures?state=success')).status).toBe(400)
    const query = new URLSearchParams({ cause: TIMEOUT, limit: '3' })
    const first = await api.ask(`/api/review/failures/products?${query}`)
    query.set('cursor', first.body.nextCursor)
    const rest = await api.ask(`/api/review/failures/products?${query}`)
    const skus = [...first.body.items, ...rest.body.items].map(({ sku }: { sku: string }) => sku)
    expect(new Set(skus)).toEqual(new Set(['S1', 'S2', 'S3', 'S4', 'S5']))
    expect(skus).toHaveLength(5)
  })

  it('asks again for those of a cause alone, after a preview, as a sync that can be followed', async () => {
    const wish = { filter: { cause: [TIMEOUT], supplier: ['Acme'] }, note: 'the network is mended' }
    const preview = await retry({ ...wish, dryRun: true })
    expect(preview).toMatchObject({ status: 200, body: { dryRun: true, total: 3, codes: 3 } })
    expect(await syncRow(api.db, 'S1')).toMatchObject({ state: 'error' })
    expect((await retry(wish)).status).toBe(409) // Amazon is not configured
    const started = await retry({ ...wish, checkConnection: false })
    expect(started.status).toBe(202)
    const { syncId } = started.body
    expect(started.headers.get('location')).toBe(`/api/sync/status/${syncId}`)
    expect((await retry({ ...wish, checkConnection: false })).status).toBe(409)
    while (await expandNextJob(api.db, 2)) {}
    const states = await api.db.query<{ sku: string; state: string }>(
      `select p.sku, s.state from product_syncs s join products p on p.id = s.product_id where s.state = 'pending' order by 1`,
    )
    expect(states.map(({ sku }) => sku)).toEqual(['S1', 'S3', 'S5'])
    await syncAll(api.db, () => ({ result: 'not_found' }))
    const { body: job } = await api.ask(`/api/sync/status/${syncId}`)
    expect(job).toMatchObject({ total: 3, done: 3, outcomes: { not_found: 3 } })
    expect((await groups()).items).toContainEqual(expect.objectContaining({ cause: TIMEOUT, count: 2 }))
    const { body: audit } = await api.ask('/api/audit?action=failures.retry')
    expect(audit.items).toMatchObject([
      { status: 202, details: { filter: { cause: [TIMEOUT], supplier: ['Acme'] }, syncId, note: wish.note } },
    ])
    // Two that came to nothing are there by path alone.
    const paths = (await api.ask('/api/audit')).body.items.map(({ status }: { status: number }) => status)
    expect(paths.toSorted()).toEqual([200, 202, 409, 409])
    expect((await retry({ filter: { state: ['pending'] } })).status).toBe(400)
    expect((await retry({ marketplaces: ['JP'] })).status).toBe(400)
  })
})
