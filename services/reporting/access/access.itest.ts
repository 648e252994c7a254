import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiScope, createApiKey, removeOldAudit, revokeApiKey } from '#libs/db/api-keys.ts'
import type { RunningService } from '#libs/service/service.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

const ADMIN_KEY = 'an-admin-key-of-more-than-thirty-two-characters'

/** A service of the same process with something to tell that is not for strangers. */
const sibling: RunningService = {
  name: 'catalog-fetcher',
  finished: new Promise(() => {}),
  healthy: () => true,
  ready: async () => {},
  details: () => ({ sellers: { stopped: [{ seller: 'CANARY' }] } }),
  stop: async () => {},
}

describeWith(['postgres'], 'an API that asks for keys', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({
      environment: { API_AUTH: 'keys', API_ADMIN_KEY: ADMIN_KEY },
      reporting: { services: () => [sibling] },
    })
  })
  afterAll(() => api?.close())

  const keyFor = (scopes: readonly ApiScope[], expiresAt: Date | null = null) =>
    createApiKey(api.db, { name: scopes.join('+'), scopes, createdBy: 'test', expiresAt })
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
  const as = (key: string, path: string, init: RequestInit = {}) =>
    api.ask(path, { ...init, headers: { ...bearer(key), ...(init.headers as object) } })

  it('is closed to whoever does not say who they are, on every route but the public ones', async () => {
    const { body } = await as(ADMIN_KEY, '/nowhere')
    const routes = (body.routes as string[]).map((route) => route.split(' ') as [string, string])
    expect(routes.length).toBeGreaterThan(10)
    const open: string[] = []
    for (const [method, path] of routes) {
      const answer = await api.ask(path.replaceAll(/:\w+/g, '00000000-0000-7000-8000-000000000000'), {
        method,
      })
      if (answer.status !== 401) open.push(`${method} ${path}`)
    }
    expect(open.toSorted()).toEqual([
      'DELETE /api/session',
      'GET /',
      'GET /api/session',
      'GET /assets/:version/*file',
      'GET /docs',
      'GET /docs.css',
      'GET /health',
      'GET /livez',
      'GET /openapi.json',
      'GET /readyz',
      'GET /ui',
      'GET /ui/*page',
      'POST /api/session',
    ])
  })

  it('tells strangers its health, and not who the sellers are', async () => {
    for (const path of ['/readyz', '/health']) {
      const { status, body } = await api.ask(path)
      expect(status).toBe(200)
      expect(JSON.stringify(body)).toContain('catalog-fetcher')
      expect(JSON.stringify(body)).not.toContain('CANARY')
    }
  })

  it('says how to come in, and does not tell strangers which routes there are', async () => {
    const answer = await api.ask('/nowhere')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="asinstream"')
    expect(answer.body).toMatchObject({ type: 'urn:asinstream:problem:unauthenticated', status: 401 })
    expect(answer.body.detail).toContain('asinstream keys create')
    expect(answer.body.routes).toBeUndefined()
  })

  it.each([
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['a key that nobody made', { authorization: `Bearer asin_${'x'.repeat(43)}` }],
    ['a key of another kind', { 'x-api-key': 'something' }],
    ['a token where no issuer is set', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
  ])('refuses %s', async (_what, headers) => {
    expect((await api.ask('/products', { headers })).status).toBe(401)
  })

  it('lets each scope do its own and no more, and admin everything', async () => {
    const attempts: Record<string, () => [string, RequestInit?]> = {
      read: () => ['/products'],
      sync: () => ['/marketplace/amazon/sync', { method: 'POST' }],
      products: () => [
        '/products',
        { method: 'POST', body: '[{"sku":"A"}]', headers: { 'content-type': 'application/json' } },
      ],
      admin: () => ['/api/keys'],
    }
    const table: Record<string, string[]> = {}
    for (const scope of ['read', 'sync', 'products', 'admin'] as const) {
      const { key } = await keyFor([scope])
      table[scope] = []
      for (const [name, request] of Object.entries(attempts)) {
        const answer = await as(key, ...request())
        if (answer.status < 300) table[scope].push(name)
        else expect(answer.body).toMatchObject({ status: 403, type: 'urn:asinstream:problem:forbidden' })
      }
    }
    expect(table).toEqual({
      read: ['read'],
      sync: ['sync'],
      products: ['products'],
      admin: ['read', 'sync', 'products', 'admin'],
    })
  })

  it('takes a key as X-API-Key too, and notes when it was last used', async () => {
    const { key, view } = await keyFor(['read'])
    expect(view.lastUsedAt).toBeNull()
    expect((await api.ask('/products', { headers: { 'x-api-key': key } })).status).toBe(200)
    await expect
      .poll(async () => {
        const { body } = await as(ADMIN_KEY, '/api/keys')
        return body.items.find(({ id }: { id: string }) => id === view.id).lastUsedAt
      })
      .not.toBeNull()
  })

  it('refuses a key from the moment that it is revoked, or past its end', async () => {
    const { key, view } = await keyFor(['read'])
    const expired = await keyFor(['read'], new Date(Date.now() - 1_000))
    expect((await as(key, '/products')).status).toBe(200)
    expect((await as(expired.key, '/products')).status).toBe(401)
    await revokeApiKey(api.db, view.id)
    expect((await as(key, '/products')).status).toBe(401)
  })

  it('makes, lists and revokes keys for an admin, and shows a key once', async () => {
    const made = await as(ADMIN_KEY, '/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'pim', scopes: ['read', 'products'], expiresIn: '90d' }),
    })
    expect(made).toMatchObject({ status: 201, body: { name: 'pim', createdBy: 'key API_ADMIN_KEY' } })
    const { key, id, prefix } = made.body
    expect(key).toMatch(/^asin_[\w-]{43}$/)
    const listed = await as(ADMIN_KEY, '/api/keys')
    expect(JSON.stringify(listed.body)).not.toContain(key)
    expect((await as(key, '/products')).status).toBe(200)
    const revoked = await as(ADMIN_KEY, `/api/keys/${prefix}`, { method: 'DELETE' })
    expect(revoked.body).toMatchObject({ id, revokedAt: expect.any(String) })
    expect((await as(key, '/products')).status).toBe(401)
    const wrong = await as(ADMIN_KEY, '/api/keys', {
      method: 'POST',
      body: JSON.stringify({ name: '', scopes: ['root'], expiresIn: 'soon', more: 1 }),
    })
    expect(wrong.status).toBe(400)
    expect(wrong.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'expiresIn',
      'more',
      'name',
      'scopes.0',
    ])
  })

  it('gives a browser its key back as a cookie that no script can read, and takes it away again', async () => {
    const { key } = await keyFor(['read'])
    const enter = (given: unknown) => api.post('/api/session', 'application/json', JSON.stringify(given))
    expect((await enter({ key: 'wrong' })).status).toBe(401)
    expect((await enter({})).status).toBe(400)
    const entered = await enter({ key })
    expect(entered.body).toEqual({ caller: 'key read', scopes: ['read'] })
    const cookie = entered.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/httponly/i)
    expect(cookie).toMatch(/samesite=strict/i)
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    expect((await api.ask('/products', { headers })).status).toBe(200)
    expect((await api.ask('/api/session', { headers })).body).toEqual(entered.body)
    const left = await api.ask('/api/session', { method: 'DELETE', headers })
    expect(left.headers.get('set-cookie')).toMatch(/expires=Thu, 01 Jan 1970/i)
    expect((await api.ask('/api/session')).body).toEqual({ caller: null, scopes: [] })
  })

  it('writes down who changed what, also what was refused, and forgets it after a while', async () => {
    await api.db.query('delete from api_audit')
    const { key, view } = await keyFor(['read'])
    await as(key, '/marketplace/amazon/sync', { method: 'POST', headers: { 'x-request-id': 'r-1' } })
    await as(ADMIN_KEY, '/marketplace/amazon/sync', { method: 'POST' })
    await api.ask('/marketplace/amazon/sync', { method: 'POST' })
    await as(key, '/products')
    const rows = await api.db.query(
      'select caller, key_id as "keyId", method, path, status, request_id as "requestId" from api_audit order by id',
    )
    expect(rows).toMatchObject([
      {
        caller: 'key read',
        keyId: view.id,
        method: 'POST',
        path: '/marketplace/amazon/sync',
        status: 403,
        requestId: 'r-1',
      },
      { caller: 'key API_ADMIN_KEY', keyId: null, status: 202 },
      { caller: expect.stringMatching(/^nobody /), keyId: null, status: 401 },
    ])
    await removeOldAudit(api.db, 60_000)
    expect(await api.db.query('select 1 from api_audit')).toHaveLength(3)
    await removeOldAudit(api.db, 0)
    expect(await api.db.query('select 1 from api_audit')).toHaveLength(0)
  })

  it('has no key in its log', async () => {
    const { key } = await keyFor(['read'])
    await as(key, `/products?sku=${key.slice(0, 4)}`)
    await as(`${key}x`, '/products')
    await api.post('/api/session', 'application/json', JSON.stringify({ key }))
    const log = api.lines.join('')
    expect(log).not.toContain(key)
    expect(log).not.toContain(ADMIN_KEY)
  })
})

