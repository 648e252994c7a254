import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../../test-model.ts'
import { clock, signInToCall, startForTest, US } from '../../testing.ts'

const TRANSACTIONS = '/finances/2024-06-19/transactions'
const DE = 'A1PA6795UKMFR9'
const DAY = 86_400_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()

interface Transaction {
  readonly transactionId: string
  readonly transactionType: string
  readonly transactionStatus: string
  readonly postedDate: string
  readonly totalAmount: { readonly currencyAmount: number }
  readonly breakdowns: { readonly breakdownAmount: { readonly currencyAmount: number } }[]
  readonly items: { readonly contexts: { readonly fulfillmentNetwork: string }[] }[]
  readonly relatedIdentifiers: {
    readonly relatedIdentifierName: string
    readonly relatedIdentifierValue: string
  }[]
}

async function start(options = {}) {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400, ...options })
  simulator.setPlan({ operation: '*', rate: 10_000, burst: 10_000 })
  const call = await signInToCall(simulator)
  const pages = async (query: Record<string, string>) => {
    const all: Transaction[][] = []
    let token: { nextToken?: string } = {}
    do {
      const { status, body } = await call('GET', TRANSACTIONS, { query: { ...query, ...token } })
      expect(status, JSON.stringify(body)).toBe(200)
      all.push(body.payload.transactions)
      token = body.payload.nextToken === undefined ? {} : { nextToken: body.payload.nextToken }
    } while (token.nextToken !== undefined)
    return all
  }
  return { simulator, call, pages, pass }
}

const cents = (value: number) => Math.round(value * 100)

describe('listTransactions', () => {
  it('has them all, page by page, some of them empty, each once and in order', async () => {
    const { pages } = await start({ ordersPerDay: 2 })
    const window = { postedAfter: ago(40 * DAY), postedBefore: ago(10 * DAY), marketplaceId: DE }
    const found = await pages(window)
    expect(found.filter((page) => page.length === 0).length).toBeGreaterThan(5)
    const all = found.flat()
    expect(all.length).toBeGreaterThan(40)
    expect(new Set(all.map(({ transactionId }) => transactionId)).size).toBe(all.length)
    const times = all.map(({ postedDate }) => postedDate)
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)))
    for (const { totalAmount, breakdowns } of all) {
      const parts = breakdowns.reduce((sum, one) => sum + cents(one.breakdownAmount.currencyAmount), 0)
      expect(cents(totalAmount.currencyAmount)).toBe(parts)
    }
  })

  it('shows what was posted up to 48 hours late', async () => {
    const { pages, pass } = await start()
    const window = { postedAfter: ago(2 * DAY), postedBefore: ago(DAY), marketplaceId: DE }
    const before = (await pages(window)).flat().length
    pass(DAY - 60_000)
    const after = (await pages(window)).flat().length
    expect(after).toBeGreaterThan(before)
  })

  it('hides orders that the seller sends in the US when the marketplace is named', async () => {
    const { pages } = await start({ ordersPerDay: 24 })
    const window = { postedAfter: ago(6 * DAY), postedBefore: ago(4 * DAY) }
    const channels = (all: Transaction[][]) =>
      new Set(all.flat().map(({ items }) => items[0]?.contexts[0]?.fulfillmentNetwork))
    expect(channels(await pages({ ...window, marketplaceId: US }))).toEqual(new Set(['AFN']))
    expect(channels(await pages(window))).toEqual(new Set(['AFN', 'MFN']))
  })

  it('finds those of an order and of a settlement, and those of a status', async () => {
    const { pages } = await start()
    const window = { postedAfter: ago(12 * DAY), postedBefore: ago(10 * DAY), marketplaceId: DE }
    const all = (await pages(window)).flat()
    const idOf = (transaction: Transaction | undefined, name: string) =>
      transaction?.relatedIdentifiers.find((one) => one.relatedIdentifierName === name)
        ?.relatedIdentifierValue ?? ''
    const related = (name: string) => ({
      relatedIdentifierName: name,
      relatedIdentifierValue: idOf(all[0], name),
    })
    const ofOrder = (await pages(related('ORDER_ID'))).flat()
    expect(ofOrder.map(({ transactionId }) => transactionId)).toContain(all[0]?.transactionId)
    for (const one of ofOrder) expect(idOf(one, 'ORDER_ID')).toBe(idOf(all[0], 'ORDER_ID'))
    const ofGroup = (await pages({ ...related('FINANCIAL_EVENT_GROUP_ID'), marketplaceId: DE })).flat()
    expect(ofGroup.length).toBeGreaterThan(ofOrder.length)
    const released = (await pages({ ...window, transactionStatus: 'DEFERRED_RELEASED' })).flat()
    expect(released.length).toBeGreaterThan(0)
    for (const one of released) expect(one.transactionStatus).toBe('DEFERRED_RELEASED')
  })

  it('takes a token with the arguments that it was given for, and is empty for more than 180 days', async () => {
    const { call } = await start()
    const query = { postedAfter: ago(5 * DAY), marketplaceId: DE }
    const { nextToken } = (await call('GET', TRANSACTIONS, { query })).body.payload
    expect((await call('GET', TRANSACTIONS, { query: { ...query, nextToken } })).status).toBe(200)
    expect((await call('GET', TRANSACTIONS, { query: { nextToken } })).status).toBe(400)
    const other = { postedAfter: query.postedAfter, marketplaceId: US, nextToken }
    expect((await call('GET', TRANSACTIONS, { query: other })).status).toBe(400)
    const long = await call('GET', TRANSACTIONS, { query: { postedAfter: ago(181 * DAY) } })
    expect(long.body.payload).toEqual({ transactions: [] })
  })

  it.each([
    [{}, /postedAfter/],
    [{ postedAfter: ago(-600_000) }, /postedAfter/],
    [{ postedAfter: ago(DAY), postedBefore: ago(-600_000) }, /postedBefore/],
    [{ postedAfter: ago(DAY), postedBefore: ago(2 * DAY) }, /postedBefore/],
    [{ postedAfter: ago(DAY), transactionStatus: 'PAID' }, /transactionStatus/],
    [{ relatedIdentifierName: 'ORDER_ID' }, /go together/],
    [{ relatedIdentifierName: 'REFUND_ID', relatedIdentifierValue: '1' }, /relatedIdentifierName/],
  ])('%j is refused', async (query, message) => {
    const { call } = await start()
    const { status, body } = await call('GET', TRANSACTIONS, {
      query: query as unknown as Record<string, string>,
    })
    expect([status, body.errors[0].message]).toEqual([400, expect.stringMatching(message)])
  })
})

