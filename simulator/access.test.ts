import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { askToken, clock, codesQuery, ITEMS, request, sellerGrant, signIn, startForTest } from './testing.ts'

const query = codesQuery([upcOf(0)])
const denied = (details: string) => ({
  errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.', details }],
})

describe('LWA', () => {
  it('gives a token for a form and for JSON', async () => {
    const simulator = await startForTest()
    const form = await askToken(simulator, sellerGrant)
    expect(form.status).toBe(200)
    expect(form.body).toMatchObject({ token_type: 'bearer', expires_in: 3600, refresh_token: 'seller-one' })
    const json = await request(`${simulator.url}/auth/o2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sellerGrant),
    })
    expect(json.body.access_token).toMatch(/^Atza\|/)
    expect(json.body.access_token).not.toBe(form.body.access_token)
    expect(simulator.stats().tokensIssued).toBe(2)
    expect(JSON.stringify(simulator.stats())).not.toContain('seller-one')
  })

  it.each([
    [{ grant_type: '' }, 400, 'invalid_request'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ client_id: '' }, 400, 'invalid_request'],
    [{ client_id: 'other' }, 401, 'invalid_client'],
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ refresh_token: '' }, 400, 'invalid_request'],
    [{ grant_type: 'client_credentials' }, 400, 'invalid_request'],
    [{ grant_type: 'client_credentials', scope: 'everything' }, 400, 'invalid_scope'],
    [{ grant_type: 'authorization_code', code: 'x' }, 400, 'invalid_grant'],
  ])('refuses %j with %i %s', async (change, status, error) => {
    const simulator = await startForTest({ clientId: 'app', clientSecret: 'secret' })
    const reply = await askToken(simulator, { ...sellerGrant, ...change } as Record<string, string>)
    expect([reply.status, reply.body.error]).toEqual([status, error])
    expect(reply.body.error_description).toBeTruthy()
  })

  it('takes two client secrets while one is rotated, until the older one ends', async () => {
    const { now, pass } = clock()
    const simulator = await startForTest({ now, clientId: 'app', clientSecret: 'old' })
    const rotate = (body: object) =>
      request(`${simulator.url}/_simulator/lwa`, { method: 'POST', body: JSON.stringify(body) })
    const status = async (secret: string) =>
      (await askToken(simulator, { ...sellerGrant, client_secret: secret })).status
    expect([await status('old'), await status('new')]).toEqual([200, 401])
    expect((await rotate({ clientSecret: 'new', olderValidSeconds: 60 })).status).toBe(200)
    expect([await status('old'), await status('new')]).toEqual([200, 200])
    pass(60_000)
    expect([await status('old'), await status('new')]).toEqual([401, 200])
    expect((await rotate({ clientSecret: 'newer', olderValidSeconds: -1 })).body.error).toMatch(/0 or more/)
    const any = await startForTest()
    expect(() => any.setLwa({ clientSecret: 'new' })).toThrow(/Any application/)
  })

  it('refuses what was revoked', async () => {
    const simulator = await startForTest()
    const get = await signIn(simulator)
    const revoked = await request(`${simulator.url}/_simulator/revoke`, {
      method: 'POST',
      body: '{"refreshToken":"seller-one"}',
    })
    expect(revoked.status).toBe(200)
    expect((await askToken(simulator, sellerGrant)).body.error).toBe('invalid_grant')
    expect((await get(ITEMS, query)).body).toEqual(
      denied('The access token you provided is revoked, malformed or invalid.'),
    )
    const restore = (body: string) => request(`${simulator.url}/_simulator/restore`, { method: 'POST', body })
    await restore('{"refreshToken":"seller-one"}')
    expect((await askToken(simulator, sellerGrant)).status).toBe(200)
    expect((await restore('{}')).body.error).toMatch(/what to restore/)
    simulator.revoke({ clientId: 'app' })
    const other = await askToken(simulator, { ...sellerGrant, refresh_token: 'seller-two' })
    expect([other.status, other.body.error]).toEqual([400, 'unauthorized_client'])
  })
})

describe('clocks', () => {
  it('of tokens and of the Date header are changed while it runs', async () => {
    const { now, pass } = clock()
    const simulator = await startForTest({ now })
    const set = (path: string, body: object) =>
      request(`${simulator.url}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) })
    await set('lwa', { tokenTtlSeconds: 1 })
    const get = await signIn(simulator)
    expect((await get(ITEMS, query)).status).toBe(200)
    pass(1_000)
    expect((await get(ITEMS, query)).status).toBe(403)
    expect((await set('lwa', { tokenTtlSeconds: 0 })).body.error).toMatch(/above 0/)
    await set('clock', { dateSkewSeconds: -3_600 })
    const { headers } = await get(ITEMS, query)
    expect(Date.now() - Date.parse(headers.get('date') ?? '')).toBeGreaterThan(3_590_000)
    expect((await set('clock', {})).body.error).toMatch(/must be a number/)
  })
})

describe('access', () => {
  it('needs a token that is known and alive', async () => {
    const { now, pass } = clock()
    const simulator = await startForTest({ now, tokenTtlSeconds: 60 })
    const url = `${simulator.url}${ITEMS}?${new URLSearchParams(query)}`
    const missing = await request(url)
    expect([missing.status, missing.body]).toEqual([
      403,
      denied('Access token is missing in the request header.'),
    ])
    const unknown = await request(url, { headers: { 'x-amz-access-token': 'Atza|nobody' } })
    expect(unknown.body).toEqual(denied('The access token you provided is revoked, malformed or invalid.'))
    const get = await signIn(simulator)
    pass(59_999)
    expect((await get(ITEMS, query)).status).toBe(200)
    pass(1)
    const expired = await get(ITEMS, query)
    expect([expired.status, expired.body]).toEqual([
      403,
      denied('The access token you provided has expired.'),
    ])
    expect(expired.headers.get('x-amzn-ratelimit-limit')).toBeNull()
    expect(expired.headers.get('x-amzn-requestid')).toBeTruthy()
  })

  it('needs a user agent', async () => {
    const simulator = await startForTest()
    const { body } = await askToken(simulator, sellerGrant)
    const headers = { 'x-amz-access-token': body.access_token, 'user-agent': '' }
    expect(
      (await request(`${simulator.url}${ITEMS}?${new URLSearchParams(query)}`, { headers })).status,
    ).toBe(403)
  })

  it('is denied to a grantless token', async () => {
    const get = await signIn(await startForTest(), {
      grant_type: 'client_credentials',
      scope: 'sellingpartnerapi::notifications',
    })
    expect(await get(ITEMS, query)).toMatchObject({ status: 403, body: denied('') })
  })

  it('is denied where there is no such path or method', async () => {
    const simulator = await startForTest()
    const get = await signIn(simulator)
    for (const path of ['/nowhere', `${ITEMS}/`, '/']) {
      const { status, body } = await get(path)
      expect([status, body.errors[0].code]).toEqual([403, 'MissingAuthenticationToken'])
    }
    expect((await request(`${simulator.url}${ITEMS}`, { method: 'POST' })).body.errors[0].code).toBe(
      'MissingAuthenticationToken',
    )
  })
})
