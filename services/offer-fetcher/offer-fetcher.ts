import { levelOperations, MAX_ASINS, type OfferLevel, offerLevels } from '#libs/offers/levels.ts'
import type { OffersPolicy } from '#libs/offers/policy.ts'
import type { Config } from '#libs/service/config.ts'
import { findMarketplace, SpApiInputError } from '#libs/sp-api/index.ts'
import { done, type Processor, reject, type Verdict } from '#libs/stream/processor.ts'
import type { OffersRequest } from '#schemas/generated/offers-request.ts'
import { OFFERS_REQUESTS, OFFERS_RESULTS } from '#schemas/topics.ts'
import type { OfferSource } from './ask-sellers.ts'
import { toOffersResult } from './offers-result.ts'
import { questions } from './questions.ts'

export const OFFER_FETCHER_GROUP = 'offer-fetcher'

/**
 * Calls under way at once. They wait for slots of quite different rates: those of the dear level, of which product-change
 * keeps few in flight, must not keep those of the cheap one from theirs.
 */
const IN_FLIGHT = 32
/** Requests of one call; the same ASIN may be asked for by several attempts. */
const MAX_RECORDS = 100

const ASIN = /^(?:[0-9]{9}[0-9X]|[A-Z][A-Z0-9]{9})$/
const MAX_INT = 2_147_483_647

export interface OfferFetcher {
  readonly offers: OfferSource
  readonly config: Pick<Config, 'FETCH_LINGER' | 'OFFERS_POLICY'>
}

/**
 * Asks Amazon for the prices of up to twenty ASINs of one marketplace in one call and says of each what came of it. As
 * with look-ups, a failure is a result, and the persister decides when to try again.
 */
export function createOfferFetcher({ offers, config }: OfferFetcher): Processor<OffersRequest> {
  return {
    group: OFFER_FETCHER_GROUP,
    inputs: [OFFERS_REQUESTS],
    outputs: [OFFERS_RESULTS],
    chunks: {
      key: ({ value }) => `${value.level} ${value.marketplaceId}`,
      weigh: ({ value }) => (absurdRequest(value) === null ? value.asin : null),
      maxWeight: MAX_ASINS,
      maxRecords: MAX_RECORDS,
      lingerMs: config.FETCH_LINGER,
      inFlight: IN_FLIGHT,
    },
    async process({ records }, { signal }) {
      const sound = records.filter(({ value }) => absurdRequest(value) === null)
      const asins = [...new Set(sound.map(({ value }) => value.asin))]
      const [first] = sound
      if (first === undefined) return records.map(({ value }) => toReject(value))
      const { marketplaceId, level } = first.value
      const operation = operationOf(config.OFFERS_POLICY, level)
      let answers: Awaited<ReturnType<OfferSource['ask']>>
      try {
        answers = await offers.ask({ marketplaceId, operation, asins }, signal)
      } catch (error) {
        // A marketplace that does not exist: the records are wrong, not the service.
        if (!(error instanceof SpApiInputError)) throw error
        return records.map(() => reject(error.message))
      }
      return records.map(({ value }): Verdict => {
        if (absurdRequest(value) !== null) return toReject(value)
        const answer = answers.get(value.asin)
        if (answer === undefined) throw new Error(`no answer came back for ${value.asin}`)
        const result = toOffersResult(value, answer, questions[operation].source)
        return done([{ topic: OFFERS_RESULTS, key: `${value.marketplaceId}:${value.asin}`, value: result }])
      })
    },
  }
}

/** A level that the policy has left meanwhile is answered as it would be by default: its rows wait for it. */
function operationOf(policy: OffersPolicy, level: OfferLevel) {
  return policy.of(level)?.operation ?? levelOperations[level][0]
}

const toReject = (request: OffersRequest): Verdict =>
  reject(absurdRequest(request) ?? 'it can not be asked for')

/** Why a request that follows its schema can not be one all the same; null when it can. */
function absurdRequest({ asin, attempt, level, marketplaceId }: OffersRequest): string | null {
  if (!ASIN.test(asin)) return `not an ASIN: ${JSON.stringify(asin.slice(0, 60))}`
  if (!(attempt >= 1 && attempt <= MAX_INT)) return `attempt ${attempt} is not from 1 to ${MAX_INT}`
  if (!offerLevels.includes(level)) return `there is no level ${JSON.stringify(level)}`
  return isMarketplace(marketplaceId)
    ? null
    : `Amazon has no marketplace ${JSON.stringify(marketplaceId.slice(0, 60))}`
}

function isMarketplace(marketplaceId: string): boolean {
  try {
    return findMarketplace(marketplaceId).marketplaceId === marketplaceId
  } catch (error) {
    if (error instanceof SpApiInputError) return false
    throw error
  }
}
