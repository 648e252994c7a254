import { z } from 'zod'
import { apiScopes } from '#libs/db/api-keys.ts'
import { type JobState, jobStages, jobStates, syncStates } from '#libs/db/entities.ts'
import { offerStatusStates } from '#libs/db/offers/status.ts'
import type { ProductDetail } from '#libs/db/product-detail.ts'
import { exportFormats } from '../exports/formats.ts'

/**
 * What the API answers, field by field. `z.strictObject` everywhere: tests read every answer with these, so that a field
 * that nobody described fails them. The published document leaves clients open for fields to come.
 */
export const components = z.registry<{ id: string }>()

export function component<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id })
  return schema
}

const time = z.iso.datetime().describe('ISO 8601, UTC')
const count = z.int().min(0)
const seconds = z.number().min(0)
/** A decimal as text: money is never a binary fraction. */
const amount = z.string().regex(/^\d+(\.\d+)?$/)
const counts = z.record(z.string(), count)

export const syncState = component('SyncState', z.enum(syncStates))
const jobState: z.ZodType<JobState> = component('SyncJobState', z.enum(jobStates))

export const problem = component(
  'Problem',
  z.looseObject({
    type: z
      .string()
      .startsWith('urn:asinstream:problem:')
      .describe('stable: what programs tell problems apart by'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what is wrong and what to do about it, for people'),
    requestId: z.string(),
    errors: z
      .array(z.looseObject({ field: z.string().optional(), line: z.int().optional(), message: z.string() }))
      .optional(),
  }),
)

const importText = (max: number) => z.string().max(max).nullable().optional()
/** A product as an import takes it; `toRow` checks it, and says what is wrong in words. */
const importedProduct = z.strictObject({
  sku: z.string().regex(/\S/).max(255),
  upc: importText(64),
  title: importText(10_000),
  brand: importText(255),
  supplier: importText(255),
  category: importText(255),
  packQuantity: z.int().min(1).max(2_147_483_647).nullable().optional(),
})
export const productImport = z.union([importedProduct, z.array(importedProduct).min(1)])

const productFields = {
  id: z.uuid(),
  sku: z.string(),
  upc: z.string().nullable().describe('as its owner wrote it'),
  title: z.string().nullable(),
  brand: z.string().nullable(),
  supplier: z.string().nullable(),
  category: z.string().nullable(),
  packQuantity: z.int().nullable(),
  gtin14: z.string().length(14).nullable().describe('the code once it has been read'),
  upcRepair: z.string().nullable().describe('how the code was mended'),
  syncStatus: syncState,
  lastAmazonSync: time.nullable(),
  createdAt: time,
  updatedAt: time,
}
export const product = component('Product', z.strictObject(productFields))

export const syncLog = component(
  'SyncLog',
  z.strictObject({
    marketplaceId: z.string(),
    attempt: z.int(),
    occurredAt: time,
    result: z.string(),
    reason: z.string().nullable(),
    responseTimeMs: z.int().nullable(),
    durationMs: z.int().nullable().describe('from the claim to the outcome'),
    amazonRequestId: z.string().nullable(),
    httpStatus: z.int().nullable(),
    jobId: z.uuid().nullable(),
  }),
)

const productMarketplace = z.strictObject({
  marketplaceId: z.string(),
  countryCode: z.string(),
  state: syncState,
  attempt: z.int(),
  failures: z.int(),
  nextAttemptAt: time.nullable(),
  syncedAt: time.nullable(),
  lastResult: z.string().nullable(),
  lastReason: z.string().nullable(),
  jobId: z.uuid().nullable(),
})

export const productDetail = component(
  'ProductDetail',
  z.strictObject({
    ...productFields,
    marketplaces: z.array(productMarketplace),
    marketData: z
      .array(
        z.looseObject({
          marketplaceId: z.string(),
          asin: z.string(),
          chosen: z.boolean(),
          score: z.number(),
        }),
      )
      .describe('the candidates of the latest answer, the chosen one first'),
    logs: z.array(syncLog).describe('the newest fifty'),
  }),
) satisfies z.ZodType<Pick<ProductDetail, keyof typeof productFields | 'marketplaces' | 'logs'>>

const source = { observedAt: time, operation: z.string().describe("Amazon's operation that told it") }
const offerState = z.looseObject({ level: z.string(), state: z.string() })
export const productPrices = component(
  'ProductPrices',
  z.strictObject({
    marketplaceId: z.string(),
    asin: z.string(),
    featured: z
      .strictObject({
        price: amount.nullable(),
        shipping: amount.nullable(),
        currency: z.string().nullable(),
        sellerId: z.string().nullable(),
        ...source,
      })
      .nullable(),
    offerCounts: z
      .strictObject({ newOffers: count.nullable(), counts: z.array(z.looseObject({})), ...source })
      .nullable(),
    offers: z.looseObject({ ...source }).nullable(),
    states: z.array(offerState),
    history: z.array(z.looseObject({ level: z.string(), ...source })).describe('the newest change first'),
  }),
)

const outcome = {
  total: count,
  done: count,
  progress: z.int().min(0).max(100),
  outcomes: counts,
}
const jobFields = {
  stage: z.enum(jobStages),
  filter: z.looseObject({}),
  marketplaces: z.array(z.string()),
  requestedBy: z.string(),
  retryOf: z.uuid().nullable(),
  freshSince: time.nullable(),
  expanded: z.boolean(),
  ...outcome,
  message: z.string(),
  ratePerSecond: z.number().nullable(),
  secondsLeft: seconds.nullable(),
  error: z.string().nullable(),
  lastEvent: count,
  createdAt: time,
  startedAt: time.nullable(),
}
/** As the routes under `/marketplace/amazon` have it. */
export const syncJob = component(
  'SyncJob',
  z.strictObject({ id: z.uuid(), state: jobState, ...jobFields, finishedAt: time.nullable() }),
)
/** As the routes under `/api/sync` have it. */
export const sync = component(
  'Sync',
  z.strictObject({
    syncId: z.uuid(),
    status: jobState,
    ...jobFields,
    completedAt: time.nullable(),
    duration: count.nullable().describe('seconds from the start to the end, or to now'),
    ordersProcessed: count,
    totalOrders: count,
    claimsDetected: count,
    links: z.strictObject({ self: z.string(), events: z.string() }),
  }),
)
export const dryRun = component(
  'DryRun',
  z.strictObject({
    dryRun: z.literal(true),
    total: count,
    fresh: count,
    withoutCode: count,
    codes: count,
    requests: count,
    requestsPerSecond: z.number(),
    seconds,
    secondsWithBacklog: seconds,
    marketplaces: z.array(z.string()),
  }),
)

const states = z.strictObject(Object.fromEntries(syncStates.map((state) => [state, count])))
const statusFields = {
  total: count,
  synced: count,
  errors: count,
  pending: count,
  queued: count,
  states,
  averageResponseTimeMs: z.number().nullable(),
  averageSyncTimeMs: z.number().nullable(),
  ratePerSecond: z.number(),
  secondsLeft: seconds.nullable(),
}
export const syncStatus = component(
  'SyncStatus',
  z.strictObject({
    ...statusFields,
    products: count,
    outcomesPerRequest: z.number().nullable(),
    marketplaces: z.array(
      z.strictObject({ ...statusFields, marketplaceId: z.string(), countryCode: z.string() }),
    ),
    backlog: z.strictObject({
      requestsPerSecond: z.number(),
      rateFrom: z.enum(['buckets', 'plans']),
      productsPerRequest: z.number(),
      secondsLeft: seconds,
    }),
    prices: z.strictObject({
      policy: z.string(),
      levels: z.array(
        z.looseObject({
          level: z.string(),
          operation: z.string(),
          total: count,
          states: z.strictObject(Object.fromEntries(offerStatusStates.map((state) => [state, count]))),
          secondsLeft: seconds.nullable(),
          secondsToCover: seconds.nullable(),
        }),
      ),
    }),
  }),
)

export const syncException = component(
  'SyncException',
  z.strictObject({
    productId: z.uuid(),
    sku: z.string(),
    upc: z.string().nullable(),
    title: z.string().nullable(),
    marketplaceId: z.string(),
    countryCode: z.string(),
    state: syncState,
    lastResult: z.string().nullable(),
    lastReason: z.string().nullable(),
    occurredAt: time.nullable(),
  }),
)

export const quota = component(
  'QuotaReport',
  z.strictObject({
    scope: z.enum(['shared', 'process', 'unknown']),
    note: z.string().nullable(),
    quotas: z.array(
      z.looseObject({
        application: z.string(),
        seller: z.string(),
        operation: z.string(),
        ratePerSecond: z.number(),
        planRatePerSecond: z.number(),
        burst: z.number(),
        tokens: z.number(),
        queued: count,
        waitSeconds: seconds,
        granted: count,
        throttled: count,
      }),
    ),
  }),
)

export const importReport = component(
  'ImportReport',
  z.strictObject({
    received: count,
    inserted: count,
    updated: count,
    unchanged: count,
    rejected: count,
    errors: z
      .array(
        z.strictObject({
          line: count,
          field: z.string().optional(),
          message: z.string(),
          value: z.string().optional().describe('what stands in the field, its first 200 characters'),
        }),
      )
      .describe('the first 10,000'),
    errorsOmitted: count,
  }),
)

export const apiKey = component(
  'ApiKey',
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(apiScopes)),
    createdBy: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
    key: z.string().optional().describe('the key itself: told once, when it is made'),
  }),
)

export const session = component(
  'Session',
  z.strictObject({ caller: z.string().nullable(), scopes: z.array(z.enum(apiScopes)) }),
)

export const health = component('Health', z.looseObject({ status: z.string() }))

/** A page of a list. */
export function pageOf(id: string, item: z.ZodType): z.ZodType {
  return component(
    id,
    z.strictObject({
      items: z.array(item),
      nextCursor: z.string().nullable().describe('goes into `cursor` for the next page; null at the end'),
    }),
  )
}

/** A list that has one page. */
export function listOf(id: string, item: z.ZodType): z.ZodType {
  return component(id, z.strictObject({ items: z.array(item) }))
}

export const exportFormat = z.enum(exportFormats)
