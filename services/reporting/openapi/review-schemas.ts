import { z } from 'zod'
import { decisionEnds, matchVerdicts } from '#libs/db/review-entities.ts'
import { invalidCodes, proposalKinds } from '#libs/gtin/index.ts'
import { components, syncState } from './schemas.ts'

function component<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id })
  return schema
}

const time = z.iso.datetime().describe('ISO 8601, UTC')
const count = z.int().min(0)
const asin = z.string().length(10)
const amount = z.string().regex(/^\d+(\.\d+)?$/)
const place = { marketplaceId: z.string(), countryCode: z.string() }

const waiting = {
  ambiguous: count,
  invalid: count,
  restricted: count,
  notFound: count,
  error: count,
}
export const reviewSummary = component(
  'ReviewSummary',
  z.strictObject({ ...waiting, marketplaces: z.array(z.strictObject({ ...place, ...waiting })) }),
)

const reviewedProduct = {
  productId: z.uuid(),
  sku: z.string(),
  upc: z.string().nullable().describe('as its owner wrote it'),
  gtin14: z.string().length(14).nullable(),
  upcRepair: z.string().nullable(),
  title: z.string().nullable(),
  brand: z.string().nullable(),
  supplier: z.string().nullable(),
  category: z.string().nullable(),
  packQuantity: z.int().nullable(),
  ...place,
  state: syncState,
  reason: z.string().nullable().describe('why it is in this state, for people'),
  syncedAt: time.nullable(),
}
export const ambiguousMatch = component(
  'AmbiguousMatch',
  z.strictObject({ ...reviewedProduct, candidates: count.describe('items that Amazon returned') }),
)

const verdict = z.enum(matchVerdicts)
export const matchDecision = component(
  'MatchDecision',
  z.strictObject({
    id: z.int(),
    productId: z.uuid(),
    sku: z.string(),
    ...place,
    asin,
    verdict,
    title: z.string().nullable().describe('of the item when it was decided'),
    upc: z.string().nullable().describe('the code that it was decided for'),
    note: z.string().nullable(),
    decidedBy: z.string(),
    decidedAt: time,
    endedAt: time.nullable().describe('null while it holds'),
    endedBy: z.string().nullable(),
    endedBecause: z.enum(decisionEnds).nullable(),
  }),
)

const candidate = z.strictObject({
  asin,
  chosen: z.boolean(),
  verdict: verdict.nullable().describe('what people have decided; null: nothing'),
  score: z.number().min(0).max(1).describe('what matching says, with its evidence'),
  reasons: z.array(z.string()),
  title: z.string().nullable(),
  brand: z.string().nullable(),
  productType: z.string().nullable(),
  itemClassification: z.string().nullable(),
  packageQuantity: z.int().nullable(),
  salesRank: z.number().nullable(),
  salesRankCategory: z.string().nullable(),
  imageUrl: z.string().nullable(),
  price: amount.nullable(),
  currency: z.string().nullable(),
  offerCount: z.int().nullable(),
  observedAt: time,
})
const matchFields = {
  ...reviewedProduct,
  version: z.string().describe('goes back with a decision: what was seen'),
  candidates: z.array(candidate).describe('the chosen one first, then by score'),
  decisions: z.array(matchDecision).describe('those that hold'),
  history: z.array(matchDecision).describe('the newest fifty, those that hold included'),
}
export const match = component('Match', z.strictObject(matchFields))
export const decidedMatch = component(
  'DecidedMatch',
  z.strictObject({
    ...matchFields,
    effect: z
      .enum(['now', 'with-next-answer'])
      .describe('a product that is being asked for, or failed, shows it with the next answer'),
  }),
)

