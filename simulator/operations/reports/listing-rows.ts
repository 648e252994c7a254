/** Rows of the reports on listings and on stock. */

import type { Marketplace } from '../../marketplaces.ts'
import type { Offering } from '../../seller/assortment.ts'
import { toText } from '../../seller/money.ts'
import { ownQuantity, type Stock, stockOf } from '../../seller/stock.ts'
import { type Listing, networkOf, offerOf, statusOf } from '../listings/listing.ts'
import { type Column, none } from './flat-files.ts'
import { listedTitle } from './titles.ts'

export interface ListedRow {
  readonly marketplace: Marketplace
  readonly sku: string
  readonly fnsku: string
  readonly asin: string
  readonly title: string
  /** Decimal, or empty when there is none. */
  readonly price: string
  readonly channel: 'AFN' | 'MFN'
  /** What the seller has itself. */
  readonly quantity: number
  /** What Amazon has of it. */
  readonly stock: Stock
  readonly openedAt: number
  readonly active: boolean
  readonly id: string
}

const NONE: Stock = {
  fulfillable: 0,
  reserved: 0,
  unfulfillable: 0,
  inboundWorking: 0,
  inboundShipped: 0,
  inboundReceiving: 0,
  researching: 0,
}

/** An offering as it was from the start. */
export function rowOfOffering(offering: Offering, marketplace: Marketplace, asOf: number): ListedRow {
  const { sku, fnsku, asin, price, channel, openedAt, hash, number } = offering
  return {
    marketplace,
    sku,
    fnsku: fnsku ?? '',
    asin,
    title: listedTitle(offering, marketplace),
    price: toText(price),
    channel,
    quantity: ownQuantity(offering, asOf),
    stock: channel === 'AFN' ? stockOf(offering, asOf) : NONE,
    openedAt,
    active: true,
    id: listingId(hash, number),
  }
}

/** A listing as it has become by what was submitted. */
export function rowOfListing(listing: Listing, asOf: number): ListedRow {
  const { marketplace, sku, asin, fnsku, offering, attributes, createdAt } = listing
  const { price, channel, quantity } = offerOf(listing, asOf)
  const name = String(attributes.item_name?.[0]?.value ?? '')
  return {
    marketplace,
    sku,
    fnsku: fnsku ?? '',
    asin: asin ?? '',
    title: offering !== null && name === offering.title ? listedTitle(offering, marketplace) : name,
    price: price === null ? '' : toText({ currency: marketplace.currency, amount: price }),
    channel,
    quantity,
    stock: channel === 'AFN' && offering !== null ? stockOf(offering, asOf) : NONE,
    openedAt: createdAt,
    active: statusOf(listing, asOf).includes('BUYABLE'),
    id: listingId(createdAt % 1_000_003, sku.length),
  }
}

const listingId = (hash: number, number: number) =>
  `${hash % 10_000}${(number + 100_000).toString()}L`.slice(-11)

const day = (ms: number) => `${new Date(ms).toISOString().slice(0, 10)} 00:00:00 UTC`

export const listingColumns: readonly Column<ListedRow>[] = [
  ['item-name', ({ title }) => title],
  ['item-description', ({ title }) => `${title}.`],
  ['listing-id', ({ id }) => id],
  ['seller-sku', ({ sku }) => sku],
  ['price', ({ price }) => price],
  // What Amazon has is counted elsewhere.
  ['quantity', ({ channel, quantity }) => (channel === 'AFN' ? '' : quantity)],
  ['open-date', ({ openedAt }) => day(openedAt)],
  ['image-url', none],
  ['item-is-marketplace', () => 'y'],
  ['product-id-type', () => 1],
  ['zshop-shipping-fee', none],
  ['item-note', none],
  ['item-condition', () => 11],
  ['zshop-category1', none],
  ['zshop-browse-path', none],
  ['zshop-storefront-feature', none],
  ['asin1', ({ asin }) => asin],
  ['asin2', none],
  ['asin3', none],
  ['will-ship-internationally', none],
  ['expedited-shipping', none],
  ['zshop-boldface', none],
  ['product-id', ({ asin }) => asin],
  ['bid-for-featured-placement', none],
  ['add-delete', none],
  ['pending-quantity', ({ channel }) => (channel === 'AFN' ? '' : 0)],
  [
    'fulfillment-channel',
    ({ channel, marketplace }) => (channel === 'AFN' ? networkOf(marketplace) : 'DEFAULT'),
  ],
  ['merchant-shipping-group', () => 'Migrated Template'],
  ['status', ({ active }) => (active ? 'Active' : 'Inactive')],
]

const sum = (stock: Stock) => Object.values(stock).reduce((all: number, one: number) => all + one, 0)

export const fbaInventoryColumns: readonly Column<ListedRow>[] = [
  ['sku', ({ sku }) => sku],
  ['fnsku', ({ fnsku }) => fnsku],
  ['asin', ({ asin }) => asin],
  ['product-name', ({ title }) => title],
  ['condition', () => 'New'],
  ['your-price', ({ price }) => price],
  ['mfn-listing-exists', () => 'No'],
  ['mfn-fulfillable-quantity', none],
  ['afn-listing-exists', () => 'Yes'],
  [
    'afn-warehouse-quantity',
    ({ stock }) => stock.fulfillable + stock.unfulfillable + stock.reserved + stock.researching,
  ],
  ['afn-fulfillable-quantity', ({ stock }) => stock.fulfillable],
  ['afn-unsellable-quantity', ({ stock }) => stock.unfulfillable],
  ['afn-reserved-quantity', ({ stock }) => stock.reserved],
  ['afn-total-quantity', ({ stock }) => sum(stock)],
  ['per-unit-volume', () => '0.12'],
  ['afn-inbound-working-quantity', ({ stock }) => stock.inboundWorking],
  ['afn-inbound-shipped-quantity', ({ stock }) => stock.inboundShipped],
  ['afn-inbound-receiving-quantity', ({ stock }) => stock.inboundReceiving],
  ['afn-researching-quantity', ({ stock }) => stock.researching],
  ['afn-reserved-future-supply', () => 0],
  ['afn-future-supply-buyable', () => 0],
]
