import { moneyOf } from '#libs/sp-api/batches/index.ts'
import type {
  BuyBoxPriceType,
  GetOffersResult,
  OfferDetail,
} from '#libs/sp-api/operations/generated/product-pricing-v0.ts'
import { amountOf, displayGroupRank, isForOne } from './competitive-pricing.ts'
import {
  amountText,
  bounded,
  channelText,
  conditionText,
  type Prime,
  sellerText,
  type Told,
  type TooSoon,
  widest,
} from './told.ts'

const TOO_SOON = 'ActiveButTooSoonForProcessing'

/** What `getItemOffersBatch` tells of an item that was asked for in new condition. */
export function itemOffersTold({
  status,
  Summary: summary,
  Offers: offers,
}: GetOffersResult): Told | TooSoon {
  if (status === TOO_SOON) {
    const availableAt = Date.parse(summary.OffersAvailableTime ?? '')
    return { availableAt: Number.isNaN(availableAt) ? null : availableAt }
  }
  const lowestPrices = bounded(
    (summary.LowestPrices ?? [])
      .filter(isForOne)
      .flatMap(({ condition, fulfillmentChannel, ListingPrice, Shipping }) => {
        const price = moneyOf(ListingPrice)
        if (price === null) return []
        return {
          condition: conditionText(condition),
          fulfillmentChannel: channelText(fulfillmentChannel),
          price: amountText(price.amount),
          shipping: amountOf(Shipping, price.currency),
          currency: price.currency,
        }
      }),
  )
  const offerCounts = bounded(
    (summary.NumberOfOffers ?? []).map(({ condition, fulfillmentChannel, OfferCount }) => ({
      condition: conditionText(condition),
      fulfillmentChannel: channelText(fulfillmentChannel),
      count: OfferCount ?? 0,
    })),
  )
  return {
    featuredOffer: featuredOffer(summary.BuyBoxPrices ?? [], offers),
    lowestPrices,
    offerCounts,
    fulfillmentOptions: options(offers, lowestPrices, offerCounts),
    salesRank: displayGroupRank(summary.SalesRankings),
  }
}

/** The price stands in the summary; how it is fulfilled, in the offer of the same seller, when that is among those listed. */
function featuredOffer(
  prices: readonly BuyBoxPriceType[],
  offers: readonly OfferDetail[],
): Told['featuredOffer'] {
  const featured = prices.find((one) => conditionText(one.condition) === 'new' && isForOne(one))
  const price = moneyOf(featured?.ListingPrice)
  if (featured === undefined || price === null) return null
  const sellerId = sellerText(featured.sellerId)
  // There may be a second winner, for members of Prime.
  const offer = offers.find(
    ({ SellerId, IsBuyBoxWinner, ListingPrice }) =>
      IsBuyBoxWinner &&
      (sellerId === null ? moneyOf(ListingPrice)?.amount === price.amount : SellerId === sellerId),
  )
  return {
    price: amountText(price.amount),
    shipping: amountOf(featured.Shipping, price.currency),
    currency: price.currency,
    sellerId: sellerId ?? sellerText(offer?.SellerId),
    fulfillmentChannel: offer === undefined ? null : channelOf(offer),
    prime: offer === undefined ? null : primeOf(offer),
  }
}

function options(
  offers: readonly OfferDetail[],
  lowestPrices: NonNullable<Told['lowestPrices']>,
  offerCounts: NonNullable<Told['offerCounts']>,
): Told['fulfillmentOptions'] {
  return (['AFN', 'MFN'] as const).flatMap((channel) => {
    const ofNew = (entry: { readonly condition: string; readonly fulfillmentChannel: string | null }) =>
      entry.condition === 'new' && entry.fulfillmentChannel === channel
    const lowest = lowestPrices.find(ofNew)
    const count = offerCounts.find(ofNew)?.count
    const listed = offers.filter((offer) => channelOf(offer) === channel)
    if (lowest === undefined && !count && listed.length === 0) return []
    return {
      fulfillmentChannel: channel,
      prime: widest(listed.map(primeOf)),
      offers: count ?? null,
      price: lowest?.price ?? null,
      shipping: lowest?.shipping ?? null,
      currency: lowest?.currency ?? null,
    }
  })
}

const channelOf = ({ IsFulfilledByAmazon }: OfferDetail): 'AFN' | 'MFN' =>
  IsFulfilledByAmazon ? 'AFN' : 'MFN'

function primeOf({ PrimeInformation: prime }: OfferDetail): Prime | null {
  if (prime === undefined) return null
  return prime.IsNationalPrime ? 'NATIONAL' : prime.IsPrime ? 'REGIONAL' : 'NONE'
}
