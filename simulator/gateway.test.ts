import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { faultKinds } from './faults.ts'
import { askToken, codesQuery, ITEMS, request, sellerGrant, signIn, startForTest, US } from './testing.ts'

const query = codesQuery([upcOf(0)])
const clock = () => {
  const at = { ms: 1_000 }
  const pass = (ms: number) => {
    at.ms += ms
  }
  return { now: () => at.ms, pass }
}
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
    simulator.revoke({ clientId: 'app' })
    const other = await askToken(simulator, { ...sellerGrant, refresh_token: 'seller-two' })
    expect([other.status, other.body.error]).toEqual([400, 'unauthorized_client'])
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

describe('usage plans', () => {
  it('let a burst through, then one call each half second, with Amazon’s shape for the rest', async () => {
    const { now, pass } = clock()
    const get = await signIn(await startForTest({ now, rate: 2, burst: 2 }))
    const statuses = async (n: number) => {
      const all: number[] = []
      for (let i = 0; i < n; i++) all.push((await get(ITEMS, query)).status)
      return all
    }
    expect(await statuses(3)).toEqual([200, 200, 429])
    pass(499)
    expect(await statuses(1)).toEqual([429])
    pass(1)
    expect(await statuses(2)).toEqual([200, 429])
    pass(60_000)
    expect(await statuses(3)).toEqual([200, 200, 429])
    const { headers, body } = await get(ITEMS, query)
    expect(body).toEqual({
      errors: [
        {
          code: 'QuotaExceeded',
          message: 'You exceeded your quota for the requested resource.',
          details: '',
        },
      ],
    })
    expect(headers.get('x-amzn-errortype')).toBe('TooManyRequestsException')
    expect(headers.get('x-amzn-ratelimit-limit')).toBeNull()
    expect(headers.get('retry-after')).toBeNull()
  })

  it('lets a caller who is always on time through for ever', async () => {
    const { UsagePlans } = await import('./usage-plans.ts')
    const { now, pass } = clock()
    const plans = new UsagePlans({ op: { rate: 0.7, burst: 1, appRate: null } }, now)
    for (let i = 0; i < 5_000; i++, pass(1000 / 0.7)) expect(plans.take('op', 'app', 'seller')).toBe(true)
    expect(plans.use()[0]).toMatchObject({ used: 5_000, throttled: 0 })
    expect(plans.use()[0]!.availableWhileActive).toBeCloseTo(5_000)
  })

  it('are a seller’s own, under a limit of the application', async () => {
    const { now } = clock()
    const simulator = await startForTest({ now, rate: 2, burst: 2, appRate: 3 })
    const sellers = [await signIn(simulator), await signIn(simulator, { refresh_token: 'seller-two' })]
    const other = await signIn(simulator, { client_id: 'other' })
    const all = []
    for (const get of [...sellers, other])
      for (let i = 0; i < 2; i++) all.push((await get(ITEMS, query)).status)
    expect(all).toEqual([200, 200, 200, 429, 200, 200])
  })

  it('count what was there and what was used, from a reset on', async () => {
    const { now, pass } = clock()
    const simulator = await startForTest({ now, rate: 2, burst: 2 })
    const get = await signIn(simulator)
    await get(ITEMS, query)
    pass(10_000)
    await request(`${simulator.url}/_simulator/stats/reset`, { method: 'POST' })
    await get(ITEMS, query)
    pass(1_000)
    await get(ITEMS, query)
    pass(3_000)
    const { body } = await request(`${simulator.url}/_simulator/stats`)
    expect(body.quota).toMatchObject([
      { used: 2, throttled: 0, windowSeconds: 4, available: 10, activeSeconds: 1, availableWhileActive: 4 },
    ])
    expect(body.requests.searchCatalogItems).toEqual({ 200: 2 })
  })

  it('change while it runs, and the header with them', async () => {
    const { now } = clock()
    const simulator = await startForTest({ now, rate: 2, burst: 2 })
    const get = await signIn(simulator)
    const change = (body: string) => request(`${simulator.url}/_simulator/plan`, { method: 'POST', body })
    expect((await change('{"rate":0.5,"burst":1}')).status).toBe(200)
    expect((await get(ITEMS, query)).headers.get('x-amzn-ratelimit-limit')).toBe('0.5')
    expect((await get(ITEMS, query)).status).toBe(429)
    for (const bad of [
      '{"rate":0}',
      '{"burst":0.5}',
      '{"operation":"getNothing","rate":1}',
      '{"speed":1}',
      '[]',
      '{',
    ]) {
      const { status, body } = await change(bad)
      expect([status, body.error.length > 10]).toEqual([400, true])
    }
  })

  it('say nothing of the rate when told so', async () => {
    const get = await signIn(await startForTest({ rateHeader: false }))
    expect((await get(ITEMS, query)).headers.get('x-amzn-ratelimit-limit')).toBeNull()
  })
})

