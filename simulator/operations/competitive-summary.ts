/**
 * `POST /batches/products/pricing/2022-05-01/items/competitiveSummary` (model `productPricing_2022-05-01`, operation
 * `getCompetitiveSummary`). Its answers repeat neither request nor headers: only `body.asin` tells which is which.
 */

import { type Answer, invalidInput, ok } from '../answer.ts'
import { ASIN_PATTERN } from '../catalogue/asin.ts'
import { indexOf, PRODUCTS, upcOf } from '../catalogue/numbering.ts'
import type { ItemOffers, Offer } from '../catalogue/offers.ts'
import { marketplaces } from '../marketplaces.ts'
import { arranged, troubleOf } from './batch-troubles.ts'
import { marketOf, money2022 } from './market.ts'
import { type Operation, type OperationContext, Refusal } from './operation.ts'
import { isObject, readObject } from './parameters.ts'

const URI = '/products/pricing/2022-05-01/items/competitiveSummary'
const MAX_REQUESTS = 20
const MAX_INPUTS = 5
const MAX_OFFERS = 20
const DATA = ['featuredBuyingOptions', 'referencePrices', 'lowestPricedOffers', 'similarItems'] as const
const CONDITIONS: readonly unknown[] = ['New', 'Used', 'Collectible', 'Refurbished', 'Club']

type Data = (typeof DATA)[number]

interface LowestPricedOffersInput {
  readonly itemCondition: string
  readonly offerType: string
}

interface SummaryRequest {
  readonly asin: string
  readonly marketplaceId: string
  readonly include: ReadonlySet<Data>
  readonly inputs: readonly LowestPricedOffersInput[]
}

/** Why one request of a batch fails. */
interface Failed {
  readonly code: string
  readonly message: string
}

export const getCompetitiveSummary: Operation = {
  name: 'getCompetitiveSummary',
  method: 'POST',
  path: '/batches/products/pricing/2022-05-01/items/competitiveSummary',
  plan: { rate: 0.033, burst: 1, appRate: null },
  answer(request, context) {
    const { requests } = readObject(request)
    if (!Array.isArray(requests) || requests.length === 0) throw new Refusal("Missing required 'requests'.")
    if (requests.length > MAX_REQUESTS) {
      throw new Refusal(
        'Invalid Input',
        `At most ${MAX_REQUESTS} requests are allowed, not ${requests.length}.`,
      )
    }
    const batch = requests.map(readRequest)
    const keys = batch.map(({ asin, marketplaceId }) => `${asin} ${marketplaceId}`)
    if (new Set(keys).size < keys.length) {
      throw new Refusal('Duplicate requests submitted. Cannot run batch request.')
    }
    context.statistics.batch('getCompetitiveSummary', batch.length)
    return answerAll(batch, context)
  },
}

/** A batch in which every request fails is a 400 as a whole, as in the model's own sandbox case. */
function answerAll(batch: readonly SummaryRequest[], context: OperationContext): Answer {
  const bodies = batch.map((one) => summarise(one, context))
  if (bodies.every((body) => 'code' in body)) {
    return { ...invalidInput(''), body: { errors: bodies } }
  }
  const responses = bodies.map((body, i) => {
    const { asin, marketplaceId } = batch[i] as SummaryRequest
    const respond = (statusCode: number, reasonPhrase: string, rest: object) => {
      return { status: { statusCode, reasonPhrase }, body: { asin, marketplaceId, ...rest } }
    }
    const trouble = troubleOf(context)
    if (trouble !== null) return respond(trouble.status, trouble.reasonPhrase, { errors: [trouble.error] })
    return 'code' in body ? respond(400, 'Client Error', { errors: [body] }) : respond(200, 'Success', body)
  })
  return ok({ responses: arranged(responses, context) })
}

function readRequest(request: unknown): SummaryRequest {
  if (!isObject(request)) throw new Refusal('Invalid Input')
  const { asin, marketplaceId, includedData, lowestPricedOffersInputs, method, uri } = request
  if (typeof asin !== 'string') throw new Refusal("Missing required 'asin'.")
  if (typeof marketplaceId !== 'string' || !marketplaces.has(marketplaceId))
    throw new Refusal("Invalid 'marketplaceId' provided.")
  if (method !== 'GET') throw new Refusal("Invalid 'method' provided.")
  if (uri !== URI) throw new Refusal("Invalid 'uri' provided.")
  if (!Array.isArray(includedData) || includedData.length === 0)
    throw new Refusal("Missing required 'includedData'.")
  if (!includedData.every((name) => DATA.includes(name)))
    throw new Refusal("Invalid 'includedData' provided.")
  const include = new Set(includedData as Data[])
  return { asin, marketplaceId, include, inputs: readInputs(lowestPricedOffersInputs, include) }
}

