import { z } from 'zod'
import { syncStates } from '#libs/db/entities.ts'
import { newKeySchema } from '../access/key-routes.ts'
import { sessionSchema } from '../access/session.ts'
import { csvReaders } from '../exports/formats.ts'
import { XLSX_TYPE } from '../import-route.ts'
import { retrySchema, startSchema } from '../jobs/job-request.ts'
import { overviewRoutes } from '../overview/overview-description.ts'
import { MAX_LIMIT } from '../query.ts'
import { QUOTA_PATHS } from '../quota/quota-routes.ts'
import { syncRequestSchema } from '../sync-request.ts'
import type { RouteDescription } from './description.ts'
import { configurationRoute, lookupRoutes } from './lookup-routes.ts'
import { productValuesRoutes } from './product-values-routes.ts'
import { marketplaceName, reviewRoutes } from './review-routes.ts'
import * as schemas from './schemas.ts'

const JSON_TYPE = 'application/json'
const json = (schema: z.ZodType) => ({ [JSON_TYPE]: schema })
// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL holds no NUL
const text = z.string().regex(/^[^\u0000]+$/)
const several = (item: z.ZodType = text) => z.array(item).max(100)

const paging = (limit: number) => ({
  limit: z.int().min(1).max(MAX_LIMIT).default(limit),
  cursor: z.string().min(1).describe('the nextCursor of the page before'),
})
const productFilter = {
  supplier: several(),
  category: several(),
  brand: several(),
  syncStatus: several(z.enum(syncStates)),
  marketplace: several(marketplaceName).describe(
    'country codes or ids; `syncStatus` of a list is the state there',
  ),
  sku: several(),
  upc: several(),
  asin: several().describe('products with one of these among their candidates'),
}
const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })])
const id = { id: z.uuid() }
const syncId = { syncId: z.uuid() }
const started = {
  description: 'It is under way; `location` says where to follow it.',
  content: json(schemas.sync),
}
const idempotencyKey = {
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .describe('a second request with the same key and body starts nothing'),
}
const startProblems = [
  'invalid-fields',
  'invalid-document',
  'body-too-large',
  'unsupported-content',
  'no-marketplace',
  'sync-under-way',
  'idempotency-key-reused',
  'amazon-unconfigured',
  'amazon-refused',
  'amazon-unavailable',
] as const

