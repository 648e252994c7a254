import type { OfferLevel } from '#libs/offers/levels.ts'

/** Amounts are decimal text, so that they stay exact on their way through JSON. */
export interface FeaturedOffer {
  readonly price: string
  readonly shipping: string | null
  readonly currency: string
  readonly sellerId: string | null
  /** AFN: Amazon ships it; MFN: the seller does. */
  readonly fulfillmentChannel: string | null
  readonly prime: string | null
}

export interface LowestPrice {
  readonly condition: string
  readonly fulfillmentChannel: string | null
  readonly price: string
  readonly shipping: string | null
  readonly currency: string
}

export interface OfferCount {
  readonly condition: string
  readonly fulfillmentChannel: string | null
  readonly count: number
}

export interface FulfillmentOption {
  readonly fulfillmentChannel: string
  readonly prime: string | null
  readonly offers: number | null
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
}

/** What one answer told of an ASIN, as `offer_syncs` keeps it. Null: the operation does not tell it; empty: there is none. */
export interface Observation {
  /** Null: Amazon features no offer. */
  readonly featured: FeaturedOffer | null
  readonly lowestPrices: readonly LowestPrice[] | null
  readonly offerCounts: readonly OfferCount[] | null
  readonly fulfillmentOptions: readonly FulfillmentOption[] | null
}

/** The new offer that costs least with its shipping. */
export function lowestNew(prices: readonly LowestPrice[] | null): LowestPrice | null {
  return (prices ?? [])
    .filter(({ condition }) => condition === 'new')
    .reduce<LowestPrice | null>((best, one) => (best && landed(best) <= landed(one) ? best : one), null)
}

/** Offers in new condition, all channels together; null when they are not told. */
export function newOffers(counts: readonly OfferCount[] | null): number | null {
  if (counts === null) return null
  const ofNew = counts.filter(({ condition }) => condition === 'new')
  const whole = ofNew.find(({ fulfillmentChannel }) => fulfillmentChannel === null)
  return whole?.count ?? ofNew.reduce((sum, { count }) => sum + count, 0)
}

/** Price and shipping in hundred-thousandths: never added as doubles. */
function landed({ price, shipping }: LowestPrice): bigint {
  return scaled(price) + scaled(shipping ?? '0')
}

function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return BigInt(whole + fraction.slice(0, 5).padEnd(5, '0'))
}

/** What an answer tells of what the history of prices follows; what it leaves open is not there. */
export interface Told {
  readonly price?: string | null
  readonly shipping?: string | null
  readonly currency?: string | null
  readonly sellerId?: string | null
  readonly fulfillmentChannel?: string | null
  readonly prime?: string | null
  readonly lowestPrice?: string | null
  readonly lowestShipping?: string | null
  readonly offerCount?: number
}

/** `level`: only the dear one tells how the featured offer is fulfilled. */
export function told(level: OfferLevel, { featured, lowestPrices, offerCounts }: Observation): Told {
  const lowest = lowestNew(lowestPrices)
  const offerCount = newOffers(offerCounts)
  return {
    price: featured?.price ?? null,
    currency: featured?.currency ?? lowest?.currency ?? null,
    // A featured offer has shipping and a seller, told or not.
    ...(featured && featured.shipping === null ? {} : { shipping: featured?.shipping ?? null }),
    ...(featured && featured.sellerId === null ? {} : { sellerId: featured?.sellerId ?? null }),
    ...(level === 'offers' && !(featured && featured.fulfillmentChannel === null)
      ? { fulfillmentChannel: featured?.fulfillmentChannel ?? null, prime: featured?.prime ?? null }
      : {}),
    ...(lowestPrices === null
      ? {}
      : { lowestPrice: lowest?.price ?? null, lowestShipping: lowest?.shipping ?? null }),
    ...(offerCount === null ? {} : { offerCount }),
  }
}

/** Whether `now` tells anything that `before`, what is known so far, has not. */
export function isNews(now: Told, before: Told): boolean {
  return (Object.keys(now) as (keyof Told)[]).some((name) => now[name] !== before[name])
}
