import { moneyOf } from '#libs/sp-api/batches/index.ts'
import type {
  CompetitiveSummaryResponseBody,
  Offer,
  SegmentedFeaturedOffer,
} from '#libs/sp-api/operations/generated/product-pricing-2022-05-01.ts'
import { amountOf } from './competitive-pricing.ts'
import { amountText, channelText, conditionText, primeText, sellerText, type Told, widest } from './told.ts'

/** What `getCompetitiveSummary` tells of an item: featured offer and lowest prices in new condition, but no counts and no rank. */
export function summaryTold(body: CompetitiveSummaryResponseBody): Told {
  const featured = body.featuredBuyingOptions?.find(({ buyingOptionType }) => buyingOptionType === 'New')
  const offers = (body.lowestPricedOffers ?? [])
    .filter(
      ({ lowestPricedOffersInput: { itemCondition, offerType } }) =>
        itemCondition === 'New' && offerType === 'Consumer',
    )
    .flatMap((entry) => entry.offers)
  // Amazon lists them by what they cost with shipping, the lowest first.
  const byChannel = (['AFN', 'MFN'] as const).flatMap((channel) => {
    const listed = offers.filter(({ fulfillmentType }) => channelText(fulfillmentType) === channel)
    const lowest = listed.map(pricesOf).find((prices) => prices !== null)
    return lowest ? { channel, lowest, prime: widest(listed.map(primeOf)) } : []
  })
  return {
    featuredOffer: featuredOffer(featured?.segmentedFeaturedOffers ?? []),
    lowestPrices: byChannel.map(({ channel, lowest }) => ({
      condition: 'new',
      fulfillmentChannel: channel,
      ...lowest,
    })),
    offerCounts: null,
    fulfillmentOptions: byChannel.map(({ channel, lowest, prime }) => ({
      fulfillmentChannel: channel,
      prime,
      offers: null,
      ...lowest,
    })),
    salesRank: null,
  }
}

/** The one that everybody is shown; else the one for those who are not members of Prime. */
function featuredOffer(offers: readonly SegmentedFeaturedOffer[]): Told['featuredOffer'] {
  const shownTo = (membership: string) =>
    offers.find(({ featuredOfferSegments }) =>
      featuredOfferSegments.some(({ customerMembership }) => customerMembership === membership),
    )
  const offer = shownTo('DEFAULT') ?? shownTo('NON_PRIME') ?? offers[0]
  const prices = offer === undefined ? null : pricesOf(offer)
  if (offer === undefined || prices === null || conditionText(offer.condition) !== 'new') return null
  return {
    ...prices,
    sellerId: sellerText(offer.sellerId),
    fulfillmentChannel: channelText(offer.fulfillmentType),
    prime: primeOf(offer),
  }
}

function pricesOf({ listingPrice, shippingOptions = [] }: Offer) {
  const price = moneyOf(listingPrice)
  if (price === null) return null
  const shipping = shippingOptions.find(({ shippingOptionType }) => shippingOptionType === 'DEFAULT')
  return {
    price: amountText(price.amount),
    shipping: amountOf(shipping?.price, price.currency),
    currency: price.currency,
  }
}

const primeOf = ({ primeDetails }: Offer) => primeText(primeDetails?.eligibility)
