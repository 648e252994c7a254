/**
 * Finances 2024-06-19 (model `finances_2024-06-19`): listTransactions, listBalances, listSummary. Pages may be empty and
 * still have a successor; a token goes with the arguments that it was given for.
 */

import { ok } from '../../answer.ts'
import { DEFAULT_MARKETPLACE, type Marketplace, marketplaces } from '../../marketplaces.ts'
import { DAY_MS } from '../../seller/assortment.ts'
import { type Money, sum } from '../../seller/money.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { type Transaction, transactionsOf } from '../../seller/transactions.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { type Operation, Refusal } from '../operation.ts'
import { list, marketplaceOf, moment, oneOf, single } from '../parameters.ts'
import { inUtc } from '../times.ts'
import {
  currency,
  groupOf,
  periodOf,
  settlementId,
  startOf,
  statusAt,
  transactionFields,
} from './transaction-fields.ts'

const plan = { rate: 0.5, burst: 10, appRate: null }
const PAGE_SIZE = 50
const SETTLED_MS = 120_000
const LONGEST_MS = 180 * DAY_MS
/** Pages are made of windows of this length: one without a transaction is an empty page. */
const WINDOW_MS = 6 * 3_600_000
const STATUSES = ['DEFERRED', 'RELEASED', 'DEFERRED_RELEASED'] as const
const ACCOUNT = 'Standard Orders'

/** Where the next page begins: at a time, behind so many transactions of the window that starts there. */
interface Position {
  readonly at: number
  readonly skip: number
  readonly before: number
}

const listTransactions: Operation = {
  name: 'listTransactions',
  method: 'GET',
  path: '/finances/2024-06-19/transactions',
  plan,
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const seller = sellerOf(caller, world)
    const status = oneOf(query, 'transactionStatus', STATUSES)
    const related = readRelated(query)
    const place = readPlace(query)
    const show = (all: readonly Transaction[]) =>
      all
        .filter((one) => status === null || statusAt(one, now) === status)
        .map((one) => transactionFields(one, seller.merchantId, now))
    if (related?.name === 'ORDER_ID')
      return ok({ payload: { transactions: show(ofOrder(seller, related.value, now)) } })
    const start = positionOf(query, 'listTransactions', now) ?? readWindow(query, related, now)
    if (start.before - start.at > LONGEST_MS) return ok({ payload: { transactions: [] } })
    const end = Math.min(start.at + WINDOW_MS, start.before)
    const all = place
      .flatMap((market) => transactionsOf(seller.orders, market, { after: start.at, before: end, now }))
      .filter((one) => isListed(one, query) && (related === null || groupOf(one) === related.value))
      .sort((a, b) => a.postedAt - b.postedAt || (a.id < b.id ? -1 : 1))
    const page = all.slice(start.skip, start.skip + PAGE_SIZE)
    const rest = all.length > start.skip + PAGE_SIZE
    const next: Position | null = rest
      ? { ...start, skip: start.skip + PAGE_SIZE }
      : end < start.before
        ? { ...start, at: end, skip: 0 }
        : null
    return ok({
      payload: {
        transactions: show(page),
        ...(next === null ? {} : { nextToken: sealCursor(kindOf(query, 'listTransactions'), next, now) }),
      },
    })
  },
}

function readRelated(query: URLSearchParams): { name: string; value: string } | null {
  const name = oneOf(query, 'relatedIdentifierName', ['ORDER_ID', 'FINANCIAL_EVENT_GROUP_ID'] as const)
  const value = single(query, 'relatedIdentifierValue')
  if ((name === null) !== (value === null))
    throw new Refusal("'relatedIdentifierName' and 'relatedIdentifierValue' go together.")
  return name === null || value === null ? null : { name, value }
}

function readPlace(query: URLSearchParams): Marketplace[] {
  const id = single(query, 'marketplaceId')
  return id === null ? [...marketplaces.values()] : [marketplaceOf(id, 'marketplaceId')]
}

/** "If you want to retrieve MFN orders in the US store, do not supply the `marketplaceId` parameter." */
const isListed = ({ order }: Transaction, query: URLSearchParams) =>
  order.channel === 'AFN' || single(query, 'marketplaceId') !== DEFAULT_MARKETPLACE

function readWindow(query: URLSearchParams, related: { value: string } | null, now: number): Position {
  const latest = now - SETTLED_MS
  if (related !== null) {
    const at = startOf(Number.parseInt(related.value, 10) || 0)
    return { at, skip: 0, before: Math.min(startOf(periodOf(at) + 1), latest) }
  }
  const after = moment(query, 'postedAfter')
  if (after === null) throw new Refusal("Missing required 'postedAfter'.")
  if (after > latest)
    throw new Refusal("Invalid 'postedAfter' provided.", 'It must be more than two minutes ago.')
  const before = moment(query, 'postedBefore') ?? latest
  if (before > latest || before <= after)
    throw new Refusal(
      "Invalid 'postedBefore' provided.",
      "It must be later than 'postedAfter' and more than two minutes ago.",
    )
  return { at: after, skip: 0, before }
}

function ofOrder(seller: Seller, id: string, now: number): Transaction[] {
  const order = seller.orders.byId(id, now)
  if (order === null) return []
  const found = transactionsOf(seller.orders, order.marketplace, { after: order.createdAt, before: now, now })
  return found.filter((one) => one.order.id === id)
}

/** Tokens are good for the arguments that they were given for. */
function kindOf(query: URLSearchParams, name: string): string {
  const others = [...query].filter(([key]) => key !== 'nextToken').sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name, others])
}

