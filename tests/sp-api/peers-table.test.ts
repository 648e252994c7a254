/**
 * What clients of Amazon's API differ in, row by row, as the connector does it: over HTTP in front of the simulator.
 * docs/connector.md has the table.
 */
import { describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { DocumentManager } from '#libs/sp-api/documents/index.ts'
import { RegionalEndpointManager, SpApiError, usagePlansWith } from '#libs/sp-api/index.ts'
import { getCatalogItem } from '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
import { searchOrders } from '#libs/sp-api/operations/generated/orders-2026-01-01.ts'
import { getOrderAddress, getOrders } from '#libs/sp-api/operations/generated/orders-v0.ts'
import { createReport } from '#libs/sp-api/operations/generated/reports-2021-06-30.ts'
import { getMarketplaceParticipations } from '#libs/sp-api/operations/generated/sellers-v1.ts'
import { json, startStub, testApi, testClock } from '#libs/sp-api/test-support.ts'
import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { Simulator } from '#simulator/server.ts'
import { connector, US } from './connector.ts'

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

function asinOf(simulator: Simulator, number: number): string {
  return simulator.catalogue.lookup(US, parseGtin(upcOf(number))!).listings[0]!.asin
}

describe("the peers' table", () => {
  it('client-side limiter: what is more than the plan waits its turn, and no request is refused', async () => {
    // Time passes in waits alone, for both sides: a machine that stands still for a while proves nothing.
    const clock = testClock()
    const now = () => clock.monotonicMs()
    const usagePlans = usagePlansWith({ getCatalogItem: { ratePerSecond: 20, burst: 20 } })
    const bucket = createMemoryTokenBucket({ now })
    const { api, simulator, answered } = await connector({ now }, { usagePlans, bucket, clock })
    simulator.setPlan({ operation: 'getCatalogItem', rate: 20, burst: 20 })
    const parameters = { asin: asinOf(simulator, 1), marketplaceIds: [US] }
    for (let call = 0; call < 60; call++) await api.call(getCatalogItem, parameters)
    expect(answered('getCatalogItem')).toEqual({ 200: 60 })
    // Twenty at once, and the others when their slots came.
    expect(now()).toBeGreaterThan(((60 - 20) / 20) * 1_000)
  })

  it('adapts to header: a lower rate at once, a higher one step by step', async () => {
    let passed = 0
    const bucket = createMemoryTokenBucket({ urgentShare: 0, now: () => performance.now() + passed })
    const plan = { ratePerSecond: 20, burst: 20 }
    const usagePlans = usagePlansWith({ getCatalogItem: plan })
    const { api, simulator } = await connector({}, { usagePlans, bucket })
    const key = { application: 'app', seller: 'seller', operation: 'getCatalogItem' } as const
    const hear = async (rate: number) => {
      simulator.setPlan({ operation: 'getCatalogItem', rate, burst: 50 })
      await api.call(getCatalogItem, { asin: asinOf(simulator, 1), marketplaceIds: [US] })
    }
    const rate = async () => (await bucket.state(key, { seller: plan })).ratePerSecond
    await hear(5)
    expect(await rate()).toBeCloseTo(5)
    await hear(50)
    expect(await rate()).toBeLessThan(6)
    passed += 3_600_000
    expect(await rate()).toBeCloseTo(50)
  })

  it('429 retry: got over when it passes, told after a bounded number of requests when it does not', async () => {
    const { api, simulator, answered } = await connector()
    const parameters = { asin: asinOf(simulator, 1), marketplaceIds: [US] }
    simulator.setFaults({ '429': 0.3 })
    const calls = times(20, () => api.call(getCatalogItem, parameters, { attempts: 12 }))
    expect(await Promise.all(calls)).toHaveLength(20)
    simulator.setFaults({ '429': 1 })
    const before = answered('getCatalogItem')[429] ?? 0
    const failed = api.call(getCatalogItem, parameters, { attempts: 3 })
    await expect(failed).rejects.toMatchObject({ kind: 'throttled', httpStatus: 429 })
    expect(answered('getCatalogItem')[429]! - before).toBe(3)
  })

  it('5xx/network: what may be repeated is, with a pause; what makes something is not', async () => {
    const { api, simulator, answered } = await connector({}, { circuit: { failuresToOpen: 100 } })
    simulator.setFaults({ '503': 0.2, resetamid: 0.2 })
    const parameters = { asin: asinOf(simulator, 1), marketplaceIds: [US] }
    for (let call = 0; call < 10; call++) await api.call(getCatalogItem, parameters, { attempts: 12 })
    simulator.setFaults({ '503': 1 })
    const body = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
    await expect(api.call(createReport, { body })).rejects.toMatchObject({ kind: 'unavailable' })
    expect(answered('createReport')).toEqual({ 503: 1 })
  })

  it('token cache: one refresh for all callers, ahead of expiry', async () => {
    const { api, simulator, finished } = await connector()
    const parameters = { asin: asinOf(simulator, 1), marketplaceIds: [US] }
    await Promise.all(times(30, () => api.call(getCatalogItem, parameters)))
    const tokens = finished.filter(({ marketplaceId }) => marketplaceId === null)
    expect(tokens).toHaveLength(1)
    expect(finished.every(({ outcome }) => outcome === 'ok')).toBe(true)
  })

  it('RDT: personal data are asked for with a restricted token of their own, by itself', async () => {
    const { api, answered } = await connector()
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { body } = await api.call(getOrders, { MarketplaceIds: [US], CreatedAfter: since })
    const ids = body.payload!.Orders.filter(({ OrderStatus }) => OrderStatus === 'Shipped').slice(0, 3)
    expect(ids.length).toBeGreaterThan(0)
    for (const { AmazonOrderId } of ids)
      expect((await api.call(getOrderAddress, { orderId: AmazonOrderId })).body.payload?.AmazonOrderId).toBe(
        AmazonOrderId,
      )
    expect(answered('createRestrictedDataToken')).toEqual({ 200: 1 })
  })

  it('documents: compressed, in Shift-JIS, over connections that break, streamed to rows', async () => {
    const { api, control } = await connector()
    await control('processing', { queueSeconds: 0, processingSeconds: 0 })
    await control('documents', { cut: 0.3 })
    const documents = new DocumentManager({ api })
    const report = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: ['JP'] }
    const names: string[] = []
    // Its columns have Japanese names there.
    for await (const row of documents.reportRows(report))
      names.push(Object.values(row as Record<string, string>)[0]!)
    await documents.close()
    expect(names.length).toBeGreaterThan(50)
    expect(names.join('')).not.toContain('\uFFFD')
    expect(names.join('')).toMatch(/[\u3040-\u30FF]/)
  })

  it('pagination: every page by its own rules, and on from any of them', async () => {
    const { api } = await connector({ ordersPerDay: 250 })
    const wanted = {
      marketplaceIds: [US],
      createdAfter: new Date(Date.now() - 86_400_000).toISOString(),
      maxResultsPerPage: 50,
    }
    const pages: string[][] = []
    const tokens: Array<string | null> = []
    for await (const { body, nextToken } of api.pages(searchOrders, wanted)) {
      pages.push(body.orders.map(({ orderId }) => orderId))
      tokens.push(nextToken)
    }
    expect(pages.length).toBeGreaterThan(2)
    expect(new Set(pages.flat()).size).toBe(pages.flat().length)
    const again: string[] = []
    for await (const { body } of api.pages(searchOrders, wanted, { from: tokens[0]! }))
      again.push(...body.orders.map(({ orderId }) => orderId))
    expect(again).toEqual(pages.slice(1).flat())
  })

  it("sandbox: Amazon's own hosts of each region", () => {
    const endpoints = new RegionalEndpointManager({ sandbox: true })
    expect(['US', 'DE', 'JP'].map((country) => endpoints.url(country, '/').host)).toEqual([
      'sandbox.sellingpartnerapi-na.amazon.com',
      'sandbox.sellingpartnerapi-eu.amazon.com',
      'sandbox.sellingpartnerapi-fe.amazon.com',
    ])
  })

  it('types: requests and answers are checked, and what Amazon adds is kept', async () => {
    const added = { asin: 'B000000001', newField: { deep: [1] } }
    const stub = await startStub({ api: (_, response) => json(response, 200, added) })
    const { api } = testApi(stub.url)
    try {
      const { body } = await api.call(getCatalogItem, { asin: 'B000000001', marketplaceIds: [US] })
      expect(body).toEqual(added)
      const wrong = { asin: 'B000000001', marketplaceIds: [US], includedData: ['everything'] } as never
      await expect(api.call(getCatalogItem, wrong)).rejects.toThrow(
        'includedData.0 must be one of attributes',
      )
      expect(stub.requests).toHaveLength(1)
    } finally {
      await api.close()
      await stub.close()
    }
  })

  it('errors: every failure has its kind, what Amazon says and its request id; none is an empty success', async () => {
    const { api, simulator } = await connector({}, { circuit: { failuresToOpen: 100 } })
    const call = () => api.call(getMarketplaceParticipations, {}, { attempts: 1 }).catch((error) => error)
    const kinds: Record<string, string> = {}
    for (const fault of [
      'html200',
      'html400',
      'html503',
      'badjson',
      'truncated',
      '403',
      '429',
      '500',
    ] as const) {
      simulator.setFaults({ [fault]: 1 })
      const error = await call()
      expect(error, fault).toBeInstanceOf(SpApiError)
      kinds[fault] = error.kind
      if (/^\d+$/.test(fault)) {
        expect(error.requestId, fault).toMatch(/\w/)
        expect(error.amazonErrors.length, fault).toBeGreaterThan(0)
      }
    }
    expect(kinds).toEqual({
      html200: 'failed',
      html400: 'failed',
      html503: 'unavailable',
      badjson: 'failed',
      truncated: 'unavailable',
      '403': 'unauthorized',
      '429': 'throttled',
      '500': 'unavailable',
    })
  })
})
