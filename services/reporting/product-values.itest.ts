import { afterAll, beforeAll, expect, it } from 'vitest'
import { addProducts } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'GET /api/products/values', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
    await addProducts(api.db, 4, { supplier: 'Harbor Distribution', brand: 'acme' })
    await api.db.query(
      `update products set supplier = 'harness & co' where sku = 'S2';
       update products set supplier = 'Acorn', brand = 'ACME Pro' where sku = 'S3';
       update products set supplier = null, brand = null where sku = 'S4'`,
    )
  })
  afterAll(() => api.close())

  it.each([
    ['field=supplier', ['Acorn', 'Harbor Distribution', 'harness & co']],
    ['field=supplier&beginning=har', ['Harbor Distribution', 'harness & co']],
    ['field=supplier&beginning=HARBOR%20d', ['Harbor Distribution']],
    ['field=supplier&beginning=har&limit=1', ['Harbor Distribution']],
    ['field=brand&beginning=Acme', ['acme', 'ACME Pro']],
    ['field=brand&beginning=cme', []],
    ['field=category', []],
    ['field=sku&beginning=s', ['S1', 'S2', 'S3', 'S4']],
  ])('answers %s', async (query, items) => {
    const { status, body } = await api.ask(`/api/products/values?${query}`)
    expect(status).toBe(200)
    expect(body.items.toSorted()).toEqual(items.toSorted())
  })

  it.each(['', 'field=title', 'field=brand&field=supplier', 'field=brand&beginning=a&beginning=b'])(
    'refuses %j',
    async (query) => {
      const { status, body } = await api.ask(`/api/products/values?${query}`)
      expect(status).toBe(400)
      expect(body.type).toBe('urn:asinstream:problem:invalid-fields')
    },
  )
})
