import { z } from 'zod'
import { originTopics } from '#libs/service/dead-letters.ts'
import { RETRY_OUTCOMES } from '../jobs/job-request.ts'
import { repairSchema } from '../review/code-routes.ts'
import { retryFailuresSchema } from '../review/failure-routes.ts'
import { redriveSchema } from '../review/letter-routes.ts'
import { acceptSchema, rejectSchema, undoSchema } from '../review/match-routes.ts'
import { productEditSchema } from '../review/product-edit.ts'
import type { RouteDescription } from './description.ts'
import * as review from './review-schemas.ts'
import { date, json, marketplace, marketplaceName, ofProduct, paging, several, text } from './route-parts.ts'
import { dryRun, pageOf, productDetail, sync } from './schemas.ts'

const TAG = 'Review'
const words = {
  text: z
    .string()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL holds no NUL
    .regex(/^[^\u0000]*[^\s\u0000][^\u0000]*$/)
    .max(200)
    .describe(
      'words that must all be in sku, code, title or brand: a page looks at four thousand products for them, and may be short',
    ),
}
const state = several(z.enum(RETRY_OUTCOMES)).describe('default: error')
const matchKey = {
  productId: z.uuid(),
  marketplace: marketplaceName.describe('a country code or id'),
}
const listProblems = ['invalid-fields', 'invalid-cursor'] as const
const bodyProblems = [
  'invalid-fields',
  'invalid-document',
  'request-timeout',
  'body-too-large',
  'unsupported-content',
] as const
const ifMatch = {
  'if-match': z.string().describe('the `etag` of the match that was seen, instead of `version`'),
}
const decisionProblems = [...bodyProblems, 'not-found', 'changed-meanwhile', 'version-required'] as const
const duration = z.string().regex(/^[1-9]\d{0,3}(m|h|d)$/)

