/**
 * What none of the clients compared in docs/connector.md ships, as the connector does it: over HTTP in front of the
 * simulator. What takes several processes, or a clock that stands still, stands beside the code that does it.
 */
import { describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { competitivePrices, MicroBatcher } from '#libs/sp-api/batches/index.ts'
import { SellerPool, type SpApiError, usagePlansWith } from '#libs/sp-api/index.ts'
import { getCatalogItem } from '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
import { searchOrders } from '#libs/sp-api/operations/generated/orders-2026-01-01.ts'
import { getMarketplaceParticipations } from '#libs/sp-api/operations/generated/sellers-v1.ts'
import { testClock } from '#libs/sp-api/test-support.ts'
import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { Simulator } from '#simulator/server.ts'
import { connector, US, widePlans } from './connector.ts'

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const gtin14 = (upc: string) => upc.padStart(14, '0')

function asinOf(simulator: Simulator, number: number): string {
  return simulator.catalogue.lookup(US, parseGtin(upcOf(number))!).listings[0]!.asin
}

describe('shipped by no peer', () => {
  it("two levels: three sellers stay under their application's limit together, without a 429", async () => {
    const seller = { ratePerSecond: 100, burst: 100 }
    const usagePlans = {
      ...widePlans,
      searchCatalogItems: { seller, application: { ratePerSecond: 20, burst: 20 } },
    }
    // Time passes in waits alone, for both sides: a machine that stands still for a while proves nothing.
    const clock = testClock()
    const now = () => clock.monotonicMs()
    const bucket = createMemoryTokenBucket({ now })
    const { simulator, another, answered } = await connector(
      { rateHeader: false, now },
      { usagePlans, bucket, clock },
    )
    simulator.setPlan({ rate: 100, burst: 100, appRate: 20 })
    const pool = new SellerPool({
      sellers: times(3, (index) => ({
        name: `shop-${index}`,
        api: another({ refreshToken: `shop-${index}`, sellerKey: `shop-${index}` }),
        marketplaceIds: [US],
      })),
      log: { debug() {}, info() {}, warn() {} },
      clock,
    })
    const codes = times(60, (number) => gtin14(upcOf(number)))
    for (const code of codes) await pool.lookupCodes({ marketplaceId: US, gtin14s: [code] })
    expect(answered('searchCatalogItems')).toEqual({ 200: 60 })
    expect(now()).toBeGreaterThan(((60 - 20) / 20) * 1_000)
  })

  it('adaptive bucket: 429s in a row slow it down, and it recovers by itself', async () => {
    const clock = testClock()
    const plan = { ratePerSecond: 100, burst: 100 }
    const bucket = createMemoryTokenBucket({ urgentShare: 0, now: () => clock.monotonicMs() })
    const usagePlans = usagePlansWith({ getCatalogItem: plan })
    const { api, simulator } = await connector({ rateHeader: false }, { bucket, usagePlans, clock })
    const key = { application: 'app', seller: 'seller', operation: 'getCatalogItem' } as const
    const rate = async () => (await bucket.state(key, { seller: plan })).ratePerSecond
    const call = () =>
      api.call(getCatalogItem, { asin: asinOf(simulator, 1), marketplaceIds: [US] }, { attempts: 1 })
    await call()
    simulator.setFaults({ '429': 1 })
    for (let refused = 0; refused < 3; refused++)
      await expect(call()).rejects.toMatchObject({ httpStatus: 429 })
    expect(await rate()).toBe(50)
    clock.advance(10 * 60_000)
    expect(await rate()).toBe(100)
  })

  it('circuit per operation: one that is down is asked seldom, loses nothing and stops no other', async () => {
    const { api, simulator, answered } = await connector(
      {},
      { circuit: { firstPauseMs: 20, longestPauseMs: 50 } },
    )
    simulator.setFaults({ '503': 1 }, ['getCatalogItem'])
    const parameters = { asin: asinOf(simulator, 1), marketplaceIds: [US] }
    const down = await Promise.allSettled(times(30, () => api.call(getCatalogItem, parameters)))
    expect(down.every(({ status }) => status === 'rejected')).toBe(true)
    // Thirty calls of four requests each would be 120.
    expect(answered('getCatalogItem')[503]).toBeLessThan(60)
    await api.call(getMarketplaceParticipations, {})
    simulator.setFaults({})
    for (;;) {
      const error = await api.call(getCatalogItem, parameters).then(
        () => null,
        (thrown: SpApiError) => thrown,
      )
      if (error === null) break
      expect(error).toMatchObject({ kind: 'unavailable', undelivered: true })
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1))
    }
  })

  it('micro-batching: single asks become few requests, each with its own answer', async () => {
    const { api, simulator, answered } = await connector()
    const prices = new MicroBatcher(api, competitivePrices(), { marketplaceId: 'US' })
    const asins = times(50, (number) => asinOf(simulator, number))
    const answers = await Promise.all(asins.map((asin) => prices.ask({ asin })))
    expect(answers.map(({ body }) => body.Identifiers.MarketplaceASIN.ASIN)).toEqual(asins)
    expect(answered('getCompetitivePricing')).toEqual({ 200: 3 })
    await expect(prices.ask({ asin: 'B0ZZZZZZZZ' })).rejects.toMatchObject({ kind: 'rejected' })
  })

  it('GTIN-14: a code is found by whatever form of it Amazon answers', async () => {
    const { api, simulator } = await connector()
    const codes = times(40, (number) => gtin14(upcOf(number)))
    for (const gtin14s of [codes.slice(0, 20), codes.slice(20)]) {
      const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s })
      for (const [code, outcome] of outcomes)
        expect(outcome.kind === 'items' && outcome.items.map(({ asin }) => asin)).toEqual(
          simulator.catalogue.lookup(US, Number(code)).listings.map(({ asin }) => asin),
        )
    }
  })

  it('checkpoints: pages go on in another process, from the token that was kept', async () => {
    const { api, another } = await connector({ ordersPerDay: 250 })
    const wanted = {
      marketplaceIds: [US],
      createdAfter: new Date(Date.now() - 86_400_000).toISOString(),
      maxResultsPerPage: 50,
    }
    const ids = async (
      pages: ReturnType<typeof api.pages<object, { orders: ReadonlyArray<{ orderId: string }> }>>,
    ) => {
      const found: string[] = []
      for await (const { body } of pages) found.push(...body.orders.map(({ orderId }) => orderId))
      return found
    }
    const all = await ids(api.pages(searchOrders, wanted))
    const first = await api.pages(searchOrders, wanted).next()
    const kept = (first.value as { nextToken: string }).nextToken
    const rest = await ids(another().pages(searchOrders, wanted, { from: kept }))
    expect(rest).toEqual(all.slice(50))
  })
})