const proposal = z.strictObject({
  code: z.string().describe('what to write in its place'),
  gtin14: z.string().length(14),
  how: z.enum(proposalKinds),
  why: z.string(),
  sure: z.boolean().describe('its check digit confirms it, and confirms nothing else'),
})
export const invalidCode = component(
  'InvalidCode',
  z.strictObject({
    productId: z.uuid(),
    sku: z.string(),
    upc: z.string().nullable(),
    title: z.string().nullable(),
    brand: z.string().nullable(),
    supplier: z.string().nullable(),
    category: z.string().nullable(),
    marketplaces: z.array(z.string()).describe('countries in which it can not be looked up'),
    diagnosis: z.strictObject({ code: z.enum([...invalidCodes, 'AMAZON_REFUSED']), reason: z.string() }),
    proposals: z.array(proposal).describe('what may be meant, the likeliest first'),
    updatedAt: time,
  }),
)
export const codeRepairs = component(
  'CodeRepairs',
  z.strictObject({
    dryRun: z.boolean(),
    looked: count,
    proposed: count.describe('of those, products with one proposal that may be taken'),
    repaired: count,
    without: count,
    sample: z
      .array(
        z.strictObject({
          productId: z.uuid(),
          sku: z.string(),
          from: z.string().nullable(),
          to: z.string(),
          how: z.enum(proposalKinds),
        }),
      )
      .describe('the first twenty'),
    complete: z.boolean().describe('false: send `cursor` back for the rest'),
    cursor: z.string().nullable(),
  }),
)

export const failureGroups = component(
  'FailureGroups',
  z.strictObject({
    items: z
      .array(
        z.strictObject({
          cause: z.string().describe('names the group'),
          result: z.string(),
          operation: z.string().nullable(),
          message: z.string(),
          states: z.record(z.string(), count),
          count,
          countries: z.array(z.string()),
          firstAt: time.nullable().describe('when the first of them was asked for'),
          lastAt: time.nullable(),
          sample: z.strictObject({
            productId: z.uuid(),
            sku: z.string(),
            marketplaceId: z.string(),
            reason: z.string().nullable(),
          }),
        }),
      )
      .describe('the largest first, a hundred at most'),
    read: count.describe('rows that were looked at'),
    total: count.describe('rows in these states and marketplaces'),
    complete: z.boolean(),
  }),
)
export const failedProduct = component(
  'FailedProduct',
  z.strictObject({
    productId: z.uuid(),
    sku: z.string(),
    upc: z.string().nullable(),
    title: z.string().nullable(),
    ...place,
    state: syncState,
    cause: z.string(),
    result: z.string().nullable(),
    reason: z.string().nullable(),
    failures: z.int(),
    askedAt: time.nullable(),
  }),
)

const letter = z.strictObject({
  place: z.string().describe('partition and offset, such as `0:17`'),
  partition: z.int(),
  offset: z.string(),
  origin: z.strictObject({ topic: z.string(), partition: z.int(), offset: z.string() }).nullable(),
  group: z.string().nullable().describe('who rejected it'),
  cause: z.string(),
  reason: z.string().nullable(),
  at: time,
  bytes: count,
  redrivenBefore: count,
  redrivenAt: time.nullable(),
  loggedAt: time,
})
export const deadLetters = component(
  'DeadLetters',
  z.strictObject({
    items: z.array(letter).describe('the newest'),
    groups: z
      .array(
        z.strictObject({
          topic: z.string().nullable(),
          group: z.string().nullable(),
          cause: z.string(),
          count,
          firstAt: time,
          lastAt: time,
          sample: z.string().describe('the place of the newest one'),
        }),
      )
      .describe('the largest first'),
    groupsOmitted: count,
    read: z
      .strictObject({ records: count, of: count, complete: z.boolean() })
      .describe('only the newest ten thousand records of each partition are read'),
  }),
)
export const redrive = component(
  'Redrive',
  z.strictObject({
    dryRun: z.boolean(),
    chosen: count,
    redriven: count,
    left: z
      .array(
        z.strictObject({
          place: z.string(),
          because: z.enum(['redriven-before', 'undecodable', 'no-origin']),
          reason: z.string(),
        }),
      )
      .describe('the first two hundred'),
    leftOmitted: count,
    complete: z.boolean().describe('false: there are more that fit'),
  }),
)

export const auditEntry = component(
  'AuditEntry',
  z.strictObject({
    id: z.uuid(),
    at: time,
    caller: z.string(),
    keyId: z.uuid().nullable(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
    requestId: z.string(),
    action: z.string().nullable().describe('null where method and path tell all'),
    details: z.looseObject({}).nullable(),
  }),
)