describe('balances and summaries', () => {
  it('add up', async () => {
    const { call } = await start()
    const query = { marketplaceIds: US, asOfDate: ago(5 * DAY) }
    const { balances } = (await call('GET', '/finances/2024-06-19/balances', { query })).body
    const amount = (type: string) =>
      cents(balances.find((one: { balanceType: string }) => one.balanceType === type).amount.currencyAmount)
    expect(amount('TOTAL')).toBe(amount('AVAILABLE') + amount('RESERVED'))
    expect(amount('RESERVED')).toBe(amount('DEFERRED') + amount('ACCOUNT_LEVEL_RESERVE'))
    const one = await call('GET', '/finances/2024-06-19/balances', {
      query: { ...query, balanceType: 'TOTAL' },
    })
    expect(one.body.balances).toHaveLength(1)
  })

  it('come in pages, a settlement by its id', async () => {
    const { call } = await start()
    const path = '/finances/2024-06-19/summary'
    const query = { marketplaceIds: DE, periodStart: ago(200 * DAY), periodEnd: ago(20 * DAY) }
    const first = (await call('GET', path, { query })).body
    expect(first.summaries).toHaveLength(10)
    const rest = (await call('GET', path, { query: { ...query, nextToken: first.nextToken } })).body
    const [sales, refunds] = rest.summaries[0].breakdowns
    expect(cents(rest.summaries[0].netProceeds.currencyAmount)).toBe(
      cents(sales.breakdownAmount.currencyAmount) + cents(refunds.breakdownAmount.currencyAmount),
    )
    const relatedIdentifierValue = rest.summaries[0].relatedIdentifiers[0].relatedIdentifierValue
    const settlement = { ...query, relatedIdentifierName: 'SETTLEMENT_ID', relatedIdentifierValue }
    expect((await call('GET', path, { query: settlement })).body.summaries).toEqual([rest.summaries[0]])
  })

  it.skipIf(!modelsPresent)('fit Amazon’s model, as transactions do', async () => {
    const { call } = await start()
    const check = async (definition: string, path: string, query: Record<string, string>) =>
      validator('finances_2024-06-19.json', definition)((await call('GET', path, { query })).body)
    await check('ListTransactionsResponse', TRANSACTIONS, { postedAfter: ago(10 * DAY) })
    await check('ListBalancesResponse', '/finances/2024-06-19/balances', { marketplaceIds: US })
    await check('SummaryResponse', '/finances/2024-06-19/summary', { marketplaceIds: US })
    await check('ErrorList', TRANSACTIONS, {})
  })
})