describe('faults', () => {
  it.each([
    ['429', 429, 'application/json'],
    ['500', 500, 'application/json'],
    ['503', 503, 'application/json'],
    ['403expired', 403, 'application/json'],
    ['html400', 400, 'text/html'],
    ['html503', 503, 'text/html'],
  ] as const)('%s', async (kind, status, type) => {
    const simulator = await startForTest({ faults: { [kind]: 1 } })
    const { headers, ...reply } = await (await signIn(simulator))(ITEMS, query)
    expect([reply.status, headers.get('content-type')]).toEqual([status, type])
    expect(headers.get('x-amzn-ratelimit-limit')).toBeNull()
    expect(simulator.stats().faults).toEqual({ [kind]: 1 })
    expect(simulator.stats().searchCatalogItems.distinctIdentifiers).toBe(0)
  })

  it.each(['reset', 'truncated', 'badjson'] as const)('%s leaves nothing to read', async (kind) => {
    const simulator = await startForTest({ faults: { [kind]: 1 } })
    const get = await signIn(simulator)
    await expect(get(ITEMS, query)).rejects.toThrow()
    simulator.setFaults({})
    expect((await get(ITEMS, query)).status).toBe(200)
  })

  it('hang lasts until the client gives up', async () => {
    const simulator = await startForTest({ faults: { hang: 1 } })
    const { body } = await askToken(simulator, sellerGrant)
    const abort = new AbortController()
    const url = `${simulator.url}${ITEMS}?${new URLSearchParams(query)}`
    const call = fetch(url, { headers: { 'x-amz-access-token': body.access_token }, signal: abort.signal })
    await expect.poll(() => simulator.stats().faults).toEqual({ hang: 1 })
    abort.abort()
    await expect(call).rejects.toThrow(/abort/)
  })

  it('hang does not keep the simulator from stopping', async () => {
    const simulator = await startForTest({ faults: { hang: 1 } })
    const get = await signIn(simulator)
    const call = get(ITEMS, query).catch((error: Error) => error)
    await expect.poll(() => simulator.stats().faults).toEqual({ hang: 1 })
    await simulator.stop()
    expect(await call).toBeInstanceOf(Error)
  })

  it('huge is 64 MiB', async () => {
    const simulator = await startForTest({ faults: { huge: 1 } })
    const { body } = await askToken(simulator, sellerGrant)
    const url = `${simulator.url}${ITEMS}?${new URLSearchParams(query)}`
    const response = await fetch(url, { headers: { 'x-amz-access-token': body.access_token } })
    let size = 0
    for await (const chunk of response.body!) size += chunk.length
    expect(size).toBeGreaterThan(64 * 1024 * 1024)
  })

  it('of LWA', async () => {
    const simulator = await startForTest({ faults: { token500: 1 } })
    expect((await askToken(simulator, sellerGrant)).status).toBe(500)
    simulator.setFaults({ tokenreset: 1 })
    await expect(askToken(simulator, sellerGrant)).rejects.toThrow()
  })

  it('come as often as told, the same for the same seed, and are changed while it runs', async () => {
    const run = async () => {
      const simulator = await startForTest({ seed: 5, faults: { 500: 0.3, 503: 0.2 } })
      const get = await signIn(simulator)
      const statuses: number[] = []
      for (let i = 0; i < 100; i++) statuses.push((await get(ITEMS, query)).status)
      return { simulator, statuses }
    }
    const [one, two] = [await run(), await run()]
    expect(one.statuses).toEqual(two.statuses)
    expect(new Set(one.statuses)).toEqual(new Set([200, 500, 503]))
    const set = (body: string) => request(`${one.simulator.url}/_simulator/faults`, { method: 'POST', body })
    expect((await set('{"500":1}')).body.faultShares).toEqual({ 500: 1 })
    expect((await set('{"flood":1}')).body.error).toMatch(/"flood" is not a fault; there are 429, 500/)
    expect((await set('{"500":0.6,"503":0.6}')).body.error).toMatch(/more than 1 together/)
    expect(one.simulator.stats().faultShares).toEqual({ 500: 1 })
  })

  it('are all explained', () => {
    for (const [kind, text] of Object.entries(faultKinds)) expect(text.length, kind).toBeGreaterThan(10)
  })
})

describe('control', () => {
  it('tells what the catalogue holds', async () => {
    const simulator = await startForTest({ asinsPerUpc: 2, notFound: 0 })
    const codes = `${upcOf(0)},12345`
    const { body } = await request(
      `${simulator.url}/_simulator/expect?marketplaceId=${US}&identifiers=${codes}`,
    )
    expect(body.codes[0]).toMatchObject({ identifier: upcOf(0), gtin14: `00${upcOf(0)}` })
    expect(body.codes[0].listings).toHaveLength(2)
    expect(body.codes[1]).toEqual({ identifier: '12345', outcome: 'malformed' })
    const wrong = await request(`${simulator.url}/_simulator/expect?marketplaceId=US&identifiers=${codes}`)
    expect([wrong.status, wrong.body.error]).toEqual([
      400,
      expect.stringContaining('must be one of A2EUQ1WTGCTBG2'),
    ])
    expect((await request(`${simulator.url}/_simulator/nothing`)).status).toBe(404)
  })

  it('tells which codes were asked for', async () => {
    const simulator = await startForTest()
    await (await signIn(simulator))(ITEMS, query)
    const { body } = await request(`${simulator.url}/_simulator/asked`)
    expect(body.identifiers).toEqual([`00${upcOf(0)}`])
  })
})
