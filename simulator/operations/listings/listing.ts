/** A listings item as the simulator keeps it: its attributes as they were submitted, from which offers are read. */

import type { Catalogue } from '../../catalogue/catalogue.ts'
import { combine } from '../../catalogue/hash.ts'
import { itemData } from '../../catalogue/item-data.ts'
import { moneyOf } from '../../catalogue/money.ts'
import type { Marketplace } from '../../marketplaces.ts'
import type { Offering } from '../../seller/assortment.ts'
import { ownQuantity, stockOf } from '../../seller/stock.ts'

/** Attributes by name; each is a list of values, as the product type definitions have it. */
export type Attributes = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

export interface Issue {
  readonly code: string
  readonly message: string
  readonly severity: 'ERROR' | 'WARNING' | 'INFO'
  readonly attributeNames?: readonly string[]
  readonly categories: readonly string[]
}

export interface Listing {
  readonly sku: string
  readonly marketplace: Marketplace
  readonly productType: string
  /** The catalogue item that it sells, or null when there is none. */
  readonly asin: string | null
  readonly gtin: number | null
  readonly fnsku: string | null
  readonly attributes: Attributes
  readonly issues: readonly Issue[]
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  /** What it was before anything was submitted, when it was. */
  readonly offering: Offering | null
}

export interface ListedOffer {
  readonly conditionType: string
  readonly channel: 'AFN' | 'MFN'
  /** In the smallest unit of the marketplace's currency; null when none was submitted. */
  readonly price: number | null
  readonly quantity: number
}

const DAY_MS = 86_400_000
const SALT = { updated: 81, issue: 82 }

/** Amazon's fulfilment network by country; what is not here belongs to the one of Europe. */
const NETWORKS: Readonly<Record<string, string>> = {
  US: 'AMAZON_NA', CA: 'AMAZON_NA', MX: 'AMAZON_NA', BR: 'AMAZON_NA', JP: 'AMAZON_JP', AU: 'AMAZON_AU',
  SG: 'AMAZON_SG', IN: 'AMAZON_IN',
} // biome-ignore format: a table

export const networkOf = ({ countryCode }: Marketplace): string => NETWORKS[countryCode] ?? 'AMAZON_EU'

/** The listing of an offering that nobody has changed. */
export function listingOf(offering: Offering, marketplace: Marketplace, catalogue: Catalogue): Listing {
  const { sku, productType, asin, gtin, fnsku, openedAt: createdAt, hash } = offering
  return {
    sku,
    marketplace,
    productType,
    asin,
    gtin,
    fnsku,
    get attributes() {
      return attributesOf(offering, marketplace, catalogue)
    },
    issues: combine(hash, SALT.issue) % 12 === 0 ? [missingImage] : [],
    createdAt,
    updatedAt: createdAt + (combine(hash, SALT.updated) % 300) * DAY_MS,
    offering,
  }
}

const missingImage: Issue = {
  code: '18027',
  message: 'The product has no main image that meets the requirements.',
  severity: 'WARNING',
  attributeNames: ['main_product_image_locator'],
  categories: ['MISSING_ATTRIBUTE'],
}

function attributesOf(offering: Offering, marketplace: Marketplace, catalogue: Catalogue): Attributes {
  const { id, currency } = marketplace
  const item = catalogue.itemByAsin(id, offering.asin)
  const product = item === null ? {} : itemData([[marketplace, item]], new Set(['attributes'])).attributes
  const price = moneyOf(currency).toNumber(offering.price.amount)
  return {
    ...(product as Attributes),
    condition_type: [{ value: 'new_new', marketplace_id: id }],
    merchant_suggested_asin: [{ value: offering.asin, marketplace_id: id }],
    purchasable_offer: [
      {
        currency,
        audience: 'ALL',
        our_price: [{ schedule: [{ value_with_tax: price }] }],
        marketplace_id: id,
      },
    ],
    fulfillment_availability: [
      offering.channel === 'AFN'
        ? { fulfillment_channel_code: networkOf(marketplace), marketplace_id: id }
        : { fulfillment_channel_code: 'DEFAULT', marketplace_id: id },
    ],
  }
}

/** Price, condition, channel and quantity of a listing at a time. */
export function offerOf(listing: Listing, at: number): ListedOffer {
  const { attributes, offering } = listing
  const availability = attributes.fulfillment_availability?.[0]
  const channel = isAmazons(availability?.fulfillment_channel_code) ? 'AFN' : 'MFN'
  const submitted = availability?.quantity
  const stock = () => {
    if (offering === null) return 0
    return channel === 'AFN' ? stockOf(offering, at).fulfillable : ownQuantity(offering, at)
  }
  return {
    conditionType: String(attributes.condition_type?.[0]?.value ?? 'new_new'),
    channel,
    price: priceOf(listing),
    quantity: typeof submitted === 'number' && channel === 'MFN' ? submitted : stock(),
  }
}

export const isAmazons = (code: unknown): boolean => typeof code === 'string' && code.startsWith('AMAZON_')

function priceOf({ attributes, marketplace }: Listing): number | null {
  const offer = attributes.purchasable_offer?.find(({ audience = 'ALL' }) => audience === 'ALL')
  const amount = priceIn(offer)
  return amount === null ? null : Math.round(amount * 10 ** moneyOf(marketplace.currency).digits)
}

/** The amount in a value of `purchasable_offer`: `our_price[0].schedule[0].value_with_tax`. */
export function priceIn(offer: unknown): number | null {
  const price = offer as { our_price?: { schedule?: { value_with_tax?: unknown }[] }[] } | undefined
  const amount = price?.our_price?.[0]?.schedule?.[0]?.value_with_tax
  return typeof amount === 'number' && amount > 0 ? amount : null
}

/** Whether shoppers can buy it, and whether they can see it. */
export function statusOf(listing: Listing, at: number): ('BUYABLE' | 'DISCOVERABLE')[] {
  if (listing.asin === null || listing.issues.some(({ severity }) => severity === 'ERROR')) return []
  const { price, quantity } = offerOf(listing, at)
  return price !== null && quantity > 0 ? ['BUYABLE', 'DISCOVERABLE'] : ['DISCOVERABLE']
}
