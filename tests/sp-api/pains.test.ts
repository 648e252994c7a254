/**
 * The ten pains that the users of other clients report most, each met by the connector over HTTP in front of the
 * simulator. docs/connector.md has the table.
 */
import { describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { competitivePrices, itemOffers, settleBatch } from '#libs/sp-api/batches/index.ts'
import { DocumentManager } from '#libs/sp-api/documents/index.ts'
import { SellerPool, usagePlansWith } from '#libs/sp-api/index.ts'
import { getCatalogItem } from '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
import { getInventorySummaries } from '#libs/sp-api/operations/generated/fba-inventory-v1.ts'
import { getListingsItem } from '#libs/sp-api/operations/generated/listings-items-2021-08-01.ts'
import { getOrderBuyerInfo, getOrders } from '#libs/sp-api/operations/generated/orders-v0.ts'
import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { Simulator } from '#simulator/server.ts'
import { connector, US } from './connector.ts'

const LISTINGS = 'GET_MERCHANT_LISTINGS_ALL_DATA'
const gtin14 = (upc: string) => upc.padStart(14, '0')
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

function asinsOf(simulator: Simulator, upc: string): Set<string> {
  return new Set(simulator.catalogue.lookup(US, parseGtin(upc)!).listings.map(({ asin }) => asin))
}

const item = (simulator: Simulator) => ({
  asin: [...asinsOf(simulator, upcOf(1))][0]!,
  marketplaceIds: [US],
})

describe('pains', () => {
  it('pain 1, QuotaExceeded: 429s are absorbed, and one that lasts ends in an error, soon', async () => {
    const { api, simulator, answered } = await connector()
    simulator.setFaults({ '429': 0.4 })
    const upcs = times(100, (number) => upcOf(number))
    const looked = await Promise.all(
      times(5, (batch) => {
        const gtin14s = upcs.slice(batch * 20, batch * 20 + 20).map(gtin14)
        return api.lookupCodes({ marketplaceId: US, gtin14s }, { attempts: 12 })
      }),
    )
    const outcomes = new Map(looked.flatMap((one) => [...one]))
    expect(upcs.every((upc) => outcomes.get(gtin14(upc))?.kind === 'items')).toBe(true)
    expect(answered('searchCatalogItems')[429]).toBeGreaterThan(0)
    simulator.setFaults({ '429': 1 })
    const one = gtin14(upcOf(1))
    const throttled = await api.lookupCodes({ marketplaceId: US, gtin14s: [one] })
    expect(throttled.get(one)).toMatchObject({ kind: 'failed', failure: 'throttled', httpStatus: 429 })
  })

  it('pain 2, the rate header: absent, nothing changes; on a 429 it means nothing; on a success it is learned', async () => {
    const plan = { ratePerSecond: 100, burst: 100 }
    const bucket = createMemoryTokenBucket({ urgentShare: 0 })
    const options = { bucket, usagePlans: usagePlansWith({ getCatalogItem: plan }) }
    const key = { application: 'app', seller: 'seller', operation: 'getCatalogItem' } as const
    const rate = async () => (await bucket.state(key, { seller: plan })).ratePerSecond

    const silent = await connector({ rateHeader: false }, options)
    await silent.api.call(getCatalogItem, item(silent.simulator))
    expect(await rate()).toBe(100)

    const { api, simulator } = await connector({}, options)
    simulator.setPlan({ operation: 'getCatalogItem', rate: 40, burst: 100 })
    simulator.setFaults({ '429rate': 1 })
    await expect(api.call(getCatalogItem, item(simulator), { attempts: 1 })).rejects.toThrow('429')
    expect(await rate()).toBe(100)
    simulator.setFaults({})
    await api.call(getCatalogItem, item(simulator))
    expect(await rate()).toBe(40)
  })

  it('pain 3, 403 without a reason: the error says what to check, and stops that seller alone', async () => {
    const refused = await connector()
    refused.simulator.setFaults({ '403': 1 })
    const good = await connector()
    const stopped: string[] = []
    const pool = new SellerPool({
      sellers: [
        { name: 'refused', api: refused.api, marketplaceIds: [US] },
        { name: 'good', api: good.api, marketplaceIds: [US] },
      ],
      log: { debug() {}, info() {}, warn() {} },
      onStopped: ({ seller, reason }) => stopped.push(`${seller}: ${reason}`),
    })
    const codes = times(6, (number) => gtin14(upcOf(number)))
    const outcomes = await Promise.all(
      codes.map((code) => pool.lookupCodes({ marketplaceId: US, gtin14s: [code] })),
    )
    expect(outcomes.map((one, index) => one.get(codes[index]!)!.kind)).toEqual(codes.map(() => 'items'))
    expect(stopped).toEqual([
      expect.stringMatching(
        /^refused: .*403.*check the application's roles and that the seller has authorised it/,
      ),
    ])
  })

  it('pain 4, searches by UPC: every item joins its code, and one bad code is found without harm to the others', async () => {
    const { api, simulator } = await connector({ asinsPerUpc: 1.6 })
    const upcs = times(19, (number) => upcOf(number))
    // Its check digit is wrong: Amazon refuses all twenty without saying for which.
    const bad = '00000012345671'
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [...upcs.map(gtin14), bad] })
    expect(outcomes.get(bad)!.kind).toBe('rejected')
    for (const upc of upcs) {
      const outcome = outcomes.get(gtin14(upc))!
      if (outcome.kind !== 'items') throw new Error(`${upc}: ${outcome.reason}`)
      expect(new Set(outcome.items.map(({ asin }) => asin))).toEqual(asinsOf(simulator, upc))
    }
  })

  it('pain 5, pricing batches: any number of asks, duplicates and all, and no 400 for them', async () => {
    const { api, simulator, answered } = await connector()
    const asins = times(45, (number) => [...asinsOf(simulator, upcOf(number))][0]!)
    const asks = [...asins, ...asins.slice(0, 10), 'B0ZZZZZZZZ'].map((asin) => ({ asin }))
    for (const [batch, operation] of [
      [itemOffers, 'getItemOffersBatch'],
      [competitivePrices(), 'getCompetitivePricing'],
    ] as const) {
      const settled = await settleBatch<{ asin: string }, unknown>(api, batch, US, asks)
      expect(settled.map(({ ask }) => ask.asin)).toEqual([...new Set(asks.map(({ asin }) => asin))])
      expect(settled.filter(({ kind }) => kind === 'failed').map(({ ask }) => ask.asin)).toEqual([
        'B0ZZZZZZZZ',
      ])
      expect(answered(operation)).toEqual({ 200: 3 })
    }
  })

  it.each([
    ['DE', {}, /[äöüßé™]/],
    ['DE', { charset: 'utf-8' }, /[äöüßé™]/],
    ['JP', {}, /[\u3040-\u30FF]/],
  ])(
    'pain 6, encodings: a report of %s, stored as %o, is read as what it is',
    async (country, how, letters) => {
      const { api, control } = await connector()
      await control('processing', { queueSeconds: 0, processingSeconds: 0 })
      await control('reports', { reportType: LISTINGS, ...how })
      const documents = new DocumentManager({ api })
      const values: string[] = []
      for await (const row of documents.reportRows({ reportType: LISTINGS, marketplaceIds: [country] }))
        values.push(...Object.values(row as Record<string, string>))
      await documents.close()
      expect(values.join('')).toMatch(letters)
      // Neither what no character set could read, nor the traces of a wrong one.
      expect(values.join('')).not.toMatch(/\uFFFD|Ã.|â„¢|\u0083/)
    },
  )

  it('pain 7, reports CANCELLED, FATAL and slow: no data is no error, and a failure is not asked for again at once', async () => {
    const { api, control, answered } = await connector()
    await control('processing', { queueSeconds: 0, processingSeconds: 0 })
    const documents = new DocumentManager({ api, patience: { firstMs: 20, longestMs: 100 } })
    const report = (marketplaceId: string) => ({ reportType: LISTINGS, marketplaceIds: [marketplaceId] })

    await control('reports', { reportType: LISTINGS, outcome: 'CANCELLED', times: 1 })
    expect(await documents.report(report('US'))).toMatchObject({ kind: 'no_data' })

    await control('reports', { reportType: LISTINGS, outcome: 'FATAL', times: 1 })
    const fatal = () => documents.report(report('DE')).catch((error: unknown) => error)
    for (const error of [await fatal(), await fatal()])
      expect(error).toMatchObject({ kind: 'failed', retryAfterMs: expect.any(Number) })

    await control('processing', { queueSeconds: 0.2, processingSeconds: 0.3 })
    const slow = await Promise.all(times(5, () => documents.report(report('FR'))))
    expect(new Set(slow.map((one) => one.kind === 'done' && one.reportId)).size).toBe(1)
    expect(answered('createReport')).toEqual({ 202: 3 })
    await documents.close()
  })

  it('pain 8, tokens that expire: renewed ahead, once for all, and what Amazon ends early is renewed as well', async () => {
    const { api, simulator, answered, finished } = await connector({ tokenTtlSeconds: 1 })
    const tokens = () => finished.filter(({ marketplaceId }) => marketplaceId === null).length
    while (tokens() < 3) await api.call(getCatalogItem, item(simulator))
    expect(Object.keys(answered('getCatalogItem'))).toEqual(['200'])
    simulator.setFaults({ '403expired': 1 })
    const failed = api.call(getCatalogItem, item(simulator), { attempts: 1 })
    // Not the seller's fault, so no seller is stopped for it.
    await expect(failed).rejects.toMatchObject({ kind: 'unavailable' })
    simulator.setFaults({})
    await api.call(getCatalogItem, item(simulator))
  })

  it('pain 9, personal data that come back null or 403: the restricted token is there without being asked for', async () => {
    const { api, answered, control } = await connector({ ordersPerDay: 200 })
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { body } = await api.call(getOrders, { MarketplaceIds: [US], CreatedAfter: since })
    const { AmazonOrderId: orderId } = body.payload!.Orders.find(
      ({ OrderStatus }) => OrderStatus === 'Unshipped',
    )!
    const buyer = await api.call(getOrderBuyerInfo, { orderId })
    expect(buyer.body.payload!.BuyerEmail).toContain('@')
    await control('processing', { queueSeconds: 0, processingSeconds: 0 })
    const documents = new DocumentManager({ api })
    const rows: object[] = []
    const report = {
      reportType: 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING',
      marketplaceIds: ['US'],
      dataStartTime: since,
    }
    for await (const row of documents.reportRows(report)) rows.push(row as object)
    await documents.close()
    expect(rows[0]).toMatchObject({ 'recipient-name': expect.stringMatching(/\w/) })
    expect(Object.keys(answered('getReportDocument'))).toEqual(['200'])
  })

  it('pain 10, the inventory: all pages within the life of their tokens, asked for as the first one was', async () => {
    const { api } = await connector({ listings: 400 })
    const where = {
      granularityType: 'Marketplace' as const,
      granularityId: US,
      marketplaceIds: [US],
      // Without it a further page would be refused.
      startDateTime: new Date(Date.now() - 300 * 86_400_000).toISOString(),
    }
    const pages: string[][] = []
    for await (const { body } of api.pages(getInventorySummaries, where))
      pages.push((body.payload?.inventorySummaries ?? []).map(({ sellerSku }) => sellerSku ?? ''))
    expect(pages.length).toBeGreaterThan(2)
    expect(new Set(pages.flat()).size).toBe(pages.flat().length)
  })

  it('pain 10, SKUs in URLs: encoded once, whatever they hold', async () => {
    const { api, control } = await connector()
    const sku = 'A/B 50%+ #00016'
    const { sellerId } = (await control('seller', { refreshToken: 'seller' })) as { sellerId: string }
    const { body } = await api.call(getListingsItem, {
      sellerId,
      sku,
      marketplaceIds: [US],
    })
    expect(body.sku).toBe(sku)
  })

  it('pain 10, notifications that never arrive: a report is found by looking', async () => {
    const { api, control } = await connector()
    await control('processing', { queueSeconds: 0.1, processingSeconds: 0.1 })
    const documents = new DocumentManager({ api, patience: { firstMs: 20, longestMs: 100 } })
    const made = await documents.report({ reportType: LISTINGS, marketplaceIds: ['US'] })
    expect(made.kind).toBe('done')
    await documents.close()
  })
})