/** What needs a person, and who did what. */
export const reviewRoutes: readonly RouteDescription[] = [
  {
    method: 'PATCH',
    path: '/products/:id',
    operationId: 'editProduct',
    tag: 'Products',
    summary: 'Changes fields of a product in place; a new code makes it pending, so that it syncs by itself.',
    parameters: { id: z.uuid() },
    body: { required: true, content: json(productEditSchema) },
    answers: { 200: { description: 'The product as it is now.', content: json(productDetail) } },
    problems: [...bodyProblems, 'not-found', 'changed-meanwhile'],
  },
  {
    method: 'GET',
    path: '/api/review/summary',
    operationId: 'getReviewSummary',
    tag: TAG,
    summary: 'How much waits for a person, by the counters.',
    answers: { 200: { description: 'The counts.', content: json(review.reviewSummary) } },
    problems: ['invalid-fields'],
  },
  {
    method: 'GET',
    path: '/api/review/matches',
    operationId: 'listAmbiguousMatches',
    tag: TAG,
    summary: 'Products with several candidates of which none could be chosen, one per marketplace.',
    query: { marketplace, ...ofProduct, ...words, ...paging(50) },
    answers: {
      200: {
        description: 'A page.',
        content: json(pageOf('AmbiguousMatchPage', review.ambiguousMatch)),
      },
    },
    problems: listProblems,
  },
  {
    method: 'GET',
    path: '/api/review/matches/:productId/:marketplace',
    operationId: 'getMatch',
    tag: TAG,
    summary: 'A product beside all that Amazon has for its code, and what was decided.',
    parameters: matchKey,
    answers: { 200: { description: 'The match, whatever its state.', content: json(review.match) } },
    problems: ['invalid-fields', 'not-found'],
  },
  {
    method: 'POST',
    path: '/api/review/matches/:productId/:marketplace/accept',
    operationId: 'acceptMatch',
    tag: TAG,
    summary: 'This item is the product: it stays the match for as long as Amazon returns it.',
    parameters: matchKey,
    headers: ifMatch,
    body: { required: true, content: json(acceptSchema) },
    answers: { 200: { description: 'The match as it is now.', content: json(review.decidedMatch) } },
    problems: [...decisionProblems, 'not-a-candidate'],
  },
  {
    method: 'POST',
    path: '/api/review/matches/:productId/:marketplace/reject',
    operationId: 'rejectMatch',
    tag: TAG,
    summary: 'These items, or all, are not the product: they are never chosen again.',
    parameters: matchKey,
    headers: ifMatch,
    body: { required: true, content: json(rejectSchema) },
    answers: { 200: { description: 'The match as it is now.', content: json(review.decidedMatch) } },
    problems: [...decisionProblems, 'not-a-candidate'],
  },
  {
    method: 'POST',
    path: '/api/review/matches/:productId/:marketplace/undo',
    operationId: 'undoDecision',
    tag: TAG,
    summary: 'Takes back what was decided last.',
    parameters: matchKey,
    headers: ifMatch,
    body: { required: false, content: json(undoSchema) },
    answers: { 200: { description: 'The match as it is now.', content: json(review.decidedMatch) } },
    problems: [...decisionProblems, 'nothing-to-undo'],
  },
  {
    method: 'GET',
    path: '/api/review/decisions',
    operationId: 'listDecisions',
    tag: TAG,
    summary: 'What people decided about matches, the newest first.',
    query: {
      marketplace,
      active: z.boolean().describe('only those that hold, or only those that do not'),
      decidedBy: several(),
      ...paging(50),
    },
    answers: {
      200: { description: 'A page.', content: json(pageOf('MatchDecisionPage', review.matchDecision)) },
    },
    problems: listProblems,
  },
  {
    method: 'GET',
    path: '/api/review/invalid-codes',
    operationId: 'listInvalidCodes',
    tag: TAG,
    summary: 'Codes that can not be looked up: what is wrong with them, and what may be meant.',
    query: {
      marketplace,
      ...ofProduct,
      ...words,
      repair: z
        .enum(['any', 'sure', 'proposed', 'none'])
        .default('any')
        .describe('by what is proposed; a page may be short'),
      ...paging(50),
    },
    answers: {
      200: { description: 'A page.', content: json(pageOf('InvalidCodePage', review.invalidCode)) },
    },
    problems: listProblems,
  },
  {
    method: 'POST',
    path: '/api/review/invalid-codes/repair',
    operationId: 'repairCodes',
    tag: TAG,
    summary: 'Takes every proposal that is sure; ten thousand products a request.',
    body: { required: false, content: json(repairSchema) },
    answers: {
      200: { description: 'What was done, or would be.', content: json(review.codeRepairs) },
    },
    problems: [...bodyProblems, 'invalid-cursor'],
  },
  {
    method: 'GET',
    path: '/api/review/failures',
    operationId: 'listFailureGroups',
    tag: TAG,
    summary: 'What failed, by cause; fifty thousand products of each state are looked at.',
    query: { state, marketplace, ...ofProduct },
    answers: { 200: { description: 'The groups.', content: json(review.failureGroups) } },
    problems: listProblems,
  },
  {
    method: 'GET',
    path: '/api/review/failures/products',
    operationId: 'listFailures',
    tag: TAG,
    summary: 'Products that failed, for these causes or for any, one per marketplace.',
    query: { state, cause: several(), marketplace, ...ofProduct, ...words, ...paging(50) },
    answers: {
      200: { description: 'A page.', content: json(pageOf('FailedProductPage', review.failedProduct)) },
    },
    problems: listProblems,
  },
  {
    method: 'POST',
    path: '/api/review/failures/retry',
    operationId: 'retryFailures',
    tag: TAG,
    summary: 'Asks again for what stands in these states for these causes, as a sync.',
    headers: {
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/)
        .describe('a second request with the same key and body starts nothing'),
    },
    body: { required: false, content: json(retryFailuresSchema) },
    answers: {
      200: { description: 'A dry run: what it would come to.', content: json(dryRun) },
      202: { description: 'It is under way; `location` says where to follow it.', content: json(sync) },
    },
    problems: [
      ...bodyProblems,
      'no-marketplace',
      'sync-under-way',
      'idempotency-key-reused',
      'amazon-unconfigured',
      'amazon-refused',
      'amazon-unavailable',
    ],
  },
  {
    method: 'GET',
    path: '/api/review/dead-letters',
    operationId: 'listDeadLetters',
    tag: TAG,
    summary: 'The newest records that nobody could use, and how many for which cause.',
    query: {
      topic: z.enum(originTopics),
      group: text,
      cause: text,
      since: duration.describe('of this time up to now, such as 2h'),
      redriven: z.enum(['any', 'yes', 'no']).default('any'),
      limit: paging(50).limit,
    },
    answers: { 200: { description: 'The letters.', content: json(review.deadLetters) } },
    problems: [...listProblems, 'not-found'],
  },
  {
    method: 'POST',
    path: '/api/review/dead-letters/redrive',
    operationId: 'redriveDeadLetters',
    tag: TAG,
    summary: 'Appends dead letters to the topics that they came from, as they came.',
    body: { required: true, content: json(redriveSchema) },
    answers: { 200: { description: 'What was done, or would be.', content: json(review.redrive) } },
    problems: [...bodyProblems, 'not-found'],
  },
  {
    method: 'GET',
    path: '/api/audit',
    operationId: 'listAudit',
    tag: 'Access',
    summary: 'Who changed, or tried to change, what; the newest first.',
    query: {
      caller: several(),
      action: several(),
      since: date,
      until: date,
      ...paging(50),
    },
    answers: {
      200: { description: 'A page.', content: json(pageOf('AuditPage', review.auditEntry)) },
    },
    problems: listProblems,
  },
]
