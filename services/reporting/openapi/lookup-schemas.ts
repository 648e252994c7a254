import { z } from 'zod'
import { codeTypes, invalidCodes, proposalKinds, restrictedCodes } from '#libs/gtin/index.ts'
import { failureCodes } from '../lookup/failure.ts'
import { components } from './schemas.ts'

function component<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id })
  return schema
}

const time = z.iso.datetime().describe('ISO 8601, UTC')
const asin = z.string().length(10)
const amount = z.string().regex(/^\d+(\.\d+)?$/)
const place = { marketplaceId: z.string(), countryCode: z.string() }
const source = z.enum(['database', 'amazon'])

const failure = component(
  'LookupFailure',
  z.strictObject({
    code: z.enum(failureCodes).describe('as the types of problems have it'),
    message: z.string().describe('what is wrong and what to do about it, for people'),
    retryAfterSeconds: z.int().min(1).nullable().describe('when to ask again; null: nobody can say'),
  }),
)

const price = component(
  'KnownPrice',
  z.strictObject({
    amount,
    shipping: amount.nullable(),
    currency: z.string().nullable(),
    observedAt: time,
    operation: z.string().nullable().describe("Amazon's operation that told it"),
  }),
)

const itemFields = {
  asin,
  SalesRank: z.int().nullable(),
  Title: z.string().nullable(),
  salesRankCategory: z.string().nullable(),
  brand: z.string().nullable(),
  productType: z.string().nullable(),
  itemClassification: z.string().nullable(),
  packageQuantity: z.int().nullable(),
  imageUrl: z.string().nullable(),
  images: z.array(z.string()).describe('the main one first'),
  dimensions: z.unknown().describe("in Amazon's own units; null: not told"),
  gtin14s: z.array(z.string()).nullable().describe('null where a product keeps less than Amazon answers'),
  partNumber: z.string().nullable(),
  parentAsins: z.array(z.string()).nullable(),
  childAsins: z.array(z.string()).nullable(),
  price: price.nullable().describe('of the featured offer, without shipping, where it is known'),
}

export const lookedUpItem = component(
  'LookedUpItem',
  z.strictObject({
    ...itemFields,
    success: z.literal(true),
    ...place,
    source: source.describe('where the answer comes from'),
    observedAt: time.describe('when Amazon gave it'),
    error: z.null(),
  }),
)

export const rawAnswer = component(
  'RawAnswer',
  z.strictObject({
    asin,
    ...place,
    operation: z.literal('getCatalogItem').describe("Amazon's operation that gave it"),
    observedAt: time.describe('when Amazon gave it'),
    requestId: z.string().nullable().describe("Amazon's own, which its support asks for"),
    answer: z
      .record(z.string(), z.unknown())
      .describe("Amazon's document by its own names; what is null there is left out"),
  }),
)

const itemResult = component(
  'ItemResult',
  z.union([
    lookedUpItem,
    z.strictObject({
      asin: z.string().describe('as it was asked for'),
      SalesRank: z.null(),
      Title: z.null(),
      success: z.literal(false),
      ...place,
      source: source.nullable(),
      observedAt: time.nullable(),
      error: failure,
    }),
  ]),
)

const candidate = component(
  'LookedUpCandidate',
  z.strictObject({
    ...itemFields,
    chosen: z.boolean(),
    score: z.number().min(0).max(1),
    reasons: z.array(z.string()).describe('each piece of evidence with what it added'),
  }),
)

const diagnosis = component(
  'CodeDiagnosis',
  z.strictObject({
    status: z.enum(['invalid', 'restricted']),
    code: z.enum([...invalidCodes, ...restrictedCodes]),
    reason: z.string(),
    proposals: z
      .array(
        z.strictObject({
          code: z.string(),
          gtin14: z.string(),
          how: z.enum(proposalKinds),
          why: z.string(),
          sure: z.boolean(),
        }),
      )
      .describe('what may have been meant, the likeliest first: guesses'),
  }),
)

export const lookedUpCode = component(
  'LookedUpCode',
  z.strictObject({
    code: z.string().describe('as it was asked for'),
    success: z.boolean().describe('Amazon has items for it'),
    kind: z.enum([...codeTypes, 'ASIN']).nullable(),
    gtin14: z.string().length(14).nullable(),
    repair: z.string().nullable(),
    flags: z.array(z.string()),
    alternatives: z.array(z.string()).describe('GTIN-14s of other readings, which were not looked up'),
    note: z.string().nullable(),
    diagnosis: diagnosis.nullable(),
    outcome: z.enum(['success', 'ambiguous', 'not_found']).nullable(),
    chosenAsin: asin.nullable(),
    reason: z.string().nullable().describe('why one was chosen, or none'),
    confidence: z.number().min(0).max(1).nullable(),
    matchedAgainst: z
      .strictObject({
        from: z.enum(['request', 'catalogue']),
        sku: z.string().nullable(),
        title: z.string().nullable(),
        brand: z.string().nullable(),
        packQuantity: z.int().nullable(),
      })
      .nullable(),
    candidates: z.array(candidate).describe('all that Amazon has, the best first'),
    ...place,
    source: source.nullable(),
    observedAt: time.nullable(),
    error: failure.nullable(),
  }),
)

const batchOf = (result: z.ZodType) =>
  z.strictObject({
    results: z.array(result).describe('in the order asked for'),
    total_requested: z.int().min(1),
    successful: z.int().min(0),
    failed: z.int().min(0),
    success_rate: z.number().min(0).max(100).describe('per cent'),
    ...place,
  })

export const itemBatch = component('ItemBatch', batchOf(itemResult))
export const codeBatch = component('CodeBatch', batchOf(lookedUpCode))

/** Variables by name; which there are is in docs/reference.md. */
export const configuration = component('Configuration', z.record(z.string(), z.unknown()))