/** Every route of the API, in the order in which people read about them. */
export const routeDescriptions: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/products',
    operationId: 'listProducts',
    tag: 'Products',
    summary: 'Products, by id. Filters of different kinds must all hold, of one kind any.',
    query: { ...productFilter, ...paging(50) },
    answers: {
      200: { description: 'A page.', content: json(schemas.pageOf('ProductPage', schemas.product)) },
    },
    problems: ['invalid-fields', 'invalid-cursor'],
  },
  {
    method: 'POST',
    path: '/products',
    operationId: 'importProducts',
    tag: 'Products',
    summary: 'Imports products by their sku: good lines are kept, bad ones are reported.',
    body: {
      required: true,
      content: {
        'text/csv': null,
        'application/x-ndjson': null,
        [JSON_TYPE]: z.unknown(),
        [XLSX_TYPE]: null,
      },
    },
    answers: { 200: { description: 'What became of the lines.', content: json(schemas.importReport) } },
    problems: [
      'invalid-document',
      'request-timeout',
      'body-too-large',
      'unsupported-content',
      'no-line-accepted',
    ],
  },
  {
    method: 'GET',
    path: '/products/export',
    operationId: 'exportProducts',
    tag: 'Products',
    summary: 'A row per product and marketplace, streamed, as all of them are at one moment.',
    query: {
      ...productFilter,
      state: several(z.enum(syncStates)).describe('the state in the marketplace'),
      job: z.uuid().describe('rows that this sync was the last to ask for'),
      failures: z.boolean().describe('only rows that came to no match; not together with `state`'),
      format: schemas.exportFormat.default('csv'),
      csvFor: z.enum(csvReaders).default('spreadsheet'),
    },
    answers: {
      200: {
        description: 'The file.',
        content: { 'text/csv': null, 'application/x-ndjson': null, [XLSX_TYPE]: null },
      },
    },
    problems: ['invalid-fields'],
  },
  ...productValuesRoutes,
  {
    method: 'GET',
    path: '/products/:id',
    operationId: 'getProduct',
    tag: 'Products',
    summary: 'A product with every candidate that Amazon has for its code, and its newest attempts.',
    parameters: id,
    answers: { 200: { description: 'The product.', content: json(schemas.productDetail) } },
    problems: ['not-found'],
  },
  {
    method: 'GET',
    path: '/products/:id/logs',
    operationId: 'listProductLogs',
    tag: 'Products',
    summary: 'Attempts for a product, the newest first.',
    parameters: id,
    query: paging(50),
    answers: {
      200: { description: 'A page.', content: json(schemas.pageOf('SyncLogPage', schemas.syncLog)) },
    },
    problems: ['invalid-fields', 'invalid-cursor', 'not-found'],
  },
  {
    method: 'GET',
    path: '/products/:id/prices',
    operationId: 'getProductPrices',
    tag: 'Products',
    summary: 'What the matches of a product cost, and how that changed.',
    parameters: id,
    query: paging(50),
    answers: {
      200: {
        description: 'One entry per marketplace.',
        content: json(schemas.listOf('ProductPriceList', schemas.productPrices)),
      },
    },
    problems: ['invalid-fields', 'invalid-cursor', 'not-found'],
  },
  ...lookupRoutes,
  ...reviewRoutes,
  {
    method: 'POST',
    path: '/api/sync/start',
    operationId: 'startSync',
    tag: 'Syncs',
    summary: 'Asks Amazon for products; those that it answered for lately count as they are.',
    headers: idempotencyKey,
    body: { required: false, content: json(startSchema) },
    answers: {
      200: { description: 'A dry run: what it would come to.', content: json(schemas.dryRun) },
      202: started,
    },
    problems: startProblems,
  },
  {
    method: 'POST',
    path: '/api/sync/force',
    operationId: 'forceSync',
    tag: 'Syncs',
    summary: 'Asks Amazon for products again, however fresh they are.',
    headers: idempotencyKey,
    body: { required: false, content: json(startSchema) },
    answers: {
      200: { description: 'A dry run: what it would come to.', content: json(schemas.dryRun) },
      202: started,
    },
    problems: startProblems,
  },
  {
    method: 'POST',
    path: '/api/sync/retry/:syncId',
    operationId: 'retrySync',
    tag: 'Syncs',
    summary: 'Asks again for what a sync that has ended came to these outcomes with.',
    parameters: syncId,
    headers: idempotencyKey,
    body: { required: false, content: json(retrySchema) },
    answers: {
      200: { description: 'A dry run: what it would come to.', content: json(schemas.dryRun) },
      202: started,
    },
    problems: [...startProblems, 'not-found', 'wrong-state'],
  },
  ...(['cancel', 'pause', 'resume'] as const).map(
    (action): RouteDescription => ({
      method: 'POST',
      path: `/api/sync/${action}/:syncId`,
      operationId: `${action}Sync`,
      tag: 'Syncs',
      summary: {
        cancel: 'Ends a sync: what it has not asked for gets back the state that it had.',
        pause: 'Holds a sync.',
        resume: 'Lets a sync go on.',
      }[action],
      parameters: syncId,
      answers: {
        200: { description: 'It has ended.', content: json(schemas.sync) },
        202: { description: 'It will be so in a moment.', content: json(schemas.sync) },
      },
      problems: ['invalid-fields', 'not-found', 'wrong-state'],
    }),
  ),
  {
    method: 'GET',
    path: '/api/sync/status/:syncId',
    operationId: 'getSync',
    tag: 'Syncs',
    summary: 'A sync. Poll it with `if-none-match`.',
    parameters: syncId,
    answers: { 200: { description: 'The sync.', content: json(schemas.sync) } },
    problems: ['not-found'],
  },
  {
    method: 'GET',
    path: '/api/sync/history',
    operationId: 'listSyncs',
    tag: 'Syncs',
    summary: 'Syncs, the newest first.',
    query: {
      status: several(),
      marketplace: several(),
      requestedBy: several(),
      since: date.describe('a date or time, such as 2026-01-31'),
      until: date,
      ...paging(50),
    },
    answers: { 200: { description: 'A page.', content: json(schemas.pageOf('SyncPage', schemas.sync)) } },
    problems: ['invalid-fields', 'invalid-cursor'],
  },
  {
    method: 'GET',
    path: '/api/sse/sync-progress/:syncId',
    operationId: 'followSync',
    tag: 'Syncs',
    summary: 'Its events as they come (server-sent events), from `last-event-id` on; ends with the last one.',
    parameters: syncId,
    query: { lastEventId: z.string().regex(/^\d{1,15}$/) },
    headers: { 'last-event-id': z.string().regex(/^\d{1,15}$/) },
    answers: {
      200: { description: 'The stream.', content: { 'text/event-stream': null } },
      204: { description: 'There is nothing to come.' },
    },
    problems: ['not-found', 'too-many-streams'],
  },
  {
    method: 'POST',
    path: '/marketplace/amazon/sync',
    operationId: 'requestSync',
    tag: 'Amazon',
    summary: 'Asks Amazon for products at once, without the checks of `/api/sync/start`.',
    body: { required: false, content: json(syncRequestSchema) },
    answers: { 202: { description: 'Accepted.', content: json(schemas.syncJob) } },
    problems: [
      'invalid-fields',
      'invalid-document',
      'body-too-large',
      'unsupported-content',
      'no-marketplace',
    ],
  },
  {
    method: 'GET',
    path: '/marketplace/amazon/sync-status',
    operationId: 'getSyncStatus',
    tag: 'Amazon',
    summary: 'How far the catalogue is in step with Amazon, and how far its matches are priced.',
    answers: { 200: { description: 'The status.', content: json(schemas.syncStatus) } },
  },
  {
    method: 'GET',
    path: '/marketplace/amazon/sync-jobs',
    operationId: 'listSyncJobs',
    tag: 'Amazon',
    summary: 'Sync jobs, the newest first.',
    query: paging(50),
    answers: {
      200: { description: 'A page.', content: json(schemas.pageOf('SyncJobPage', schemas.syncJob)) },
    },
    problems: ['invalid-fields', 'invalid-cursor'],
  },
  {
    method: 'GET',
    path: '/marketplace/amazon/sync-jobs/:id',
    operationId: 'getSyncJob',
    tag: 'Amazon',
    summary: 'A sync job.',
    parameters: id,
    answers: { 200: { description: 'The job.', content: json(schemas.syncJob) } },
    problems: ['not-found'],
  },
  {
    method: 'GET',
    path: '/marketplace/amazon/sync-exceptions',
    operationId: 'listSyncExceptions',
    tag: 'Amazon',
    summary: 'Products that need a person, the newest first.',
    query: paging(20),
    answers: {
      200: {
        description: 'The newest.',
        content: json(schemas.listOf('SyncExceptionList', schemas.syncException)),
      },
    },
    problems: ['invalid-fields', 'invalid-cursor'],
  },
  ...overviewRoutes,
  ...QUOTA_PATHS.map(
    (path, i): RouteDescription => ({
      method: 'GET',
      path,
      operationId: i === 0 ? 'getQuota' : 'getQuotaShortly',
      tag: 'Amazon',
      summary: "How much of Amazon's quotas there is, who waits for it, and what was learned about it.",
      answers: { 200: { description: 'The quotas.', content: json(schemas.quota) } },
    }),
  ),
  {
    method: 'GET',
    path: '/api/session',
    operationId: 'getSession',
    tag: 'Access',
    summary: 'Who the request comes from, and what they may do.',
    answers: { 200: { description: 'The caller; null: nobody.', content: json(schemas.session) } },
  },
  {
    method: 'POST',
    path: '/api/session',
    operationId: 'enter',
    tag: 'Access',
    summary: 'Gives a browser its key back as a cookie.',
    body: { required: true, content: json(sessionSchema) },
    answers: { 200: { description: 'The caller.', content: json(schemas.session) } },
    problems: ['invalid-fields', 'invalid-document', 'body-too-large', 'unsupported-content'],
  },
  {
    method: 'DELETE',
    path: '/api/session',
    operationId: 'leave',
    tag: 'Access',
    summary: 'Takes the cookie away.',
    answers: { 204: { description: 'It is gone.' } },
  },
  {
    method: 'GET',
    path: '/api/keys',
    operationId: 'listKeys',
    tag: 'Access',
    summary: 'Keys of the API, the newest first.',
    answers: {
      200: { description: 'All of them.', content: json(schemas.pageOf('ApiKeyPage', schemas.apiKey)) },
    },
  },
  {
    method: 'POST',
    path: '/api/keys',
    operationId: 'createKey',
    tag: 'Access',
    summary: 'Makes a key; it is told this once.',
    body: { required: true, content: json(newKeySchema) },
    answers: { 201: { description: 'The key.', content: json(schemas.apiKey) } },
    problems: ['invalid-fields', 'invalid-document', 'body-too-large', 'unsupported-content'],
  },
  {
    method: 'DELETE',
    path: '/api/keys/:id',
    operationId: 'revokeKey',
    tag: 'Access',
    summary: 'A key stops working at once, for ever.',
    parameters: { id: z.string().describe('its id, or its first characters as the list shows them') },
    answers: { 200: { description: 'The key as it was.', content: json(schemas.apiKey) } },
    problems: ['not-found'],
  },
  configurationRoute,
  ...(
    [
      ['/livez', 'isAlive', 'Whether starting it anew would not help.'],
      ['/readyz', 'isReady', 'Whether it can do its work.'],
      ['/health', 'getHealth', 'Both, with what is missing.'],
    ] as const
  ).map(
    ([path, operationId, summary]): RouteDescription => ({
      method: 'GET',
      path,
      operationId,
      tag: 'Health',
      summary,
      answers: {
        200: { description: 'Yes.', content: json(schemas.health) },
        503: { description: 'No.', content: json(schemas.health) },
      },
    }),
  ),
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'getMetrics',
    tag: 'Health',
    summary: 'Metrics for Prometheus.',
    answers: { 200: { description: 'The metrics.', content: { 'text/plain': null } } },
  },
]
