import { defineEntity, p } from '@mikro-orm/core'

export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(100),
    prefix: p.string().length(16),
    hash: p.blob(),
    scopes: p.array(),
    createdBy: p.string().length(255),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    expiresAt: p.datetime().columnType('timestamptz').nullable(),
    lastUsedAt: p.datetime().columnType('timestamptz').nullable(),
    revokedAt: p.datetime().columnType('timestamptz').nullable(),
  },
})

export const ApiAudit = defineEntity({
  name: 'ApiAudit',
  tableName: 'api_audit',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    caller: p.string().length(255),
    keyId: p.uuid().nullable(),
    method: p.string().length(10),
    path: p.string().length(500),
    status: p.smallint(),
    requestId: p.string().length(100),
    action: p.string().length(40).nullable(),
    details: p.json<Record<string, unknown>>().nullable(),
  },
})
