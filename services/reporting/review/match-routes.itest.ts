import { afterAll, beforeAll, expect, it } from 'vitest'
import { upsertProducts } from '#libs/db/products.ts'
import { CA, productId, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import { makeDue, syncAll } from './testing.ts'

const [A, B, C] = ['B00000000A', 'B00000000B', 'B00000000C'] as const
const PRODUCTS = 6

describeWith(['postgres'], 'the review of matches', () => {
  let api: TestReporting
  let id: string
  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'], environment: { API_RATE_LIMIT: '100000' } })
    await upsertProducts(
      api.db,
      Array.from({ length: PRODUCTS }, (_, i) => ({
        sku: `S${i + 1}`,
        upc: `03600029145${i}`,
        title: `Widget number ${i + 1}`,
        brand: 'Acme',
        supplier: i < 2 ? 'small' : 'large',
        category: 'Tools',
        packQuantity: 2,
      })),
    )
    // S6 is matched; in Canada everything but S1 is unknown.
    await sync()
    id = await productId(api.db, 'S1')
  })
  afterAll(() => api?.close())

  const sync = () =>
    syncAll(api.db, ({ marketplaceId, title }) => {
      const n = Number(title?.at(-1))
      if (marketplaceId === CA && n > 1) return { result: 'not_found' }
      return n === 6 ? { result: 'success', asins: [A], chosen: A } : { result: 'ambiguous', asins: [A, B] }
    })
  const url = (product = id, country = 'US') => `/api/review/matches/${product}/${country}`
  const look = async (product = id) => (await api.ask(url(product))).body
  const decide = async (
    action: string,
    body: Record<string, unknown>,
    headers: Record<string, string> = {},
    product = id,
  ) => api.post(`${url(product)}/${action}`, 'application/json', JSON.stringify(body), headers)

  it('lists what waits, by index and in pages, a row per marketplace', async () => {
    const list = async (query: string) => {
      const { items, nextCursor } = (await api.ask(`/api/review/matches?${query}`)).body
      return {
        rows: items.map(({ sku, countryCode }: Record<string, string>) => `${sku} ${countryCode}`),
        nextCursor,
      }
    }
    expect((await list('')).rows.toSorted()).toEqual(['S1 CA', 'S1 US', 'S2 US', 'S3 US', 'S4 US', 'S5 US'])
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const { rows, nextCursor } = await list(`limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...rows)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    expect(seen).toEqual((await list('')).rows)
    expect((await list('supplier=small&marketplace=US')).rows.toSorted()).toEqual(['S1 US', 'S2 US'])
    expect((await list('marketplace=GB')).rows).toEqual([])
    expect((await list('text=WIDGET s3')).rows).toEqual(['S3 US'])
    expect((await list('text=widget gadget')).rows).toEqual([])
    expect((await list(`asin=${B}&sku=S4`)).rows).toEqual(['S4 US'])
    const { items } = (await api.ask('/api/review/matches?sku=S1&marketplace=us')).body
    expect(items).toMatchObject([{ candidates: 2, reason: 'as ambiguous', title: 'Widget number 1' }])
    expect((await api.ask('/api/review/matches?marketplace=Atlantis&text=')).status).toBe(400)
    const { body } = await api.ask('/api/review/summary')
    expect(body).toMatchObject({ ambiguous: 6, notFound: 5, invalid: 0 })
    expect(body.marketplaces.find((one: { countryCode: string }) => one.countryCode === 'CA')).toMatchObject({
      ambiguous: 1,
    })
  })

  it('shows both sides', async () => {
    const { status, headers, body } = await api.ask(url())
    expect(status).toBe(200)
    expect(headers.get('etag')).toMatch(new RegExp(`^"${body.version}\\.`))
    expect(body).toMatchObject({
      sku: 'S1',
      packQuantity: 2,
      marketplaceId: US,
      state: 'ambiguous',
      candidates: [
        { asin: A, chosen: false, verdict: null, score: 0.5, reasons: ['exact code'], title: `Item ${A}` },
        { asin: B },
      ],
      decisions: [],
      history: [],
    })
    expect((await api.ask(url(id, 'ATVPDKIKX0DER'))).body.version).toBe(body.version)
    expect((await api.ask(url(id, 'Atlantis'))).status).toBe(400)
    expect((await api.ask(url(id, 'JP'))).status).toBe(404)
    expect((await api.ask(url('00000000-0000-4000-8000-000000000000'))).status).toBe(404)
  })

  it('accepts, rejects and takes back, for who looked at what is so now; and writes down who did', async () => {
    const { version } = await look()
    expect((await decide('accept', { asin: B })).status).toBe(428)
    expect((await decide('accept', { asin: C, version })).status).toBe(422)
    expect((await decide('accept', { asin: 'nonsense', version })).status).toBe(400)
    expect((await decide('reject', { version })).status).toBe(400)
    expect((await decide('undo', { version })).status).toBe(409)

    const accepted = await decide('accept', { asin: B, version, note: 'two in the picture' })
    expect(accepted).toMatchObject({
      status: 200,
      body: { state: 'success', effect: 'now', decisions: [{ asin: B, note: 'two in the picture' }] },
    })
    expect(accepted.body.candidates).toMatchObject([
      { asin: B, chosen: true, verdict: 'accepted' },
      { asin: A, chosen: false, verdict: null },
    ])
    const late = await decide('reject', { all: true, version })
    expect(late.status).toBe(412)
    expect(late.body.current.version).toBe(accepted.body.version)

    await makeDue(api.db)
    await sync()
    expect((await look()).candidates[0]).toMatchObject({ asin: B, chosen: true })
    expect((await api.ask(`/products/${id}`)).body.marketData).toContainEqual(
      expect.objectContaining({ asin: B, marketplaceId: US, chosen: true }),
    )

    const etag = (await api.ask(url())).headers.get('etag') as string
    const rejected = await decide('reject', { asins: [B] }, { 'if-match': etag })
    expect(rejected).toMatchObject({ status: 200, body: { state: 'ambiguous' } })
    const undone = await decide('undo', { version: rejected.body.version })
    expect(undone).toMatchObject({ status: 200, body: { state: 'success' } })
    expect((await decide('undo', { version: undone.body.version })).body).toMatchObject({
      state: 'ambiguous',
    })

    const { body: audit } = await api.ask('/api/audit?action=match.accept&action=match.undo')
    expect(audit.items).toHaveLength(3)
    expect(audit.items[2]).toMatchObject({
      caller: 'local',
      method: 'POST',
      status: 200,
      action: 'match.accept',
      details: {
        sku: 'S1',
        note: 'two in the picture',
        before: { state: 'ambiguous', chosen: null },
        after: { state: 'success', chosen: B, decisions: [`accepted ${B}`] },
      },
    })
    // What was refused is there as well, once.
    const all = (await api.ask('/api/audit?limit=200')).body.items
    expect(all.filter(({ path }: { path: string }) => path.endsWith('/accept'))).toHaveLength(4)
  })

  it('tells what was decided, in pages', async () => {
    const other = await productId(api.db, 'S2')
    await decide('accept', { asin: A, version: (await look(other)).version }, {}, other)
    const first = await api.ask('/api/review/decisions?limit=1')
    expect(first.body.items).toMatchObject([{ sku: 'S2', asin: A, verdict: 'accepted', endedAt: null }])
    const second = await api.ask(`/api/review/decisions?cursor=${first.body.nextCursor}`)
    expect(second.body.items).toMatchObject([
      { sku: 'S1', verdict: 'rejected', endedBecause: 'undone' },
      { sku: 'S1', verdict: 'accepted', endedBecause: 'undone' },
    ])
    expect((await api.ask('/api/review/decisions?active=true')).body.items).toHaveLength(1)
    expect((await api.ask('/api/review/decisions?active=maybe')).status).toBe(400)
    expect((await api.ask('/api/audit?caller=nobody')).body.items).toEqual([])
    expect((await api.ask('/api/audit?since=yesterday')).status).toBe(400)
  })
})
