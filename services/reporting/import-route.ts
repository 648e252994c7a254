import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Database } from '#libs/db/database.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Problem } from '#libs/service/problem.ts'
import { contentType, MAX_JSON_BYTES, readBody, readBytes, readJson } from './body.ts'
import { csvRows } from './imports/csv-rows.ts'
import { importProducts } from './imports/import-products.ts'
import { jsonRows, ndjsonRows } from './imports/json-rows.ts'
import { readLines } from './imports/lines.ts'
import type { Row } from './imports/product-row.ts'
import { MAX_XLSX_BYTES, xlsxRows } from './imports/xlsx-rows.ts'

/** The media type of an XLSX workbook. */
export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export interface ImportRoute {
  readonly db: Database
  readonly logger: Logger
  readonly maxBodyBytes: number
}

/** `POST /products`: JSON, NDJSON, CSV or XLSX, as large as `MAX_BODY_BYTES` allows. */
export function addImportRoute(router: Router, { db, logger, maxBodyBytes }: ImportRoute): void {
  router.post('/products', async (ctx: Context) => {
    const rows = await readRows(ctx, maxBodyBytes)
    const { requestId } = ctx.state
    const report = await importProducts(db, rows, { logger: logger.child({ requestId }) })
    const { errors: _errors, ...counts } = report
    logger.info({ requestId, ...counts }, 'import')
    if (report.received > 0 && report.rejected === report.received) {
      const first = report.errors[0]
      const field = first?.field === undefined ? '' : `${first.field} `
      throw new Problem(
        'no-line-accepted',
        `not one of ${report.received} lines could be taken; line ${first?.line}: ${field}${first?.message}`,
        { members: { ...report } },
      )
    }
    ctx.body = report
  })
}

async function readRows(ctx: Context, maxBytes: number): Promise<AsyncIterable<readonly Row[]>> {
  const { type } = contentType(ctx.req)
  switch (type) {
    case 'text/csv':
      return csvRows(readLines(readBody(ctx.req, { maxBytes })))
    case 'application/x-ndjson':
      return ndjsonRows(readLines(readBody(ctx.req, { maxBytes })))
    case 'application/json': {
      const document = await readJson(ctx.req, Math.min(MAX_JSON_BYTES, maxBytes))
      if (document === undefined) {
        throw new Problem('invalid-document', 'the body is empty: send a product or an array of products')
      }
      return jsonRows(document)
    }
    case XLSX_TYPE: {
      const advice = 'split the workbook, or send it as CSV, which is streamed'
      return xlsxRows(await readBytes(ctx.req, { maxBytes: Math.min(MAX_XLSX_BYTES, maxBytes), advice }))
    }
    default:
      throw new Problem(
        'unsupported-content',
        `products come as text/csv, application/x-ndjson, application/json or an XLSX workbook (${XLSX_TYPE}), not ${type === '' ? 'without a type' : type}. With curl: -H 'content-type: text/csv' --data-binary @products.csv`,
        { headers: { accept: `text/csv, application/x-ndjson, application/json, ${XLSX_TYPE}` } },
      )
  }
}
