import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { Routes } from './routes.ts'
import { clock, codesQuery, control, ITEMS, request, signIn, startForTest, US } from './testing.ts'
import { UsagePlans } from './usage-plans.ts'

const query = codesQuery([upcOf(0)])

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

  it('change for all operations at once', async () => {
    const simulator = await startForTest()
    await control(simulator, 'plan', { operation: '*', rate: 7, burst: 9 })
    const { plans } = simulator.stats()
    expect(new Set(Object.values(plans).map(({ rate, burst }) => `${rate} ${burst}`))).toEqual(
      new Set(['7 9']),
    )
  })

  it('say nothing of the rate when told so', async () => {
    const get = await signIn(await startForTest({ rateHeader: false }))
    expect((await get(ITEMS, query)).headers.get('x-amzn-ratelimit-limit')).toBeNull()
  })
})

describe('routes', () => {
  const target = (path: string) => ({ method: 'GET' as const, path })

  it('take a fixed segment before a variable one, and decode once', () => {
    const routes = new Routes([target('/items/{sku}'), target('/items/all'), target('/items/{sku}/offers')])
    expect(routes.find('GET', '/items/all')?.target.path).toBe('/items/all')
    expect(routes.find('GET', '/items/A%2FB%2520')?.path).toEqual({ sku: 'A/B%20' })
    expect(routes.find('GET', '/items/%E0%A4%A')?.path).toEqual({ sku: '%E0%A4%A' })
    for (const path of ['/items', '/items/', '/items/a/b/c']) expect(routes.find('GET', path)).toBeNull()
    expect(routes.find('POST', '/items/all')).toBeNull()
  })

  it('are there once', () => {
    expect(() => new Routes([target('/items/{a}'), target('/items/{b}')])).toThrow(/there twice/)
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
