import type { NewRecord } from '#libs/event-log/port.ts'
import type { SchemaCodec } from '#schemas/codec.ts'
import { OFFERS_REQUESTS, OFFERS_RESULTS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'

/** A record that no service can use, and what its reason as a dead letter has to match. */
export interface Poison {
  readonly record: NewRecord
  readonly reason: RegExp
}

const PRODUCT = '00000000-0000-4000-8000-000000000000'

export const request = {
  productId: PRODUCT,
  marketplaceId: 'ATVPDKIKX0DER',
  attempt: 1,
  upc: '036000291452',
  codeStatus: 'valid',
  codeReason: null,
  gtin14: '00036000291452',
  repair: null,
  title: null,
  brand: null,
  packQuantity: null,
  requestedAt: 1_792_000_000_000,
}

const result = {
  productId: PRODUCT,
  marketplaceId: 'ATVPDKIKX0DER',
  attempt: 1,
  outcome: 'success',
  reason: null,
  gtin14: '00036000291452',
  repair: null,
  candidates: [],
  operation: 'catalogItems_2022-04-01.searchCatalogItems',
  observedAt: 1_792_000_000_000,
  responseTimeMs: 5,
  amazonRequestId: null,
  httpStatus: 200,
  retryAfterMs: null,
}

/** Kafka's limit for a record, with what it adds itself; a dead letter of such a one is larger still. */
const HUGE_BYTES = 1_048_576 - 200

/** `count` poisoned records of a topic, of every kind in turn; each has a key of its own. */
export async function poisonsFor(
  topic: string,
  codec: SchemaCodec,
  count: number,
): Promise<readonly Poison[]> {
  const { good: value, absurd } = subjects[topic as PoisonedTopic]
  const good = await codec.encode(topic, value)
  const kinds: (() => Promise<Omit<Poison, 'record'> & { readonly value: Buffer | null }>)[] = [
    async () => ({ value: Buffer.from('{"json":"not avro"}'), reason: /first byte is 123/ }),
    async () => ({ value: good.subarray(0, good.length - 7), reason: /do not follow their schema/ }),
    async () => ({ value: Buffer.concat([good, Buffer.from('more')]), reason: /go on after the value/ }),
    async () => ({ value: withSchemaId(good, 2_000_000_000), reason: /schema (id )?2000000000/i }),
    async () => ({ value: null, reason: /no value/ }),
    async () => ({ value: Buffer.alloc(0), reason: /0 bytes are too few/ }),
    async () => ({ value: Buffer.alloc(HUGE_BYTES, 'x'), reason: /first byte is 120/ }),
    ...absurd.map(({ change, reason }) => async () => ({
      value: await codec.encode(topic, { ...value, ...change }),
      reason,
    })),
  ]
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { value, reason } = await kinds[index % kinds.length]!()
      const headers = { traceparent: Buffer.from(`poison-${index}`) }
      return { record: { topic, key: Buffer.from(`poison-${topic}-${index}`), value, headers }, reason }
    }),
  )
}

const absurdRequests = [
  { change: { marketplaceId: 'NOWHERE' }, reason: /NOWHERE/ },
  { change: { gtin14: 'fourteen chars' }, reason: /fourteen chars/ },
  { change: { productId: 'not a uuid' }, reason: /productId/ },
  { change: { attempt: -5 }, reason: /attempt -5/ },
]

const absurdResults = [
  { change: { productId: 'not a uuid' }, reason: /productId/ },
  { change: { attempt: -5 }, reason: /attempt -5/ },
  { change: { observedAt: 8_640_000_000_000_000 }, reason: /observedAt/ },
  { change: { httpStatus: -1 }, reason: /HTTP status/ },
]

const offersRequest = {
  marketplaceId: 'ATVPDKIKX0DER',
  asin: 'B000000000',
  level: 'price',
  attempt: 1,
  requestedAt: 1_792_000_000_000,
}

const offersResult = {
  marketplaceId: 'ATVPDKIKX0DER',
  asin: 'B000000000',
  level: 'price',
  attempt: 1,
  outcome: 'no_price',
  reason: null,
  featuredOffer: null,
  lowestPrices: null,
  offerCounts: null,
  fulfillmentOptions: null,
  salesRank: null,
  operation: 'productPricingV0.getCompetitivePricing',
  observedAt: 1_792_000_000_000,
  responseTimeMs: 5,
  amazonRequestId: null,
  httpStatus: 200,
  retryAfterMs: null,
}

/** What a topic has: a record that fits its schema, and what makes nonsense of it. */
interface Subject {
  readonly good: object
  readonly absurd: readonly { readonly change: object; readonly reason: RegExp }[]
  /** Who reads it. */
  readonly group: string
}

const subjects = {
  [SYNC_REQUESTS]: { good: request, absurd: absurdRequests, group: 'catalog-fetcher' },
  [SYNC_RESULTS]: { good: result, absurd: absurdResults, group: 'persister' },
  [OFFERS_REQUESTS]: {
    good: offersRequest,
    absurd: [
      { change: { marketplaceId: 'NOWHERE' }, reason: /NOWHERE/ },
      { change: { asin: 'no asin' }, reason: /not an ASIN: "no asin"/ },
      { change: { attempt: -5 }, reason: /attempt -5/ },
    ],
    group: 'offer-fetcher',
  },
  [OFFERS_RESULTS]: {
    good: offersResult,
    absurd: [
      { change: { asin: 'no asin' }, reason: /not an ASIN: "no asin"/ },
      { change: { attempt: -5 }, reason: /attempt -5/ },
      { change: { observedAt: 8_640_000_000_000_000 }, reason: /observedAt/ },
      { change: { salesRank: -1 }, reason: /sales rank -1/ },
    ],
    group: 'persister-offers',
  },
} as const satisfies Readonly<Record<string, Subject>>

type PoisonedTopic = keyof typeof subjects

export const poisonedTopics = Object.keys(subjects) as readonly PoisonedTopic[]

/** The group that reads a poisoned topic, and rejects the poison. */
export const groupOf = (topic: string): string => subjects[topic as PoisonedTopic].group

function withSchemaId(value: Buffer, id: number): Buffer {
  const copy = Buffer.from(value)
  copy.writeUInt32BE(id, 1)
  return copy
}
