/** Transactions as Finances 2024-06-19 shows them (model `finances_2024-06-19`). */

import { type Money, sum, toNumber } from '../../seller/money.ts'
import type { Transaction, TransactionLine } from '../../seller/transactions.ts'
import { inUtc } from '../times.ts'

/** Amounts are JSON numbers here, under a name of their own. */
export const currency = (money: Money) => ({ currencyCode: money.currency, currencyAmount: toNumber(money) })

export const statusAt = ({ deferredUntil }: Transaction, now: number): string =>
  deferredUntil === null ? 'RELEASED' : now < deferredUntil ? 'DEFERRED' : 'DEFERRED_RELEASED'

export function transactionFields(transaction: Transaction, merchantId: string, now: number): object {
  const { order, lines, total, type, deferredUntil } = transaction
  const { marketplace } = order
  const unit = marketplace.currency
  return {
    sellingPartnerMetadata: {
      sellingPartnerId: merchantId,
      accountType: 'Standard Orders',
      marketplaceId: marketplace.id,
    },
    relatedIdentifiers: [
      { relatedIdentifierName: 'ORDER_ID', relatedIdentifierValue: order.id },
      { relatedIdentifierName: 'FINANCIAL_EVENT_GROUP_ID', relatedIdentifierValue: groupOf(transaction) },
    ],
    transactionType: type,
    transactionId: transaction.id,
    transactionStatus: statusAt(transaction, now),
    description: type === 'Shipment' ? 'Order Payment' : 'Refund Order',
    postedDate: inUtc(transaction.postedAt),
    totalAmount: currency(total),
    marketplaceDetails: { marketplaceId: marketplace.id, marketplaceName: marketplace.name },
    items: lines.map((line) => itemFields(line, order.channel)),
    contexts:
      deferredUntil === null
        ? []
        : [{ contextType: 'DeferredContext', deferralReason: 'B2B', maturityDate: inUtc(deferredUntil) }],
    breakdowns: breakdowns(
      sum(
        lines.map(({ product }) => product),
        unit,
      ),
      sum(
        lines.map(({ commission }) => commission),
        unit,
      ),
      sum(
        lines.map(({ fulfilment }) => fulfilment),
        unit,
      ),
    ),
  }
}

const FORTNIGHT = 14 * 86_400_000

/** Two weeks of a marketplace are settled together. */
export const groupOf = ({ postedAt, order }: Transaction): string =>
  settlementId(order.marketplace.id, Math.floor(postedAt / FORTNIGHT))

export const settlementId = (marketplaceId: string, period: number): string => `${period}-${marketplaceId}`
export const periodOf = (ms: number): number => Math.floor(ms / FORTNIGHT)
export const startOf = (period: number): number => period * FORTNIGHT

function breakdowns(product: Money, commission: Money, fulfilment: Money): object[] {
  const fees = { currency: product.currency, amount: commission.amount + fulfilment.amount }
  return [
    { breakdownType: 'ProductCharges', breakdownAmount: currency(product), breakdowns: [] },
    {
      breakdownType: 'AmazonFees',
      breakdownAmount: currency(fees),
      breakdowns: [
        { breakdownType: 'Commission', breakdownAmount: currency(commission), breakdowns: [] },
        { breakdownType: 'FBAPerUnitFulfillmentFee', breakdownAmount: currency(fulfilment), breakdowns: [] },
      ],
    },
  ]
}

function itemFields(line: TransactionLine, channel: 'AFN' | 'MFN'): object {
  const { product, commission, fulfilment, asin, sku, quantity } = line
  return {
    description: 'Order item',
    totalAmount: currency(sum([product, commission, fulfilment], product.currency)),
    breakdowns: breakdowns(product, commission, fulfilment),
    contexts: [
      { contextType: 'ProductContext', asin, sku, quantityShipped: quantity, fulfillmentNetwork: channel },
    ],
  }
}
