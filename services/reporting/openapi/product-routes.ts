import { z } from 'zod'
import { syncStates } from '#libs/db/entities.ts'
import { csvReaders } from '../exports/formats.ts'
import { XLSX_TYPE } from '../import-route.ts'
import type { RouteDescription } from './description.ts'
import { productValuesRoutes } from './product-values-routes.ts'
import { json, marketplaceName, ofProduct, paging, several } from './route-parts.ts'
import * as schemas from './schemas.ts'

const productFilter = {
  ...ofProduct,
  syncStatus: several(z.enum(syncStates)),
  marketplace: several(marketplaceName).describe(
    'country codes or ids; `syncStatus` of a list is the state there',
  ),
}
const id = { id: z.uuid() }

/** Products, in and out. */
export const productRoutes: readonly RouteDescription[] = [
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
        'application/json': z.unknown(),
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
]
