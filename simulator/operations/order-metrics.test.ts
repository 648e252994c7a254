import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../test-model.ts'
import { clock, signInToCall, startForTest, US } from '../testing.ts'

const PATH = '/sales/v1/orderMetrics'
const DAY = 86_400_000

interface Metrics {
  readonly interval: string
  readonly unitCount: number
  readonly orderCount: number
  readonly totalSales: { readonly amount: string; readonly currencyCode: string }
}

async function start() {
  const { now } = clock()
  const simulator = await startForTest({ now })
  const call = await signInToCall(simulator)
  const ask = (query: Record<string, string>) =>
    call('GET', PATH, { query: { marketplaceIds: US, ...query } })
  const metrics = async (query: Record<string, string>): Promise<Metrics[]> => {
    const { status, body } = await ask(query)
    expect(status, JSON.stringify(body)).toBe(200)
    return body.payload
  }
  return { call, ask, metrics }
}

/** Midnight in UTC, so many days ago. */
const midnight = (days: number) => new Date((Math.floor(Date.now() / DAY) - days) * DAY).toISOString()
const lastDays = (days: number) => `${midnight(days)}--${midnight(0)}`
const units = (all: readonly Metrics[]) => all.reduce((total, { unitCount }) => total + unitCount, 0)
const cents = (all: readonly Metrics[]) =>
  all.reduce((total, { totalSales }) => total + Math.round(Number(totalSales.amount) * 100), 0)

describe('getOrderMetrics', () => {
  it('adds up the same, however it is divided', async () => {
    const { metrics } = await start()
    const interval = lastDays(20)
    const total = await metrics({ interval, granularity: 'Total' })
    expect(total).toHaveLength(1)
    expect(units(total)).toBeGreaterThan(700)
    for (const granularity of ['Hour', 'Day', 'Week', 'Month']) {
      const parts = await metrics({ interval, granularity, granularityTimeZone: 'UTC' })
      expect([granularity, units(parts), cents(parts)]).toEqual([granularity, units(total), cents(total)])
      if (granularity === 'Day') expect(parts).toHaveLength(20)
    }
    const kinds = await Promise.all(
      ['B2B', 'B2C'].map((buyerType) => metrics({ interval, granularity: 'Total', buyerType })),
    )
    expect(units(kinds.flat())).toBe(units(total))
  })

  it('writes its intervals by the clocks of the time zone', async () => {
    const { metrics } = await start()
    const day = midnight(3).slice(0, 10)
    const next = midnight(2).slice(0, 10)
    const interval = `${day}T00:00:00+09:00--${next}T00:00:00+09:00`
    const parts = await metrics({ interval, granularity: 'Day', granularityTimeZone: 'Asia/Tokyo' })
    expect(parts.map((part) => part.interval)).toEqual([`${day}T00:00+09:00--${next}T00:00+09:00`])
  })

  it('narrows down to a product', async () => {
    const { call, metrics } = await start()
    const query = { marketplaceIds: US, createdAfter: midnight(2), createdBefore: midnight(1) }
    const { body } = await call('GET', '/orders/2026-01-01/orders', { query })
    const { sellerSku: sku, asin } = body.orders[0].orderItems[0].product
    const interval = lastDays(20)
    const bySku = await metrics({ interval, granularity: 'Total', sku })
    expect(units(bySku)).toBeGreaterThan(0)
    expect(await metrics({ interval, granularity: 'Total', asin })).toEqual(bySku)
  })

  it.each([
    [{ granularity: 'Day' }, /interval/],
    [{ interval: lastDays(2) }, /granularity/],
    [{ interval: lastDays(2), granularity: 'Day' }, /granularityTimeZone/],
    [{ interval: lastDays(2), granularity: 'Day', granularityTimeZone: 'Moon/Base' }, /granularityTimeZone/],
    [{ interval: lastDays(2), granularity: 'Day', granularityTimeZone: 'Asia/Tokyo' }, /granularityTimeZone/],
    [{ interval: '2026-01-01--2026-02-01', granularity: 'Total' }, /interval/],
    [{ interval: lastDays(40), granularity: 'Hour' }, /interval/],
    [{ interval: lastDays(800), granularity: 'Total' }, /interval/],
    [{ interval: lastDays(2), granularity: 'Total', asin: 'B000000001', sku: 'A' }, /asin/],
    [{ interval: lastDays(2), granularity: 'Total', buyerType: 'C2C' }, /buyerType/],
  ])('%j is refused', async (query, message) => {
    const { ask } = await start()
    const { status, body } = await ask(query as unknown as Record<string, string>)
    expect([status, body.errors[0].message]).toEqual([400, expect.stringMatching(message)])
  })

  it.skipIf(!modelsPresent)('fits Amazon’s model', async () => {
    const { ask } = await start()
    const { body, headers } = await ask({ interval: lastDays(2), granularity: 'Total' })
    validator('sales.json', 'GetOrderMetricsResponse')(body)
    expect(headers.get('x-amzn-ratelimit-limit')).toBe('0.5')
  })
})
