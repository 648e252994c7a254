import { defineEntity, p } from '@mikro-orm/core'

type OperationState = 'waiting' | 'leased' | 'done' | 'failed' | 'uncertain' | 'cancelled'

export const QueuedOperation = defineEntity({
  name: 'QueuedOperation',
  tableName: 'queued_operations',
  properties: {
    id: p.uuid().primary(),
    idempotencyKey: p.string().length(200).unique('queued_operations_idempotency_key_unique'),
    seller: p.string().length(63),
    operation: p.string().length(100),
    marketplaceId: p.string().length(20).nullable(),
    parameters: p.json<object>().columnType('json'),
    priority: p.smallint(),
    repeatable: p.boolean(),
    state: p.string().$type<OperationState>().length(10).default('waiting'),
    attempts: p.integer().default(0),
    deadline: p.datetime().columnType('timestamptz').nullable(),
    leasedBy: p.string().length(40).nullable(),
    leasedUntil: p.datetime().columnType('timestamptz').nullable(),
    sentAt: p.datetime().columnType('timestamptz').nullable(),
    outcome: p.json<object>().columnType('json').nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    finishedAt: p.datetime().columnType('timestamptz').nullable(),
  },
})

const sealedText = () => p.blob()

export const LwaApplication = defineEntity({
  name: 'LwaApplication',
  tableName: 'lwa_applications',
  properties: {
    clientId: p.string().length(255).primary(),
    clientSecret: sealedText(),
    previousClientSecret: sealedText().nullable(),
    previousValidUntil: p.datetime().columnType('timestamptz').nullable(),
    keyId: p.string().length(32),
    updatedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

export const SellerCredentials = defineEntity({
  name: 'SellerCredentials',
  tableName: 'seller_credentials',
  properties: {
    name: p.string().length(63).primary(),
    clientId: p.string().length(255).nullable(),
    refreshToken: sealedText(),
    keyId: p.string().length(32),
    marketplaces: p.array().nullable(),
    usagePlans: p.text().nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    updatedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
})

type DocumentJobState = 'asking' | 'asked' | 'done' | 'no_data' | 'failed'

export const DocumentJob = defineEntity({
  name: 'DocumentJob',
  tableName: 'document_jobs',
  properties: {
    owner: p.string().length(255).primary(),
    key: p.string().length(255).primary(),
    lane: p.string().length(2000),
    version: p.integer(),
    state: p.string().$type<DocumentJobState>().length(10),
    wish: p.json<Record<string, unknown>>(),
    askedAt: p.datetime().columnType('timestamptz'),
    amazonId: p.text().nullable(),
    documentId: p.text().nullable(),
    finishedAt: p.datetime().columnType('timestamptz').nullable(),
    notBefore: p.datetime().columnType('timestamptz').nullable(),
    reason: p.text().nullable(),
  },
})
