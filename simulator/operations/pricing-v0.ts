/** An item's offers as Product Pricing v0 shows them (model `productPricingV0`, definition `GetOffersResult`). */

import type { Condition, ItemOffers, Offer } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import { v0Money } from './market.ts'
import { Refusal } from './operation.ts'
import { list, marketplaceOf, oneOf, required } from './parameters.ts'

/** The list of offers is cut here; the summary counts them all. */
const MAX_OFFERS = 20
/** Quantity discounts for businesses, on offers that Amazon fulfils: from so many pieces, so much off. */
const TIERS = [
  [5, 0.05],
  [10, 0.08],
] as const

/**
 * How long an item that is too soon says to wait: from the request on, so that the time moves with every one
 * (amzn/selling-partner-api-models#5358).
 */
const TOO_SOON_MS = 4 * 3_600_000
/** Up to so many items in one call for prices. */
const MAX_ITEMS = 20

export const CONDITIONS = ['New', 'Used', 'Collectible', 'Refurbished', 'Club'] as const

/** What offers are asked for: where, in which condition, as whom. */
export interface OffersQuery {
  readonly marketplace: Marketplace
  readonly condition: (typeof CONDITIONS)[number]
  readonly business: boolean
}

export function readOffersQuery(query: URLSearchParams): OffersQuery {
  const marketplace = marketplaceOf(required(query, 'MarketplaceId'), 'MarketplaceId')
  const condition = oneOf(query, 'ItemCondition', CONDITIONS)
  if (condition === null) throw new Refusal("Missing required 'ItemCondition'.")
  return {
    marketplace,
    condition,
    business: oneOf(query, 'CustomerType', ['Consumer', 'Business']) === 'Business',
  }
}

/** What prices are asked for: distinct ASINs, or distinct SKUs of the caller's. */
export interface PricingQuery {
  readonly marketplace: Marketplace
  readonly itemType: 'Asin' | 'Sku'
  readonly ids: readonly string[]
}

export function readPricingQuery(query: URLSearchParams): PricingQuery {
  const marketplace = marketplaceOf(required(query, 'MarketplaceId'), 'MarketplaceId')
  const itemType = oneOf(query, 'ItemType', ['Asin', 'Sku'])
  if (itemType === null) throw new Refusal("Missing required 'ItemType'.")
  const ids = list(query, `${itemType}s`, MAX_ITEMS)
  if (ids.length === 0) throw new Refusal(`Missing required '${itemType}s'.`)
  return { marketplace, itemType, ids: [...new Set(ids)] }
}

/** How an item is named that was asked for by ASIN; the empty SKU of the model's sandbox cases is not in real answers. */
export const asinIdentifiers = (asin: string, marketplace: Marketplace) => ({
  MarketplaceASIN: { MarketplaceId: marketplace.id, ASIN: asin },
})

export function salesRankings({ ranks }: ItemOffers): object[] {
  if (ranks === null) return []
  return [
    { ProductCategoryId: ranks.displayGroup, Rank: ranks.displayGroupRank },
    { ProductCategoryId: ranks.classificationId, Rank: ranks.classificationRank },
  ]
}

/**
 * Summary of all conditions, and the offers of the one asked for: the cheapest twenty. Which is the caller's own is said
 * where `isMine` is given: by operations for SKUs, and no others (jlevers/selling-partner-api#471).
 */
export function offersPayload(
  item: ItemOffers,
  query: OffersQuery,
  isMine?: (offer: Offer) => boolean,
): object {
  const asked = item.offers.filter(({ condition }) => condition === query.condition)
  return {
    status: item.offers.length > 0 ? 'Success' : 'NoBuyableOffers',
    ItemCondition: query.condition,
    Summary: summary(item, query),
    Offers: asked.slice(0, MAX_OFFERS).map((offer) => detail(item, offer, query, isMine?.(offer))),
    marketplaceId: item.marketplace.id,
  }
}

/** What Amazon says of an item whose offers it has not put together yet. */
export function tooSoonPayload(item: ItemOffers, { condition }: OffersQuery, now: Date): object {
  const availableAt = new Date(now.getTime() + TOO_SOON_MS)
  return {
    status: 'ActiveButTooSoonForProcessing',
    ItemCondition: condition,
    Summary: { TotalOfferCount: 0, OffersAvailableTime: availableAt.toISOString() },
    Offers: [],
    marketplaceId: item.marketplace.id,
  }
}