describeWith(['postgres'], 'the number of requests', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_RATE_LIMIT: '5' } })
  })
  afterAll(() => api?.close())

  it('is limited for each caller, who is told how many are left and when there are more', async () => {
    const answers = []
    for (let i = 0; i < 7; i++) answers.push(await api.ask('/products'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"requests";q=5;w=60')
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"requests";r=4;t=\d+$/)
    expect(answers[6]?.body).toMatchObject({ type: 'urn:asinstream:problem:too-many-requests' })
    expect(Number(answers[6]?.headers.get('retry-after'))).toBeGreaterThan(0)
    // Whether it lives is asked by machines that must not be turned away.
    expect((await api.ask('/livez')).status).toBe(200)
  })
})

describeWith(['postgres'], 'the number of wrong keys', () => {
  it('is limited for each address, however they are sent', async () => {
    const api = await startTestReporting({ environment: { API_AUTH: 'keys', API_RATE_LIMIT: '400' } })
    try {
      const enter = () => api.post('/api/session', 'application/json', '{"key":"wrong"}')
      expect((await enter()).status).toBe(401)
      expect((await api.ask('/products', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401)
      expect((await enter()).status).toBe(429)
      expect((await api.ask('/products', { headers: { 'x-api-key': 'wrong' } })).status).toBe(429)
    } finally {
      await api.close()
    }
  })
})

describeWith(['postgres'], 'who may come in', () => {
  it.each([
    ['everybody on loopback', {}, 200],
    ['whoever has a key elsewhere', { HOST: '0.0.0.0' }, 401],
    ['everybody elsewhere when that was asked for', { HOST: '0.0.0.0', API_AUTH: 'open' }, 200],
  ])('is %s', async (_who, environment, status) => {
    const api = await startTestReporting({ environment })
    try {
      const origin = api.origin.replace('0.0.0.0', '127.0.0.1')
      const answer = await fetch(`${origin}/products`, {
        headers: { cookie: 'asinstream_key=of-another-server' },
      })
      expect(answer.status).toBe(status)
      const log = api.lines.join('')
      expect(/whoever reaches this address may change everything/.test(log)).toBe('API_AUTH' in environment)
      expect(/there is none yet: asinstream keys create/.test(log)).toBe(status === 401)
    } finally {
      await api.close()
    }
  })
})
