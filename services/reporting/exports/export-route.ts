import { Readable } from 'node:stream'
import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Database } from '#libs/db/database.ts'
import { type SyncState, syncStates } from '#libs/db/entities.ts'
import { type ExportFilter, exportRows } from '#libs/db/product-export.ts'
import type { Logger } from '#libs/service/logger.ts'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { uuidPattern } from '../cursor.ts'
import { type Query, readQuery } from '../query.ts'
import { marketplaceOf } from '../review/request.ts'
import { contentTypes, csvReaders, encodeExport, exportFormats } from './formats.ts'

const filters = ['supplier', 'category', 'brand', 'sku', 'upc', 'asin'] as const
const parameters = [...filters, 'marketplace', 'syncStatus', 'state', 'failures', 'job', 'format', 'csvFor']
/** Outcomes without a match, each for a reason of its own: what people take away to mend. */
export const failureStates: readonly SyncState[] = [
  'error',
  'invalid',
  'not_found',
  'ambiguous',
  'restricted',
]
/** Each holds a connection to PostgreSQL. */
const MAX_EXPORTS = 2

export interface ExportRoute {
  readonly db: Database
  readonly logger: Logger
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** `GET /products/export`: a filtered list as CSV, NDJSON or XLSX, streamed, a row per product and marketplace. */
export function addExportRoute(router: Router, { db, logger, clock }: ExportRoute): void {
  let running = 0

  router.get('/products/export', async (ctx: Context) => {
    const query = readQuery(ctx, parameters)
    const { filter, format, csvFor } = readExport(query)
    if ('limit' in ctx.query || 'cursor' in ctx.query)
      throw new Problem(
        'invalid-request',
        'an export has no pages: leave limit and cursor out, or use GET /products',
      )
    ctx.set({
      'content-type': contentTypes[format],
      'content-disposition': `attachment; filename="products-${stamp(clock())}.${format}"`,
    })
    if (running >= MAX_EXPORTS)
      throw new Problem('too-many-requests', `${running} exports run already: try again when one has ended`, {
        headers: { 'retry-after': '10' },
      })
    if (ctx.method === 'HEAD') {
      // Nothing is read: whoever asks wants to know whether a download would begin.
      ctx.status = 200
      return
    }
    running++
    const rows = await begun(exportRows(db, filter)).catch((error: unknown) => {
      running--
      throw error
    })
    const body = Readable.from(encodeExport(rows, format, csvFor), { objectMode: false })
    body.once('close', () => {
      running--
      // Not ended by its encoder when nobody read a byte of it.
      void rows.return?.().catch((error: unknown) => logger.warn({ err: error }, 'an export did not end'))
    })
    body.once('error', (error) => {
      logger.error({ err: error, requestId: ctx.state.requestId }, 'an export broke off')
      // What was sent looks like a whole file otherwise.
      ctx.res.destroy()
    })
    ctx.body = body
  })
}

/** Waits for the first rows, so that what PostgreSQL refuses is answered by a problem, not by half a file. */
async function begun<T>(
  source: AsyncGenerator<T, void, undefined>,
): Promise<AsyncGenerator<T, void, undefined>> {
  const first = await source.next()
  return (async function* () {
    try {
      if (first.done) return
      yield first.value
      yield* source
    } finally {
      await source.return()
    }
  })()
}

function readExport(query: Query) {
  const errors: FieldError[] = []
  const one = <T extends string>(name: string, known: readonly T[], fallback: T): T => {
    const values = query.all(name) ?? [fallback]
    const found = known.find((candidate) => candidate === values[0])
    if (found !== undefined && values.length === 1) return found
    errors.push({ field: name, message: `must be one of ${known.join(', ')}` })
    return fallback
  }
  const states = (name: string): readonly SyncState[] | undefined => {
    const values = query.all(name)
    const unknown = values?.find((value) => !syncStates.includes(value as SyncState))
    if (unknown !== undefined)
      errors.push({
        field: name,
        message: `${JSON.stringify(unknown.slice(0, 40))} is not a state: use ${syncStates.join(', ')}`,
      })
    return values as readonly SyncState[] | undefined
  }
  const format = one('format', exportFormats, 'csv')
  const csvFor = one('csvFor', csvReaders, 'spreadsheet')
  const status = states('syncStatus')
  const failures = one('failures', ['true', 'false'], 'false') === 'true'
  const state = failures ? failureStates : states('state')
  if (failures && query.all('state'))
    errors.push({ field: 'failures', message: 'is a list of states itself: use it or state, not both' })
  const marketplaces = query.all('marketplace')?.map((name) => marketplaceOf(name, errors))
  const jobs = query.all('job')
  if (jobs && (jobs.length > 1 || !uuidPattern.test(jobs[0] ?? '')))
    errors.push({ field: 'job', message: 'must be the id of one sync job' })
  if (errors.length > 0) throw invalidFields(errors)
  const filter = {
    ...Object.fromEntries(filters.map((name) => [name, query.all(name)])),
    marketplaces,
    status,
    state,
    job: jobs?.[0],
  }
  return {
    filter: Object.fromEntries(
      Object.entries(filter).filter(([, values]) => values !== undefined),
    ) as ExportFilter,
    format,
    csvFor,
  }
}

/** `20260131-2359` */
const stamp = (ms: number): string =>
  new Date(ms).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 13)