function readInputs(inputs: unknown, include: ReadonlySet<Data>): LowestPricedOffersInput[] {
  if (inputs === undefined) return [{ itemCondition: 'New', offerType: 'Consumer' }]
  if (!include.has('lowestPricedOffers') || !Array.isArray(inputs) || inputs.length > MAX_INPUTS)
    throw new Refusal("Invalid 'lowestPricedOffersInputs' provided.")
  return inputs.map((input) => {
    if (!isObject(input) || !CONDITIONS.includes(input.itemCondition) || input.offerType !== 'Consumer')
      throw new Refusal("Invalid 'lowestPricedOffersInputs' provided.")
    return { itemCondition: String(input.itemCondition), offerType: input.offerType }
  })
}

function summarise(request: SummaryRequest, context: OperationContext): object | Failed {
  const { asin, marketplaceId, include, inputs } = request
  const invalid = { code: 'INVALID_ASIN', message: `${asin} is not a valid ASIN` }
  if (!ASIN_PATTERN.test(asin)) return invalid
  const item = marketOf(context).offersOf(marketplaceId, asin)
  if (item === null) return invalid
  return {
    ...(include.has('featuredBuyingOptions') ? { featuredBuyingOptions: featuredBuyingOptions(item) } : {}),
    ...(include.has('referencePrices') ? { referencePrices: referencePrices(item) } : {}),
    ...(include.has('lowestPricedOffers')
      ? {
          // An empty list of offers is against the model, and in real answers (jlevers/selling-partner-api#734).
          lowestPricedOffers: inputs.map((input) => {
            const offers = item.offers.filter(({ condition }) => condition === input.itemCondition)
            const lowest = offers.slice(0, MAX_OFFERS).map((offer) => offer2022(item, offer))
            return { lowestPricedOffersInput: input, offers: lowest }
          }),
        }
      : {}),
    ...(include.has('similarItems')
      ? { similarItems: [{ items: similarTo(item, context).map((similar) => ({ asin: similar })) }] }
      : {}),
  }
}

/** One offer for all customers, or one for members of Prime and another for the rest. */
function featuredBuyingOptions(item: ItemOffers): object[] {
  const { featured, featuredForPrime } = item
  if (featured === null) return []
  const segment = (customerMembership: string, glanceViewWeightPercentage: number) => ({
    customerMembership,
    segmentDetails: {
      glanceViewWeightPercentage,
      sampleLocation: { postalCode: { countryCode: item.marketplace.countryCode, value: '10001' } },
    },
  })
  const entry = (offer: Offer, featuredOfferSegments: object[]) => ({
    ...offer2022(item, offer),
    featuredOfferSegments,
  })
  const segmentedFeaturedOffers =
    featuredForPrime === null
      ? [entry(featured, [segment('PRIME', 60), segment('NON_PRIME', 40)])]
      : [entry(featured, [segment('NON_PRIME', 70)]), entry(featuredForPrime, [segment('PRIME', 30)])]
  return [{ buyingOptionType: 'New', segmentedFeaturedOffers }]
}

function referencePrices(item: ItemOffers): object[] {
  const money = money2022(item)
  const entry = (name: string, price: number | null) =>
    price === null ? [] : [{ name, price: money(price) }]
  return [
    ...entry('CompetitivePriceThreshold', item.competitivePriceThreshold),
    ...entry('CompetitivePrice', item.competitivePrice),
    ...entry('WasPrice', item.wasPrice),
  ]
}

/** Up to three neighbours in the catalogue. */
function similarTo({ asin, marketplace }: ItemOffers, { catalogue }: OperationContext): string[] {
  const index = indexOf(catalogue.itemByAsin(marketplace.id, asin)?.product.gtin ?? 0)
  if (index === null) return []
  return [1, 2, 3].flatMap((distance) => {
    const [listing] = catalogue.lookup(marketplace.id, Number(upcOf((index + distance) % PRODUCTS))).listings
    return listing === undefined ? [] : [listing.asin]
  })
}

function offer2022(item: ItemOffers, offer: Offer): object {
  const money = money2022(item)
  return {
    sellerId: offer.sellerId,
    condition: offer.condition,
    subCondition: offer.subCondition,
    fulfillmentType: offer.channel,
    listingPrice: money(offer.listingPrice),
    shippingOptions: [{ shippingOptionType: 'DEFAULT', price: money(offer.shipping) }],
    ...(offer.points > 0
      ? { points: { pointsNumber: offer.points, pointsMonetaryValue: money(offer.points) } }
      : {}),
    primeDetails: { eligibility: offer.prime },
  }
}
