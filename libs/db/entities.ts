import { defineEntity, p } from '@mikro-orm/core'
import { ApiAudit, ApiKey } from './access-entities.ts'
import { LookedUpCode, LookedUpItem } from './lookup-entities.ts'
import { OfferSync, PricingHistory } from './offers/entities.ts'
import { MatchDecision, UnaidedMatch } from './review-entities.ts'
import { DocumentJob, LwaApplication, QueuedOperation, SellerCredentials } from './sp-api-entities.ts'

/**
 * The tables as MikroORM sees them. The hot path (claims, outcomes, imports) writes them with set-based SQL in this
 * folder; jobs and single rows go through the entity manager. Triggers and partial indexes live in `migrations/`.
 */

export const syncStates = [
  'pending',
  'queued',
  'success',
  'not_found',
  'ambiguous',
  'invalid',
  'restricted',
  'error',
] as const
export type SyncState = (typeof syncStates)[number]

/** A paused job holds its products without asking for them; the last three are final. */
export const jobStates = [
  'queued',
  'running',
  'paused',
  'cancelling',
  'complete',
  'failed',
  'cancelled',
] as const
export type JobState = (typeof jobStates)[number]

/** What an open job is at. */
export const jobStages = ['waiting', 'selecting', 'syncing', 'paused', 'giving back', 'ended'] as const
export type JobStage = (typeof jobStages)[number]

export const Product = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    sku: p.string().length(255).unique('products_sku_unique'),
    upc: p.string().length(64).nullable(),
    title: p.text().nullable(),
    brand: p.string().length(255).nullable(),
    supplier: p.string().length(255).nullable(),
    category: p.string().length(255).nullable(),
    packQuantity: p.integer().nullable(),
    gtin14: p.character().length(14).nullable(),
    upcRepair: p.string().length(64).nullable(),
    syncStatus: p.string().$type<SyncState>().length(20).default('pending'),
    lastAmazonSync: p.datetime().columnType('timestamptz').nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    updatedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

