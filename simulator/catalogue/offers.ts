/** The offers of an item: how many, by whom, at what price. A function of (seed, marketplace, item, price step). */

import type { Marketplace } from '../marketplaces.ts'
import type { CatalogueItem } from './catalogue.ts'
import { combine, combineText, fraction, pick } from './hash.ts'
import { itemHash, packQuantityOf, type SalesRanks, salesRanksOf } from './item-data.ts'
import { type Money, moneyOf } from './money.ts'
import type { Sellers } from './sellers.ts'

export type Condition = 'New' | 'Used'
export type SubCondition = 'New' | 'Mint' | 'VeryGood' | 'Good' | 'Acceptable'

/** All amounts are whole numbers of the currency's smallest unit: cents, or yen. */
export interface Offer {
  readonly sellerId: string
  readonly condition: Condition
  readonly subCondition: SubCondition
  /** Fulfilled by Amazon, or by the merchant. */
  readonly channel: 'AFN' | 'MFN'
  readonly prime: 'NATIONAL' | 'REGIONAL' | 'NONE'
  readonly listingPrice: number
  readonly shipping: number
  /** Amazon Points, in Japan only; one is worth a yen. */
  readonly points: number
  /** Listing price + shipping − points. */
  readonly landedPrice: number
  /** Whether the seller may be featured. */
  readonly eligible: boolean
  readonly handlingHours: number
  readonly feedback: { readonly positivePercent: number; readonly count: number }
}

export interface ItemOffers {
  readonly asin: string
  readonly marketplace: Marketplace
  readonly money: Money
  /** By landed price, then by seller: at most 30, each by another seller. */
  readonly offers: readonly Offer[]
  /** Whether Amazon features no offer, whoever is eligible. */
  readonly suppressed: boolean
  /** The offer behind "Add to cart", or null: nobody is eligible, or the item has none. */
  readonly featured: Offer | null
  /** The same for used ones. */
  readonly featuredUsed: Offer | null
  /** Shown to members of Prime in place of `featured`, where that is another offer. */
  readonly featuredForPrime: Offer | null
  readonly listPrice: number | null
  readonly competitivePriceThreshold: number | null
  readonly competitivePrice: number | null
  readonly wasPrice: number | null
  /** As Catalog Items has them; null when the item has none. */
  readonly ranks: SalesRanks | null
}

/** An offer whose price somebody has set; null has taken it from the market. */
export type PriceOf = (sellerId: string, condition: Condition) => number | null | undefined

const SALT = {
  base: 41, level: 42, news: 43, used: 44, some: 45, first: 46, stride: 47, price: 48, cents: 49, channel: 50,
  prime: 51, shipping: 52, sub: 53, eligible: 54, feedback: 55, hours: 56, suppressed: 57, list: 58, threshold: 59,
  competitive: 60, was: 61, forPrime: 62, change: 63,
} // biome-ignore format: a table

/** Shares of items. */
const WITHOUT_OFFERS = 0.06
const WITH_USED = 0.35
const NOT_FEATURED = 0.1
const USED_CONDITIONS: readonly SubCondition[] = ['Mint', 'VeryGood', 'Good', 'Good', 'Acceptable']
/** In tenths of a dollar, before conversion. */
const SHIPPINGS = [0, 0, 0, 25, 40, 50, 60, 99]
const HANDLING_HOURS = [0, 24, 24, 48, 72]

/** Base of everything about an item's offers in a marketplace. */
export function offersHash(item: CatalogueItem, marketplaceId: string): number {
  return combine(combineText(combine(itemHash(item), SALT.base), marketplaceId), item.ordinal)
}

/** Whether the item's prices change at this step, when `share` of all items do. */
export function changesAt(hash: number, step: number, share: number): boolean {
  return fraction(combine(combine(hash, SALT.change), step)) < share
}

/** The item's offers after its `epoch`th change of prices, cheapest first. */
export function makeOffers(
  item: CatalogueItem,
  marketplace: Marketplace,
  epoch: number,
  sellers: Sellers,
  priceOf: PriceOf,
): ItemOffers {
  const hash = offersHash(item, marketplace.id)
  const now = combine(hash, epoch)
  const money = moneyOf(marketplace.currency)
  const level = levelOf(item, hash, now, money)
  const offers: Offer[] = []
  const [news, used] = countsOf(item, hash, now)
  for (let i = 0; i < news + used; i++) {
    const offer = makeOffer(hash, combine(now, i), i, i < news ? 'New' : 'Used', level, money)
    const sellerId = sellers.nth(combine(hash, SALT.first) + i * sellers.stride(combine(hash, SALT.stride)))
    const set = priceOf(sellerId, offer.condition)
    if (set === null) continue
    const listingPrice = set ?? offer.listingPrice
    const points = pointsOf(listingPrice, marketplace)
    const landedPrice = listingPrice + offer.shipping - points
    offers.push({ ...offer, sellerId, listingPrice, points, landedPrice })
  }
  offers.sort(byPrice)
  const some = (salt: number, share: number) => fraction(combine(hash, salt)) < share
  const threshold = some(SALT.threshold, 0.3) ? money.round(level * 1.15) : null
  const suppressed = some(SALT.suppressed, NOT_FEATURED)
  const featured = suppressed ? null : winner(offers, 'New', threshold)
  const forPrime =
    some(SALT.forPrime, 0.3) && featured !== null && featured.prime === 'NONE'
      ? (offers.find((one) => one.condition === 'New' && one.eligible && one.prime !== 'NONE') ?? null)
      : null
  const sold = item.role !== 'parent'
  return {
    asin: item.asin,
    marketplace,
    money,
    offers,
    suppressed,
    featured,
    featuredUsed: winner(offers, 'Used', null),
    featuredForPrime: forPrime,
    listPrice: sold && some(SALT.list, 0.7) ? money.round(baseOf(item, hash, money) * 1.3) : null,
    competitivePriceThreshold: sold ? threshold : null,
    competitivePrice: sold && some(SALT.competitive, 0.6) ? money.round(level * 0.97) : null,
    wasPrice: sold && some(SALT.was, 0.5) ? money.round(baseOf(item, hash, money) * 1.1) : null,
    ranks: salesRanksOf(item),
  }
}

