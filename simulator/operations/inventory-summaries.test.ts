import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { modelsPresent, validator } from '../test-model.ts'
import { clock, type Reply, signInToCall, startForTest, US } from '../testing.ts'

const HOUR = 3_600_000
/** Which stock changes within hours follows from the date: the same one at every run. */
const TODAY = Date.parse('2026-10-14T09:26:53Z')

async function start(listings = 300) {
  vi.setSystemTime(TODAY)
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const { now, pass } = clock()
  const simulator = await startForTest({ seed: 3, notFound: 0, listings, now, tokenTtlSeconds: 86_400 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const get = (query: Record<string, string> = {}) =>
    call('GET', '/fba/inventory/v1/summaries', {
      query: { granularityType: 'Marketplace', granularityId: US, marketplaceIds: US, ...query },
    })
  return { simulator, pass, get }
}

const summaries = ({ body }: Reply) => body.payload.inventorySummaries as Reply['body'][]
const skus = (reply: Reply): string[] => summaries(reply).map(({ sellerSku }) => sellerSku)
const errorOf = ({ status, body }: Reply) => [status, body.errors[0].message]

async function sweep(
  get: (query: Record<string, string>) => Promise<Reply>,
  query: Record<string, string> = {},
) {
  const seen: Reply['body'][] = []
  for (let nextToken: string | undefined, pages = 0; pages < 20; pages++) {
    const reply = await get({ ...query, ...(nextToken ? { nextToken } : {}) })
    seen.push(...summaries(reply))
    nextToken = reply.body.pagination?.nextToken
    if (nextToken === undefined) break
  }
  return seen
}

describe('getInventorySummaries', () => {
  it('pages through what Amazon’s warehouses hold, with the token beside the payload', async () => {
    const { get } = await start()
    const first = await get()
    expect(Object.keys(first.body)).toEqual(['pagination', 'payload'])
    expect(summaries(first)).toHaveLength(50)
    const all = await sweep(get)
    const share = all.length / 300
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.8)
    expect(new Set(all.map(({ sellerSku }) => sellerSku)).size).toBe(all.length)
    for (const one of all) expect(one.fnSku).toMatch(/^X00/)
  })

  it('has details that add up, when they are asked for', async () => {
    const { get } = await start()
    expect(summaries(await get())[0].inventoryDetails).toBeUndefined()
    for (const { inventoryDetails, totalQuantity } of summaries(await get({ details: 'true' }))) {
      const {
        fulfillableQuantity,
        inboundWorkingQuantity,
        inboundShippedQuantity,
        inboundReceivingQuantity,
      } = inventoryDetails
      expect(totalQuantity).toBe(
        fulfillableQuantity +
          inboundWorkingQuantity +
          inboundShippedQuantity +
          inboundReceivingQuantity +
          inventoryDetails.reservedQuantity.totalReservedQuantity +
          inventoryDetails.researchingQuantity.totalResearchingQuantity +
          inventoryDetails.unfulfillableQuantity.totalUnfulfillableQuantity,
      )
    }
  })

  it('has tokens that live for 30 seconds, for the same query only', async () => {
    const { get, pass } = await start()
    const { nextToken } = (await get()).body.pagination
    pass(30_000)
    expect((await get({ nextToken })).status).toBe(200)
    expect(errorOf(await get({ nextToken, details: 'true' }))).toEqual([
      400,
      'Next token is invalid or expired',
    ])
    pass(1)
    expect(errorOf(await get({ nextToken }))).toEqual([400, 'Next token is invalid or expired'])
  })

  it('has what changed since a time, and forgets what is on its way', async () => {
    const { simulator, get, pass } = await start()
    // Stock changes on the hour: half past is far from it.
    const toHalfPast = 1.5 * HOUR - (TODAY % HOUR)
    pass(toHalfPast)
    const since = new Date(TODAY + toHalfPast).toISOString()
    const before = new Map(
      (await sweep(get, { details: 'true' })).map((one) => [one.sellerSku, one.inventoryDetails]),
    )
    pass(3 * HOUR)
    const changed = new Set((await sweep(get, { startDateTime: since })).map(({ sellerSku }) => sellerSku))
    const after = await sweep(get, { details: 'true' })
    const moved = after.filter(
      (one) => one.inventoryDetails.fulfillableQuantity !== before.get(one.sellerSku).fulfillableQuantity,
    )
    expect(moved.length).toBeGreaterThan(5)
    expect(new Set(moved.map(({ sellerSku }) => sellerSku))).toEqual(changed)
    expect(changed.size).toBeLessThan(before.size)
    const first = await get({ startDateTime: since })
    expect(summaries(first).length).toBeLessThan(50)
    expect(first.body.pagination.nextToken).toBeDefined()
    expect(simulator.stats().requests.getInventorySummaries?.[200]).toBeGreaterThan(3)
  })

  it('wants the startDateTime again with the token that was given for it', async () => {
    const { get } = await start(600)
    const startDateTime = new Date(TODAY - 40 * 24 * HOUR).toISOString()
    const { nextToken } = (await get({ startDateTime })).body.pagination
    expect((await get({ nextToken })).status).toBe(400)
    expect((await get({ nextToken, startDateTime })).status).toBe(200)
  })

  it('has the SKUs asked for, unless a time is given', async () => {
    const { get } = await start()
    const [a, b] = skus(await get()) as [string, string]
    expect(new Set(skus(await get({ sellerSkus: `${a},${b}` })))).toEqual(new Set([a, b]))
    expect(skus(await get({ sellerSku: a }))).toEqual([a])
    expect(skus(await get({ sellerSkus: b, sellerSku: a }))).toEqual([b])
    const startDateTime = new Date(TODAY - 40 * 24 * HOUR).toISOString()
    expect(skus(await get({ startDateTime, sellerSku: a })).length).toBeGreaterThan(1)
  })

  it.each([
    [{ granularityType: '' }, "Missing required 'granularityType'."],
    [{ granularityType: 'Region' }, "Invalid 'granularityType' provided."],
    [{ granularityId: 'A1PA6795UKMFR9' }, "Invalid 'granularityId' provided."],
    [{ marketplaceIds: `${US},A1PA6795UKMFR9` }, "Invalid 'marketplaceIds' provided."],
    [{ startDateTime: new Date(TODAY - 600 * 24 * HOUR).toISOString() }, "Invalid 'startDateTime' provided."],
    [{ sellerSkus: Array.from({ length: 51 }, (_, i) => `S${i}`).join() }, "Invalid 'sellerSkus' provided."],
    [{ nextToken: 'x' }, 'Next token is invalid or expired'],
  ])('refuses %j', async (query, message) => {
    const { get } = await start()
    expect(errorOf(await get(query))).toEqual([400, message])
  })
})

describe.skipIf(!modelsPresent)("answers fit Amazon's model", () => {
  it('of FBA Inventory', async () => {
    const { get } = await start()
    const check = validator('fbaInventory.json', 'GetInventorySummariesResponse')
    for (const query of [{}, { details: 'true' }, { sellerSku: 'NONE' }, { nextToken: 'x' }])
      check((await get(query as Record<string, string>)).body)
  })
})
