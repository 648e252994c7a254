import { afterAll, beforeAll, expect, it } from 'vitest'
import { addProducts } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'answers that are asked for again', () => {
  let api: TestReporting
  let productId: string
  beforeAll(async () => {
    api = await startTestReporting()
    await addProducts(api.db, 3)
    productId = (await api.ask('/products?limit=1')).body.items[0].id
  })
  afterAll(() => api?.close())

  const again = (path: string, etag: string) =>
    // As fetch sends it beside an If-None-Match of the page's own.
    api.ask(path, { headers: { 'if-none-match': etag, 'cache-control': 'no-cache' } })

  it.each([
    '/products?limit=2',
    '/marketplace/amazon/sync-status',
    '/marketplace/amazon/quota',
    '/marketplace/amazon/sync-jobs',
    '/marketplace/amazon/sync-exceptions',
    '/api/sync/history',
    '/api/session',
    '/openapi.json',
    '/docs',
    '/',
  ])('%s is 304 while it has not changed', async (path) => {
    const first = await api.ask(path)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{20,}"$/)
    const second = await again(path, `W/"other", W/${etag}`)
    expect(second).toMatchObject({ status: 304, body: '' })
    expect(second.headers.get('etag')).toBe(etag)
    expect(second.headers.get('x-request-id')).not.toBeNull()
    expect((await again(path, '"other"')).status).toBe(200)
    const head = await api.ask(path, { method: 'HEAD', headers: { 'if-none-match': etag } })
    expect(head.status).toBe(304)
  })

  it('is told anew when it has changed', async () => {
    const path = `/products/${productId}`
    const etag = (await api.ask(path)).headers.get('etag') ?? ''
    expect((await again(path, etag)).status).toBe(304)
    await api.db.query(`update products set title = 'another' where id = $1`, [productId])
    const changed = await again(path, etag)
    expect(changed).toMatchObject({ status: 200, body: { title: 'another' } })
    expect(changed.headers.get('etag')).not.toBe(etag)
  })

  it('gives no tag to problems, downloads and metrics', async () => {
    for (const path of ['/products/nonsense', '/products/export?format=csv', '/metrics']) {
      const { headers } = await api.ask(path, { headers: { 'if-none-match': '*' } })
      expect(headers.get('etag')).toBeNull()
    }
  })
})
