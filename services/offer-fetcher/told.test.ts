import { describe, expect, it } from 'vitest'
import type {
  CompetitivePriceType,
  GetOffersResult,
  OfferDetail,
} from '#libs/sp-api/operations/generated/product-pricing-v0.ts'
import { competitiveTold } from './competitive-pricing.ts'
import { summaryTold } from './competitive-summary.ts'
import { itemOffersTold } from './item-offers.ts'

const usd = (Amount: number) => ({ CurrencyCode: 'USD', Amount })
const competitive = (more: Partial<CompetitivePriceType> = {}): CompetitivePriceType => ({
  CompetitivePriceId: '1',
  condition: 'New',
  Price: { LandedPrice: usd(24.89), ListingPrice: usd(19.9), Shipping: usd(4.99) },
  sellerId: 'A1',
  ...more,
})
const product = (CompetitivePrices: readonly CompetitivePriceType[], more = {}) => ({
  Identifiers: { MarketplaceASIN: { MarketplaceId: 'US', ASIN: 'B000000001' } },
  CompetitivePricing: {
    CompetitivePrices,
    NumberOfOfferListings: [
      { condition: 'New', Count: 3 },
      { condition: 'Any', Count: 5 },
    ],
  },
  ...more,
})

describe('what getCompetitivePricing tells', () => {
  it('is the featured new offer, the counts and the rank in the display group', () => {
    const used = competitive({ CompetitivePriceId: '2', condition: 'Used' })
    expect(
      competitiveTold(
        product([used, competitive()], {
          SalesRankings: [
            { ProductCategoryId: '3760901', Rank: 7 },
            { ProductCategoryId: 'toy_display_on_website', Rank: 1_532 },
          ],
        }),
      ),
    ).toEqual({
      featuredOffer: {
        price: '19.90',
        shipping: '4.99',
        currency: 'USD',
        sellerId: 'A1',
        fulfillmentChannel: null,
        prime: null,
      },
      lowestPrices: null,
      offerCounts: [
        { condition: 'new', fulfillmentChannel: null, count: 3 },
        { condition: 'any', fulfillmentChannel: null, count: 5 },
      ],
      fulfillmentOptions: null,
      salesRank: 1_532,
    })
  })

  it('is no price of businesses, none for a quantity, and none without an amount or a currency', () => {
    const none = [
      competitive({ offerType: 'B2B' }),
      competitive({ quantityTier: 5 }),
      competitive({ Price: { ListingPrice: { Amount: 5 } } }),
    ]
    for (const price of none) expect(competitiveTold(product([price])).featuredOffer).toBeNull()
    expect(competitiveTold({ Identifiers: product([]).Identifiers })).toMatchObject({
      featuredOffer: null,
      offerCounts: [],
    })
  })

  it('keeps shipping that is not told, or in another currency, open', () => {
    const euros = { CurrencyCode: 'EUR', Amount: 4 }
    for (const Shipping of [undefined, euros]) {
      const Price = { ListingPrice: usd(5), ...(Shipping && { Shipping }) }
      expect(competitiveTold(product([competitive({ Price })])).featuredOffer).toMatchObject({
        price: '5.00',
        shipping: null,
      })
    }
  })

  it('believes no rank and no seller that can not be one', () => {
    const odd = product([competitive({ sellerId: 'x'.repeat(1_000) })], {
      SalesRankings: [{ ProductCategoryId: 'toy', Rank: 1e300 }],
    })
    expect(competitiveTold(odd)).toMatchObject({ featuredOffer: { sellerId: null }, salesRank: null })
  })
})

const offer = (more: Partial<OfferDetail> = {}): OfferDetail => ({
  SubCondition: 'new',
  SellerId: 'A1',
  ShippingTime: {},
  ListingPrice: usd(19.9),
  Shipping: usd(0),
  IsFulfilledByAmazon: true,
  PrimeInformation: { IsPrime: true, IsNationalPrime: true },
  IsBuyBoxWinner: false,
  ...more,
})
const result = (more: Partial<GetOffersResult> = {}): GetOffersResult => ({
  marketplaceId: 'US',
  ASIN: 'B000000001',
  ItemCondition: 'New',
  status: 'Success',
  Identifier: { MarketplaceId: 'US', ASIN: 'B000000001', ItemCondition: 'New' },
  Summary: {
    TotalOfferCount: 9,
    BuyBoxPrices: [
      { condition: 'used', LandedPrice: usd(3), ListingPrice: usd(3), Shipping: usd(0), sellerId: 'A9' },
      { condition: 'New', LandedPrice: usd(19.9), ListingPrice: usd(19.9), Shipping: usd(0), sellerId: 'A1' },
    ],
    LowestPrices: [
      {
        condition: 'new',
        fulfillmentChannel: 'Amazon',
        ListingPrice: usd(19.9),
        Shipping: usd(0),
        LandedPrice: usd(19.9),
      },
      { condition: 'new', fulfillmentChannel: 'Merchant', ListingPrice: usd(17.49), Shipping: usd(4.99) },
      { condition: 'new', fulfillmentChannel: 'Amazon', ListingPrice: usd(15), quantityTier: 10 },
    ],
    NumberOfOffers: [
      { condition: 'new', fulfillmentChannel: 'Amazon', OfferCount: 4 },
      { condition: 'new', fulfillmentChannel: 'Merchant', OfferCount: 3 },
    ],
  },
  Offers: [
    offer({ SellerId: 'A2', IsBuyBoxWinner: true, ListingPrice: usd(19.5) }),
    offer({ IsBuyBoxWinner: true }),
    offer({
      SellerId: 'A3',
      IsFulfilledByAmazon: false,
      PrimeInformation: { IsPrime: true, IsNationalPrime: false },
    }),
  ],
  ...more,
})

