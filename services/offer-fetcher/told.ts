import type {
  FeaturedOffer,
  FulfillmentOption,
  LowestPrice,
  OfferCount,
} from '#schemas/generated/offers-result.ts'

/** What one answer tells of an item, as the results have it; null: the operation does not tell it. */
export interface Told {
  readonly featuredOffer: FeaturedOffer | null
  readonly lowestPrices: readonly LowestPrice[] | null
  readonly offerCounts: readonly OfferCount[] | null
  readonly fulfillmentOptions: readonly FulfillmentOption[] | null
  readonly salesRank: number | null
}

/** Amazon has not put the item's offers together yet. */
export interface TooSoon {
  /** Milliseconds since the epoch; null when Amazon does not say. */
  readonly availableAt: number | null
}

/** Lists of an answer are bounded, so that a result fits into the log whatever Amazon answers. */
const MOST_ENTRIES = 50
/** Longest seller id that is believed. */
const LONGEST_SELLER_ID = 32

/** Two places at least, as prices are written: `19.9` is `19.90`. */
export function amountText(decimal: string): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return `${whole}.${fraction.padEnd(2, '0')}`
}

/** `new`, `used` and so on, whatever its capitals. */
export const conditionText = (condition: string | undefined): string =>
  (condition ?? 'any').toLowerCase().slice(0, 32)

/** `Amazon` and `Merchant` of the older API as the newer one has them. */
export function channelText(channel: string | undefined): 'AFN' | 'MFN' | null {
  if (channel === 'Amazon' || channel === 'AFN') return 'AFN'
  return channel === 'Merchant' || channel === 'MFN' ? 'MFN' : null
}

export const sellerText = (id: string | undefined): string | null =>
  id !== undefined && /^[\x21-\x7e]+$/.test(id) && id.length <= LONGEST_SELLER_ID ? id : null

export const bounded = <T>(entries: readonly T[]): readonly T[] => entries.slice(0, MOST_ENTRIES)

const PRIME = ['NATIONAL', 'REGIONAL', 'NONE'] as const
export type Prime = (typeof PRIME)[number]

export const primeText = (eligibility: string | undefined): Prime | null =>
  PRIME.find((known) => known === eligibility) ?? null

/** The widest eligibility of several; null when none of them says. */
export function widest(primes: readonly (Prime | null)[]): Prime | null {
  return PRIME.find((known) => primes.includes(known)) ?? null
}
