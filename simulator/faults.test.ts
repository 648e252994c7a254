import { describe, expect, it } from 'vitest'
import { upcOf } from './catalogue/numbering.ts'
import { faultKinds } from './faults.ts'
import {
  askToken,
  codesQuery,
  control,
  ITEMS,
  request,
  sellerGrant,
  signIn,
  startForTest,
} from './testing.ts'

const query = codesQuery([upcOf(0)])

describe('faults', () => {
  it.each([
    ['429', 429, 'application/json'],
    ['500', 500, 'application/json'],
    ['503', 503, 'application/json'],
    ['403', 403, 'application/json'],
    ['403expired', 403, 'application/json'],
    ['html200', 200, 'text/html'],
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

  it.each(['reset', 'resetamid', 'truncated', 'badjson'] as const)(
    '%s leaves nothing to read',
    async (kind) => {
      const simulator = await startForTest({ faults: { [kind]: 1 } })
      const get = await signIn(simulator)
      await expect(get(ITEMS, query)).rejects.toThrow()
      simulator.setFaults({})
      expect((await get(ITEMS, query)).status).toBe(200)
    },
  )

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

  it('429rate carries the rate', async () => {
    const simulator = await startForTest({ faults: { '429rate': 1 } })
    const { status, headers } = await (await signIn(simulator))(ITEMS, query)
    expect([status, headers.get('x-amzn-ratelimit-limit')]).toEqual([429, '1000.0'])
  })

  it('stall sends half a body and no more', async () => {
    const simulator = await startForTest({ faults: { stall: 1 } })
    const { body } = await askToken(simulator, sellerGrant)
    const url = `${simulator.url}${ITEMS}?${new URLSearchParams(query)}`
    const response = await fetch(url, { headers: { 'x-amz-access-token': body.access_token } })
    const reader = response.body!.getReader()
    const { value } = await reader.read()
    expect(value?.length).toBeLessThan(Number(response.headers.get('content-length')))
    const more = reader.read().catch((error: Error) => error)
    await simulator.stop()
    expect(await more).toBeInstanceOf(Error)
  })

  it('resetafter comes after the whole answer', async () => {
    const simulator = await startForTest({ faults: { resetafter: 1 } })
    const get = await signIn(simulator)
    // The next request may meet the connection just before its reset arrives: that one is for the client to repeat.
    const ask = () => get(ITEMS, query).catch(() => get(ITEMS, query))
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200)
    expect(simulator.stats().searchCatalogItems.distinctIdentifiers).toBe(1)
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

  it('of LWA: a hang lasts until the client gives up', async () => {
    const simulator = await startForTest({ faults: { tokenhang: 1 } })
    const asked = askToken(simulator, sellerGrant).catch((error: Error) => error)
    await expect.poll(() => simulator.stats().faults).toEqual({ tokenhang: 1 })
    await simulator.stop()
    expect(await asked).toBeInstanceOf(Error)
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
    expect((await set('{"flood":1}')).body.error).toMatch(/"flood" is not a fault; there are 403, 429, 500/)
    expect((await set('{"500":0.6,"503":0.6}')).body.error).toMatch(/more than 1 together/)
    expect(one.simulator.stats().faultShares).toEqual({ 500: 1 })
  })

  it('may be those of some operations alone', async () => {
    const simulator = await startForTest()
    const get = await signIn(simulator)
    const set = await control(simulator, 'faults', { 500: 1, only: ['getMarketplaceParticipations'] })
    expect(set.status).toBe(200)
    expect((await get(ITEMS, query)).status).toBe(200)
    expect((await get('/sellers/v1/marketplaceParticipations')).status).toBe(500)
    expect((await control(simulator, 'faults', { 500: 1, only: ['getNothing'] })).body.error).toMatch(
      /no usage plan/,
    )
    expect((await control(simulator, 'faults', { only: 'getNothing' })).body.error).toMatch(
      /list of operations/,
    )
    await control(simulator, 'faults', {})
    expect((await get('/sellers/v1/marketplaceParticipations')).status).toBe(200)
  })

  it('are all explained', () => {
    for (const [kind, text] of Object.entries(faultKinds)) expect(text.length, kind).toBeGreaterThan(10)
  })
})