function summary(item: ItemOffers, { business }: OffersQuery): object {
  const money = v0Money(item)
  const groups = byConditionAndChannel(item.offers)
  const counted = (offers: (group: readonly Offer[]) => number) =>
    groups.map(({ condition, channel, offers: group }) => ({
      condition: condition.toLowerCase(),
      fulfillmentChannel: channel,
      OfferCount: offers(group),
    }))
  const { featured, featuredUsed, listPrice, competitivePriceThreshold } = item
  const buyBox = [featured, featuredUsed].filter((offer) => offer !== null)
  return {
    ...(groups.length > 0
      ? {
          LowestPrices: groups.flatMap(({ condition, channel, offers: [cheapest] }) => {
            const lowest = cheapest as Offer
            const entry = { condition: condition.toLowerCase(), fulfillmentChannel: channel }
            return [{ ...entry, ...prices(item, lowest, business) }, ...tiers(item, lowest, business, entry)]
          }),
        }
      : {}),
    ...(buyBox.length > 0
      ? {
          BuyBoxPrices: buyBox.map((offer) => ({
            condition: offer.condition.toLowerCase(),
            ...prices(item, offer, business),
            sellerId: offer.sellerId,
          })),
        }
      : {}),
    NumberOfOffers: counted((offers) => offers.length),
    BuyBoxEligibleOffers: counted((offers) => offers.filter(({ eligible }) => eligible).length),
    SalesRankings: salesRankings(item),
    ...(listPrice === null ? {} : { ListPrice: money(listPrice) }),
    ...(competitivePriceThreshold === null
      ? {}
      : { CompetitivePriceThreshold: money(competitivePriceThreshold) }),
    TotalOfferCount: item.offers.length,
  }
}

function detail(item: ItemOffers, offer: Offer, { business }: OffersQuery, mine?: boolean): object {
  const money = v0Money(item)
  const discounts = tiers(item, offer, business, {}).map(({ ListingPrice, ...tier }) => ({
    ...tier,
    listingPrice: ListingPrice,
  }))
  return {
    Shipping: money(offer.shipping),
    ListingPrice: money(offer.listingPrice),
    ...pointsOf(item, offer),
    ...(business ? { offerType: 'B2B' } : {}),
    ...(discounts.length > 0 ? { quantityDiscountPrices: discounts } : {}),
    ShippingTime: {
      maximumHours: offer.handlingHours + (offer.channel === 'AFN' ? 0 : 24),
      minimumHours: offer.handlingHours,
      availabilityType: 'NOW',
    },
    SellerFeedbackRating: {
      FeedbackCount: offer.feedback.count,
      SellerPositiveFeedbackRating: offer.feedback.positivePercent,
    },
    ...(offer.channel === 'MFN' ? { ShipsFrom: { Country: item.marketplace.countryCode } } : {}),
    PrimeInformation: { IsPrime: offer.prime !== 'NONE', IsNationalPrime: offer.prime === 'NATIONAL' },
    SubCondition: offer.subCondition === 'VeryGood' ? 'very_good' : offer.subCondition.toLowerCase(),
    SellerId: offer.sellerId,
    ...(mine === undefined ? {} : { MyOffer: mine }),
    IsFeaturedMerchant: offer.eligible,
    IsBuyBoxWinner: [item.featured, item.featuredUsed, item.featuredForPrime].includes(offer),
    IsFulfilledByAmazon: offer.channel === 'AFN',
  }
}

function prices(item: ItemOffers, offer: Offer, business: boolean) {
  const money = v0Money(item)
  return {
    ...(business ? { offerType: 'B2B' } : {}),
    LandedPrice: money(offer.landedPrice),
    ListingPrice: money(offer.listingPrice),
    Shipping: money(offer.shipping),
    ...pointsOf(item, offer),
  }
}

/** The points of an offer, where it has some. */
export function pointsOf(item: ItemOffers, { points }: Offer): object {
  if (points === 0) return {}
  return { Points: { PointsNumber: points, PointsMonetaryValue: v0Money(item)(points) } }
}

/** Entries beside the plain one, with neither shipping nor landed price: a price for many is no price for one. */
function tiers<T extends object>(item: ItemOffers, offer: Offer, business: boolean, entry: T) {
  if (!business || offer.channel !== 'AFN') return []
  const { round } = item.money
  return TIERS.map(([quantityTier, off]) => ({
    ...entry,
    ...('condition' in entry ? { offerType: 'B2B' } : {}),
    quantityTier,
    quantityDiscountType: 'QUANTITY_DISCOUNT',
    ListingPrice: v0Money(item)(round(offer.listingPrice * (1 - off))),
  }))
}

interface Group {
  readonly condition: Condition
  readonly channel: 'Amazon' | 'Merchant'
  readonly offers: readonly Offer[]
}

/** Offers of each condition and channel that there are, cheapest first. */
function byConditionAndChannel(offers: readonly Offer[]): Group[] {
  return (['New', 'Used'] as const).flatMap((condition) =>
    (['Amazon', 'Merchant'] as const).flatMap((channel) => {
      const network = channel === 'Amazon' ? 'AFN' : 'MFN'
      const group = offers.filter((one) => one.condition === condition && one.channel === network)
      return group.length > 0 ? [{ condition, channel, offers: group }] : []
    }),
  )
}
