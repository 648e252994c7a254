import { afterAll, beforeAll, expect, it } from 'vitest'
import { upsertProducts } from '#libs/db/products.ts'
import { productId, syncRow } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import { syncAll } from './testing.ts'

describeWith(['postgres'], 'codes that can not be looked up', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_RATE_LIMIT: '100000' } })
    await upsertProducts(api.db, [
      { sku: 'letter', upc: 'O36000291452', supplier: 'Acme' },
      { sku: 'twice', upc: '614141007349614141007349', supplier: 'Acme' },
      { sku: 'no-check', upc: '12345678901', supplier: 'Acme' },
      { sku: 'rounded', upc: '8.859E+11', supplier: 'Acme' },
      { sku: 'other', upc: '04006381333931.', supplier: 'Other' },
      { sku: 'refused', upc: '4006381333931', supplier: 'Other' },
      { sku: 'fine', upc: '614141007349', supplier: 'Acme' },
    ])
    await syncAll(api.db, ({ upc }) =>
      upc === '614141007349'
        ? { result: 'success', asins: ['B00000000A'], chosen: 'B00000000A' }
        : { result: 'invalid_upc', reason: 'Amazon refuses the code: no such thing' },
    )
  })
  afterAll(() => api?.close())

  const list = async (query = '') => (await api.ask(`/api/review/invalid-codes?${query}`)).body.items
  const send = (method: string, path: string, body: unknown) =>
    api.ask(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const repair = (body: unknown) => send('POST', '/api/review/invalid-codes/repair', body)

  it('says what is wrong with each, and what may be meant', async () => {
    const items = await list()
    const bySku = Object.fromEntries(items.map((item: { sku: string }) => [item.sku, item]))
    expect(Object.keys(bySku).sort((a, b) => a.localeCompare(b))).toEqual([
      'letter',
      'no-check',
      'other',
      'refused',
      'rounded',
      'twice',
    ])
    expect(bySku.letter).toMatchObject({
      marketplaces: ['US'],
      diagnosis: { code: 'NOT_DIGITS', reason: expect.stringContaining('O36000291452') },
      proposals: [{ code: '036000291452', how: 'letters_read_as_digits', sure: true }],
    })
    expect(bySku['no-check']).toMatchObject({ proposals: [{ code: '123456789012', sure: false }] })
    expect(bySku.rounded).toMatchObject({ diagnosis: { code: 'SCIENTIFIC_NOTATION' }, proposals: [] })
    expect(bySku.refused).toMatchObject({
      diagnosis: { code: 'AMAZON_REFUSED', reason: 'Amazon refuses the code: no such thing' },
    })
    const skus = async (query: string) =>
      (await list(query)).map(({ sku }: { sku: string }) => sku).toSorted()
    expect(await skus('repair=none')).toEqual(expect.arrayContaining(['refused', 'rounded']))
    expect(await skus('repair=sure&supplier=Acme')).toEqual(['letter', 'twice'])
    expect(await skus('text=letter')).toEqual(['letter'])
    const first = await api.ask('/api/review/invalid-codes?limit=4')
    const rest = await api.ask(`/api/review/invalid-codes?limit=4&cursor=${first.body.nextCursor}`)
    expect([...first.body.items, ...rest.body.items]).toEqual(items)
  })

  it('mends all that is sure of a filter, once, after a preview', async () => {
    const filter = { supplier: ['Acme'] }
    const preview = await repair({ filter, dryRun: true })
    expect(preview.body).toMatchObject({ looked: 4, proposed: 2, repaired: 0, without: 2, complete: true })
    expect(await syncRow(api.db, 'letter')).toMatchObject({ state: 'invalid' })
    const done = await repair({ filter })
    expect(done.body).toMatchObject({ looked: 4, proposed: 2, repaired: 2 })
    expect(done.body.sample.map(({ sku, to }: Record<string, string>) => [sku, to]).toSorted()).toEqual([
      ['letter', '036000291452'],
      ['twice', '614141007349'],
    ])
    expect(await syncRow(api.db, 'letter')).toMatchObject({ state: 'pending', sync_status: 'pending' })
    expect((await repair({ filter })).body).toMatchObject({ looked: 2, repaired: 0 })
    expect((await repair({ filter, unconfirmed: ['check_digit_appended'] })).body).toMatchObject({
      repaired: 1,
    })
    const { body: audit } = await api.ask('/api/audit?action=codes.repair')
    expect(audit.items).toMatchObject([
      { details: { filter, unconfirmed: ['check_digit_appended'], count: 1 } },
      {
        details: {
          filter,
          count: 2,
          changes: expect.arrayContaining([{ sku: 'letter', from: 'O36000291452', to: '036000291452' }]),
        },
      },
    ])
    expect((await repair({ filter: { text: 'x' } })).status).toBe(400)
  })

  it('edits a product in place, unless somebody else has', async () => {
    const id = await productId(api.db, 'rounded')
    const { updatedAt } = (await api.ask(`/products/${id}`)).body
    const bad = await send('PATCH', `/products/${id}`, { upc: '885909950806' })
    expect(bad).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'upc', message: expect.stringContaining('check digit') }] },
    })
    expect((await send('PATCH', `/products/${id}`, {})).status).toBe(400)
    expect((await send('PATCH', `/products/${id}`, { sku: 'x' })).status).toBe(400)
    const done = await send('PATCH', `/products/${id}`, {
      upc: '885909950805',
      title: 'A phone',
      category: null,
      updatedAt,
    })
    expect(done).toMatchObject({
      status: 200,
      body: { upc: '885909950805', title: 'A phone', supplier: 'Acme', syncStatus: 'pending' },
    })
    expect(await syncRow(api.db, 'rounded')).toMatchObject({ state: 'pending', due: true })
    const late = await send('PATCH', `/products/${id}`, { title: 'Another', updatedAt })
    expect(late).toMatchObject({ status: 412, body: { current: { title: 'A phone' } } })
    const { body: audit } = await api.ask('/api/audit?action=product.edit')
    expect(audit.items).toMatchObject([
      {
        details: {
          sku: 'rounded',
          before: { upc: '8.859E+11', title: null },
          after: { upc: '885909950805', title: 'A phone' },
        },
      },
    ])
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect((await send('PATCH', `/products/${nobody}`, { title: 'x' })).status).toBe(404)
  })
})