/** The item's offers with one more: another seller's, who may be featured then. */
export function withOffer(item: ItemOffers, offer: Omit<Offer, 'points' | 'landedPrice'>): ItemOffers {
  const points = pointsOf(offer.listingPrice, item.marketplace)
  const landedPrice = offer.listingPrice + offer.shipping - points
  const offers = [...item.offers, { ...offer, points, landedPrice }].sort(byPrice)
  const { suppressed, competitivePriceThreshold } = item
  return {
    ...item,
    offers,
    featured: suppressed ? null : winner(offers, 'New', competitivePriceThreshold),
    featuredUsed: winner(offers, 'Used', null),
  }
}

/** What the item costs roughly in a marketplace, in the smallest unit of its currency. */
export function referencePrice(item: CatalogueItem, marketplace: Marketplace): number {
  return baseOf(item, offersHash(item, marketplace.id), moneyOf(marketplace.currency))
}

const byPrice = (a: Offer, b: Offer) =>
  a.landedPrice - b.landedPrice || (a.sellerId < b.sellerId ? -1 : a.sellerId > b.sellerId ? 1 : 0)

const pointsOf = (listingPrice: number, { countryCode }: Marketplace) =>
  countryCode === 'JP' ? Math.floor(listingPrice / 100) : 0

/** How many new and used offers: none for a variation parent, few for most items, up to 20 and 10. */
function countsOf(item: CatalogueItem, hash: number, now: number): readonly [number, number] {
  if (item.role === 'parent' || fraction(combine(hash, SALT.some)) < WITHOUT_OFFERS) return [0, 0]
  const many = fraction(combine(hash, SALT.news)) ** 2
  const news = Math.min(20, Math.max(1, Math.floor(many * 19) + (combine(now, SALT.news) % 3)))
  const used = fraction(combine(hash, SALT.used))
  return [news, used < WITH_USED ? 1 + Math.floor((used / WITH_USED) ** 2 * 10) : 0]
}

/** What the item costs roughly, from 3 to 300 dollars in the marketplace's currency. */
function baseOf(item: CatalogueItem, hash: number, money: Money): number {
  const packs = packQuantityOf(item) / item.product.packQuantity
  const dollars = 3 * 100 ** fraction(combine(item.product.hash, SALT.level)) * packs ** 0.9
  return money.fromDollars(dollars * (0.95 + 0.1 * fraction(combine(hash, SALT.level))))
}

function levelOf(item: CatalogueItem, hash: number, now: number, money: Money): number {
  return baseOf(item, hash, money) * (0.9 + 0.2 * fraction(combine(now, SALT.level)))
}

function makeOffer(
  hash: number,
  now: number,
  index: number,
  condition: Condition,
  level: number,
  money: Money,
): Omit<Offer, 'sellerId' | 'points' | 'landedPrice'> {
  const own = combine(hash, index + 1)
  const used = condition === 'Used'
  const channel = fraction(combine(own, SALT.channel)) < (used ? 0.2 : 0.45) ? 'AFN' : 'MFN'
  const chance = fraction(combine(own, SALT.prime))
  const prime =
    channel === 'AFN' ? (chance < 0.9 ? 'NATIONAL' : 'REGIONAL') : chance < 0.08 ? 'NATIONAL' : 'NONE'
  const factor = (used ? 0.55 : 0.92) + 0.35 * fraction(combine(own, SALT.price))
  const price = money.withEnding(
    level * factor * (0.98 + 0.04 * fraction(combine(now, SALT.price))),
    combine(own, SALT.cents),
  )
  const positive = 70 + (combine(own, SALT.feedback) % 31)
  return {
    condition,
    subCondition: used ? pick(USED_CONDITIONS, combine(own, SALT.sub)) : 'New',
    channel,
    prime,
    listingPrice: price,
    shipping: prime === 'NONE' ? money.fromDollars(pick(SHIPPINGS, combine(own, SALT.shipping)) / 10) : 0,
    eligible: channel === 'AFN' || fraction(combine(own, SALT.eligible)) < 0.5,
    handlingHours: channel === 'AFN' ? 0 : pick(HANDLING_HOURS, combine(own, SALT.hours)),
    feedback: { positivePercent: positive, count: 1 + Math.floor(100_000 * fraction(own) ** 3) },
  }
}

/** The cheapest eligible offer, where one fulfilled by Amazon may be 5 % dearer; none above the threshold. */
function winner(offers: readonly Offer[], condition: Condition, threshold: number | null): Offer | null {
  const weight = (offer: Offer) => offer.landedPrice * (offer.channel === 'AFN' ? 0.95 : 1)
  const able = offers.filter((offer) => offer.condition === condition && offer.eligible)
  const best = able.reduce<Offer | null>((a, b) => (a === null || weight(b) < weight(a) ? b : a), null)
  return best === null || (threshold !== null && best.landedPrice > threshold) ? null : best
}