export const Marketplace = defineEntity({
  name: 'Marketplace',
  tableName: 'marketplaces',
  properties: {
    marketplaceId: p.string().length(20).primary(),
    countryCode: p.string().length(2),
    enabled: p.boolean().default(true),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

export const ProductSync = defineEntity({
  name: 'ProductSync',
  tableName: 'product_syncs',
  properties: {
    productId: p.uuid().primary(),
    marketplaceId: p.string().length(20).primary(),
    state: p.string().$type<SyncState>().length(20).default('pending'),
    attempt: p.integer().default(0),
    failures: p.integer().default(0),
    nextAttemptAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    queuedAt: p.datetime().columnType('timestamptz').nullable(),
    syncedAt: p.datetime().columnType('timestamptz').nullable(),
    lastResult: p.string().length(20).nullable(),
    lastReason: p.text().nullable(),
    jobId: p.uuid().nullable(),
    priorState: p.string().$type<SyncState>().length(20).nullable(),
  },
})

const money = () => p.decimal('string').precision(12).scale(2).nullable()

export const AmazonMarketData = defineEntity({
  name: 'AmazonMarketData',
  tableName: 'amazon_market_data',
  properties: {
    productId: p.uuid().primary(),
    marketplaceId: p.string().length(20).primary(),
    asin: p.string().length(10).primary(),
    chosen: p.boolean(),
    score: p.double(),
    reasons: p.json<string[]>(),
    title: p.text().nullable(),
    brand: p.text().nullable(),
    productType: p.text().nullable(),
    itemClassification: p.string().length(32).nullable(),
    packageQuantity: p.integer().nullable(),
    salesRank: p.bigint('number').nullable(),
    salesRankCategory: p.text().nullable(),
    imageUrl: p.text().nullable(),
    dimensions: p.json().nullable(),
    price: money(),
    currency: p.character().length(3).nullable(),
    shipping: money(),
    fulfillmentChannel: p.string().length(8).nullable(),
    featuredOfferPrice: money(),
    lowestPrice: money(),
    offerCount: p.integer().nullable(),
    priceObservedAt: p.datetime().columnType('timestamptz').nullable(),
    priceOperation: p.string().length(100).nullable(),
    sellerId: p.string().length(32).nullable(),
    featuredOfferShipping: money(),
    featuredOfferSellerId: p.string().length(32).nullable(),
    prime: p.string().length(10).nullable(),
    lowestPriceShipping: money(),
    lowestPrices: p.json().nullable(),
    fulfillmentOptions: p.json().nullable(),
    offersObservedAt: p.datetime().columnType('timestamptz').nullable(),
    offersOperation: p.string().length(100).nullable(),
    offerCounts: p.json().nullable(),
    offerCountsObservedAt: p.datetime().columnType('timestamptz').nullable(),
    offerCountsOperation: p.string().length(100).nullable(),
    observedAt: p.datetime().columnType('timestamptz'),
    operation: p.string().length(100),
  },
})

export const SyncLog = defineEntity({
  name: 'SyncLog',
  tableName: 'sync_logs',
  properties: {
    productId: p.uuid().primary(),
    marketplaceId: p.string().length(20).primary(),
    attempt: p.integer().primary(),
    queuedAt: p.datetime().columnType('timestamptz').primary().defaultRaw('now()'),
    occurredAt: p.datetime().columnType('timestamptz'),
    result: p.string().length(20),
    reason: p.text().nullable(),
    responseTimeMs: p.integer().nullable(),
    durationMs: p.integer().nullable(),
    amazonRequestId: p.string().length(100).nullable(),
    httpStatus: p.smallint().nullable(),
    jobId: p.uuid().nullable(),
  },
})

/** How far a job is: in its row as it stands, in an event as it was. */
const jobProgress = () => ({
  stage: p.string().$type<JobStage>().length(20).default('waiting'),
  progress: p.smallint().default(0),
  total: p.bigint('number').default(0),
  done: p.bigint('number').default(0),
  outcomes: p.json<Record<string, number>>().defaultRaw(`'{}'`),
  message: p.text().default(''),
  ratePerSecond: p.double().nullable(),
  secondsLeft: p.integer().nullable(),
})

export const SyncJob = defineEntity({
  name: 'SyncJob',
  tableName: 'sync_jobs',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    state: p.string().$type<JobState>().length(20).default('queued'),
    filter: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    marketplaces: p.array(),
    requestedBy: p.string().length(255),
    expanded: p.boolean().default(false),
    expansionCursor: p.uuid().nullable(),
    error: p.text().nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    startedAt: p.datetime().columnType('timestamptz').nullable(),
    finishedAt: p.datetime().columnType('timestamptz').nullable(),
    freshSince: p.datetime().columnType('timestamptz').nullable(),
    retryOf: p.uuid().nullable(),
    retryOutcomes: p.array().nullable(),
    idempotencyKey: p.string().length(255).nullable().unique('sync_jobs_idempotency_key_unique'),
    requestHash: p.string().length(64).nullable(),
    waking: p.boolean().default(false),
    ...jobProgress(),
    lastEvent: p.bigint('number').default(0),
    changedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

export const SyncProgress = defineEntity({
  name: 'SyncProgress',
  tableName: 'sync_progress',
  properties: {
    jobId: p.uuid().primary(),
    id: p.bigint('number').primary(),
    at: p.datetime().columnType('timestamptz'),
    event: p.string().length(20),
    state: p.string().$type<JobState>().length(20),
    error: p.text().nullable(),
    ...jobProgress(),
  },
})

export const ConsumerOffset = defineEntity({
  name: 'ConsumerOffset',
  tableName: 'consumer_offsets',
  properties: {
    consumerGroup: p.string().length(255).primary(),
    topic: p.string().length(255).primary(),
    partition: p.integer().primary(),
    nextOffset: p.bigint('bigint'),
    updatedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

export const entities = [
  Product,
  Marketplace,
  ProductSync,
  AmazonMarketData,
  OfferSync,
  PricingHistory,
  MatchDecision,
  UnaidedMatch,
  SyncLog,
  SyncJob,
  SyncProgress,
  ConsumerOffset,
  LwaApplication,
  SellerCredentials,
  ApiKey,
  ApiAudit,
  QueuedOperation,
  DocumentJob,
  LookedUpItem,
  LookedUpCode,
] as const