describe('what getItemOffersBatch tells', () => {
  it('is the featured offer with its fulfilment, the lowest of each channel, and the ways in which it is offered', () => {
    expect(itemOffersTold(result())).toMatchObject({
      featuredOffer: {
        price: '19.90',
        shipping: '0.00',
        sellerId: 'A1',
        fulfillmentChannel: 'AFN',
        prime: 'NATIONAL',
      },
      lowestPrices: [
        { condition: 'new', fulfillmentChannel: 'AFN', price: '19.90', shipping: '0.00', currency: 'USD' },
        { condition: 'new', fulfillmentChannel: 'MFN', price: '17.49', shipping: '4.99', currency: 'USD' },
      ],
      fulfillmentOptions: [
        { fulfillmentChannel: 'AFN', prime: 'NATIONAL', offers: 4, price: '19.90' },
        { fulfillmentChannel: 'MFN', prime: 'REGIONAL', offers: 3, price: '17.49', shipping: '4.99' },
      ],
    })
  })

  it('leaves the fulfilment open of a featured offer that is not among those listed', () => {
    expect(itemOffersTold(result({ Offers: [] }))).toMatchObject({
      featuredOffer: { price: '19.90', sellerId: 'A1', fulfillmentChannel: null, prime: null },
    })
  })

  it('says when it is too soon, and when the item has no offers', () => {
    const Summary = { TotalOfferCount: 0, OffersAvailableTime: '2026-11-23T00:00:00Z' }
    expect(itemOffersTold(result({ status: 'ActiveButTooSoonForProcessing', Summary, Offers: [] }))).toEqual({
      availableAt: Date.UTC(2026, 10, 23),
    })
    expect(
      itemOffersTold(result({ status: 'NoBuyableOffers', Summary: { TotalOfferCount: 0 }, Offers: [] })),
    ).toEqual({
      featuredOffer: null,
      lowestPrices: [],
      offerCounts: [],
      fulfillmentOptions: [],
      salesRank: null,
    })
  })
})

describe('what getCompetitiveSummary tells', () => {
  const money = (amount: number) => ({ currencyCode: 'USD', amount })
  const shipping = (amount: number) => [{ shippingOptionType: 'DEFAULT' as const, price: money(amount) }]
  const one = (sellerId: string, fulfillmentType: 'AFN' | 'MFN', amount: number) => ({
    sellerId,
    condition: 'New' as const,
    fulfillmentType,
    listingPrice: money(amount),
    shippingOptions: shipping(0),
    primeDetails: { eligibility: fulfillmentType === 'AFN' ? ('NATIONAL' as const) : ('NONE' as const) },
  })
  const segment = (customerMembership: 'PRIME' | 'NON_PRIME') => [{ customerMembership, segmentDetails: {} }]

  it('is the offer that is featured for everybody, and the lowest of each channel among the cheapest', () => {
    expect(
      summaryTold({
        asin: 'B000000001',
        marketplaceId: 'US',
        featuredBuyingOptions: [
          {
            buyingOptionType: 'New',
            segmentedFeaturedOffers: [
              { ...one('A2', 'AFN', 21), featuredOfferSegments: segment('PRIME') },
              { ...one('A1', 'MFN', 19.9), featuredOfferSegments: segment('NON_PRIME') },
            ],
          },
        ],
        lowestPricedOffers: [
          {
            lowestPricedOffersInput: { itemCondition: 'New', offerType: 'Consumer' },
            offers: [one('A1', 'MFN', 19.9), one('A4', 'MFN', 20), one('A2', 'AFN', 21)],
          },
        ],
      }),
    ).toEqual({
      featuredOffer: {
        price: '19.90',
        shipping: '0.00',
        currency: 'USD',
        sellerId: 'A1',
        fulfillmentChannel: 'MFN',
        prime: 'NONE',
      },
      lowestPrices: [
        { condition: 'new', fulfillmentChannel: 'AFN', price: '21.00', shipping: '0.00', currency: 'USD' },
        { condition: 'new', fulfillmentChannel: 'MFN', price: '19.90', shipping: '0.00', currency: 'USD' },
      ],
      offerCounts: null,
      fulfillmentOptions: [
        {
          fulfillmentChannel: 'AFN',
          prime: 'NATIONAL',
          offers: null,
          price: '21.00',
          shipping: '0.00',
          currency: 'USD',
        },
        {
          fulfillmentChannel: 'MFN',
          prime: 'NONE',
          offers: null,
          price: '19.90',
          shipping: '0.00',
          currency: 'USD',
        },
      ],
      salesRank: null,
    })
    expect(summaryTold({ asin: 'B000000001', marketplaceId: 'US' })).toMatchObject({
      featuredOffer: null,
      lowestPrices: [],
    })
  })
})
