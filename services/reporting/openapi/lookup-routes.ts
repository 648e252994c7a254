import { z } from 'zod'
import { asinSchema, asinsSchema, codesSchema, maxAgeQuery } from '../lookup/lookup-request.ts'
import type { RouteDescription } from './description.ts'
import * as schemas from './lookup-schemas.ts'
import { json } from './route-parts.ts'

const name = z.string().min(1).max(1_000)
const country = {
  country: z
    .string()
    .min(1)
    .describe(
      'a country code such as US, GB or IN, an id, a domain such as amazon.co.uk; or `default`: the first of MARKETPLACES',
    ),
}
const limits = {
  marketplace: name.describe('a country code, id or domain; default: the first of MARKETPLACES'),
  maxAge: maxAgeQuery.describe(
    'what is older is asked for anew: 15m, 24h, or seconds; 0 asks Amazon. Default: LOOKUP_MAX_AGE',
  ),
}
const awayProblems = [
  'amazon-unconfigured',
  'amazon-refused',
  'amazon-failed',
  'amazon-unavailable',
  'quota-spent',
  'lookup-timeout',
] as const
const bodyProblems = ['invalid-document', 'request-timeout', 'body-too-large', 'unsupported-content'] as const

/** Items by ASIN, and codes with all their items. */
export const lookupRoutes: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/asin/:asin',
    operationId: 'getItem',
    tag: 'Lookups',
    summary: 'An item, from the database where that is fresh enough, from Amazon where not.',
    parameters: { asin: z.string().min(1) },
    query: limits,
    answers: { 200: { description: 'The item.', content: json(schemas.lookedUpItem) } },
    problems: ['invalid-fields', 'invalid-code', 'not-found', ...awayProblems],
  },
  {
    method: 'GET',
    path: '/asin/:asin/raw',
    operationId: 'getRawItem',
    tag: 'Lookups',
    summary: "Amazon's own answer for an item, asked for now; it is not kept.",
    parameters: { asin: z.string().min(1) },
    query: { marketplace: limits.marketplace },
    answers: { 200: { description: "Amazon's answer.", content: json(schemas.rawAnswer) } },
    problems: ['invalid-fields', 'invalid-code', 'not-found', ...awayProblems],
  },
  {
    method: 'POST',
    path: '/asin/:country',
    operationId: 'lookUpItem',
    tag: 'Lookups',
    summary: 'The same, for one ASIN in the body.',
    parameters: country,
    body: { required: true, content: json(asinSchema) },
    answers: { 200: { description: 'The item.', content: json(schemas.lookedUpItem) } },
    problems: ['invalid-fields', 'invalid-code', 'not-found', ...bodyProblems, ...awayProblems],
  },
  {
    method: 'POST',
    path: '/asin/batch/:country',
    operationId: 'lookUpItems',
    tag: 'Lookups',
    summary: 'Several ASINs, twenty in a call to Amazon; failures stand alone.',
    parameters: country,
    body: { required: true, content: json(asinsSchema) },
    answers: { 200: { description: 'What became of each.', content: json(schemas.itemBatch) } },
    problems: ['invalid-fields', ...bodyProblems, ...awayProblems],
  },
  {
    method: 'GET',
    path: '/lookup/:code',
    operationId: 'lookUpCode',
    tag: 'Lookups',
    summary: 'Every item that Amazon has for a UPC, EAN, GTIN or ISBN, and why one was chosen.',
    parameters: { code: z.string().min(1) },
    query: {
      ...limits,
      title: name.describe('what the product is called: it decides between items that share the code'),
      brand: name,
      packQuantity: z.int().min(1).max(2_147_483_647),
    },
    answers: {
      200: {
        description: 'The candidates; none where Amazon has none.',
        content: json(schemas.lookedUpCode),
      },
    },
    problems: ['invalid-fields', 'invalid-code', ...awayProblems],
  },
  {
    method: 'POST',
    path: '/lookup/batch/:country',
    operationId: 'lookUpCodes',
    tag: 'Lookups',
    summary:
      'Several codes, each with a title and brand to match where they are known; failures stand alone.',
    parameters: country,
    body: { required: true, content: json(codesSchema) },
    answers: { 200: { description: 'What became of each.', content: json(schemas.codeBatch) } },
    problems: ['invalid-fields', ...bodyProblems, ...awayProblems],
  },
]

export const configurationRoute: RouteDescription = {
  method: 'GET',
  path: '/config',
  operationId: 'getConfiguration',
  tag: 'Access',
  summary: 'The configuration in force, secrets masked.',
  answers: {
    200: { description: 'Every variable; null: it is unset.', content: json(schemas.configuration) },
  },
}
