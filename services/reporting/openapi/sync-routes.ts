import { z } from 'zod'
import { retrySchema, startSchema } from '../jobs/job-request.ts'
import { overviewRoutes } from '../overview/overview-description.ts'
import { QUOTA_PATHS } from '../quota/quota-routes.ts'
import { syncRequestSchema } from '../sync-request.ts'
import type { RouteDescription } from './description.ts'
import { date, json, paging, several } from './route-parts.ts'
import * as schemas from './schemas.ts'

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

/** Syncs that people start, steer and follow. */
export const syncRoutes: readonly RouteDescription[] = [
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
]

/** How far the catalogue is in step with Amazon, and what Amazon allows. */
export const amazonRoutes: readonly RouteDescription[] = [
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
    parameters: { id: z.uuid() },
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
]