function positionOf(query: URLSearchParams, name: string, now: number): Position | null {
  const token = single(query, 'nextToken')
  return token === null ? null : openCursor<Position>(kindOf(query, name), token, 'nextToken', { now })
}

const BALANCES = ['AVAILABLE', 'RESERVED', 'ACCOUNT_LEVEL_RESERVE', 'DEFERRED', 'TOTAL'] as const

const listBalances: Operation = {
  name: 'listBalances',
  method: 'GET',
  path: '/finances/2024-06-19/balances',
  plan,
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const seller = sellerOf(caller, world)
    const wanted = oneOf(query, 'balanceType', BALANCES)
    const asOf = moment(query, 'asOfDate') ?? now
    if (asOf > now) throw new Refusal("Invalid 'asOfDate' provided.", 'It must not be in the future.')
    const balances = readPlaces(query).flatMap((market) => {
      const amounts = balancesOf(seller, market, asOf, now)
      return BALANCES.filter((type) => wanted === null || type === wanted).map((type) => ({
        partnerMetadata: metadata(seller, market),
        balanceType: type,
        amount: currency(amounts[type]),
        asOfDate: inUtc(asOf),
        lastUpdatedTime: inUtc(Math.min(asOf, now)),
      }))
    })
    return ok({ balances })
  },
}

function readPlaces(query: URLSearchParams): Marketplace[] {
  const ids = list(query, 'marketplaceIds', marketplaces.size)
  return ids.length === 0 ? [...marketplaces.values()] : ids.map((id) => marketplaceOf(id, 'marketplaceIds'))
}

const metadata = ({ merchantId }: Seller, { id }: Marketplace) => ({
  partnerId: merchantId,
  accountType: ACCOUNT,
  marketplaceId: id,
})

/** What the running settlement has brought; a tenth of what may be spent is kept back. */
function balancesOf(
  { orders }: Seller,
  market: Marketplace,
  asOf: number,
  now: number,
): Readonly<Record<(typeof BALANCES)[number], Money>> {
  const after = startOf(periodOf(asOf))
  const all = transactionsOf(orders, market, { after, before: asOf, now })
  const totalOf = (isMeant: (one: Transaction) => boolean) =>
    sum(
      all.filter(isMeant).map(({ total }) => total),
      market.currency,
    )
  const deferred = totalOf((one) => statusAt(one, asOf) === 'DEFERRED')
  const released = totalOf((one) => statusAt(one, asOf) !== 'DEFERRED')
  const money = (amount: number): Money => ({ currency: market.currency, amount })
  const kept = Math.max(0, Math.round(released.amount / 10))
  return {
    AVAILABLE: money(released.amount - kept),
    ACCOUNT_LEVEL_RESERVE: money(kept),
    DEFERRED: deferred,
    RESERVED: money(deferred.amount + kept),
    TOTAL: money(deferred.amount + released.amount),
  }
}

const SUMMARIES_PER_PAGE = 10

const listSummary: Operation = {
  name: 'listSummary',
  method: 'GET',
  path: '/finances/2024-06-19/summary',
  plan,
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const seller = sellerOf(caller, world)
    const name = oneOf(query, 'relatedIdentifierName', ['SETTLEMENT_ID'] as const)
    const settlement = single(query, 'relatedIdentifierValue')
    if ((name === null) !== (settlement === null))
      throw new Refusal("'relatedIdentifierName' and 'relatedIdentifierValue' go together.")
    const end = Math.min(moment(query, 'periodEnd') ?? now, now)
    const start = moment(query, 'periodStart') ?? startOf(periodOf(end))
    if (start > end) throw new Refusal("Invalid 'periodStart' provided.")
    const wanted = periodsOf(start, end)
      .flatMap((period) => readPlaces(query).map((market) => ({ period, market })))
      .filter(({ period, market }) => settlement === null || settlementId(market.id, period) === settlement)
    const { skip } = positionOf(query, 'listSummary', now) ?? { skip: 0 }
    const until = skip + SUMMARIES_PER_PAGE
    const next = { at: 0, skip: until, before: 0 } satisfies Position
    return ok({
      summaries: wanted
        .slice(skip, until)
        .map(({ period, market }) => summaryOf(seller, market, period, now)),
      ...(wanted.length > until ? { nextToken: sealCursor(kindOf(query, 'listSummary'), next, now) } : {}),
    })
  },
}

const MAX_PERIODS = 200

function periodsOf(start: number, end: number): number[] {
  const [first, last] = [periodOf(start), periodOf(end)]
  if (last - first >= MAX_PERIODS) throw new Refusal("Invalid 'periodStart' provided.", 'It is too long ago.')
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function summaryOf(seller: Seller, market: Marketplace, period: number, now: number): object {
  const [after, before] = [startOf(period), startOf(period + 1)]
  const all = transactionsOf(seller.orders, market, { after, before: Math.min(before, now), now })
  const of = (type: Transaction['type']) =>
    sum(
      all.filter((one) => one.type === type).map(({ total }) => total),
      market.currency,
    )
  return {
    partnerMetadata: metadata(seller, market),
    netProceeds: currency(
      sum(
        all.map(({ total }) => total),
        market.currency,
      ),
    ),
    relatedIdentifiers: [
      { relatedIdentifierName: 'SETTLEMENT_ID', relatedIdentifierValue: settlementId(market.id, period) },
    ],
    breakdowns: [
      { breakdownType: 'Sales', breakdownAmount: currency(of('Shipment')), breakdowns: [] },
      { breakdownType: 'Refunds', breakdownAmount: currency(of('Refund')), breakdowns: [] },
    ],
    periodStart: inUtc(after),
    periodEnd: inUtc(before),
  }
}

export const financeOperations: readonly Operation[] = [listTransactions, listBalances, listSummary]
