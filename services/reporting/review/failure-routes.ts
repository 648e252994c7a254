import type Router from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import { groupFailures, listFailures } from '#libs/db/failures.ts'
import type { NewJob, RetryOutcome } from '#libs/db/jobs.ts'
import { enabledMarketplaces } from '#libs/db/marketplaces.ts'
import { type FieldError, Problem } from '#libs/service/problem.ts'
import { jobDocument, statusUrl } from '../jobs/job-document.ts'
import { RETRY_OUTCOMES, readIdempotency } from '../jobs/job-request.ts'
import { type StartJobs, start } from '../jobs/start-job.ts'
import { type Query, readQuery } from '../query.ts'
import { callerName, recordAction } from './audited.ts'
import { readCursor, writeCursor } from './match-routes.ts'
import { marketplaceOf, productParameters, readBodyAs, readFilter, throwIfAny } from './request.ts'

export interface FailureRoutes extends StartJobs {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

const PATH = '/api/review/failures'

const values = z.union([
  z
    .string()
    .min(1)
    .transform((one) => [one]),
  z.array(z.string().min(1)).min(1).max(100),
])
const retryFilterSchema = z.strictObject({
  state: z
    .array(z.enum(RETRY_OUTCOMES))
    .min(1)
    .max(RETRY_OUTCOMES.length)
    .default(['error'])
    .describe('in which state they stand'),
  cause: values.optional().describe('for which causes, as the groups name them'),
  supplier: values.optional(),
  brand: values.optional(),
  category: values.optional(),
  sku: values.optional(),
  upc: values.optional(),
})
export const retryFailuresSchema = z.strictObject({
  filter: retryFilterSchema.optional(),
  marketplaces: values.optional(),
  note: z.string().trim().max(500, 'may have 500 characters').optional(),
  /** Only say what it would come to. */
  dryRun: z.boolean().default(false),
  /** Ask Amazon first whether it can be asked at all. */
  checkConnection: z.boolean().default(true),
})
const known = {
  '': Object.keys(retryFailuresSchema.shape),
  filter: Object.keys(retryFilterSchema.shape),
}

/** What failed, by cause, and having it tried again. */
export function addFailureRoutes(router: Router, context: FailureRoutes): void {
  const { db, clock } = context

  router.get(PATH, async (ctx) => {
    const query = readQuery(ctx, ['state', 'marketplace', ...productParameters])
    const errors: FieldError[] = []
    const states = statesOf(query, errors)
    const { text: _none, ...filter } = readFilter(query, errors)
    throwIfAny(errors)
    const { groups, read, total } = await groupFailures(db, { ...filter, states })
    ctx.body = { items: groups, read, total, complete: read >= total }
  })

  router.get(`${PATH}/products`, async (ctx) => {
    const query = readQuery(ctx, ['state', 'cause', 'marketplace', ...productParameters, 'text'])
    const errors: FieldError[] = []
    const states = statesOf(query, errors)
    const filter = readFilter(query, errors)
    throwIfAny(errors)
    const causes = query.all('cause')
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const page = await listFailures(db, {
      filter,
      states,
      limit: query.limit,
      ...(causes && { causes }),
      ...(after && { after }),
    })
    ctx.body = { items: page.items, nextCursor: page.next && writeCursor(page.next) }
  })

  router.post(`${PATH}/retry`, async (ctx) => {
    readQuery(ctx, [])
    const body = await readBodyAs(ctx, retryFailuresSchema, known)
    const job = await toJob(ctx, body)
    const { dryRun, checkConnection } = body
    const result = await start(context, job, { dryRun, checkConnection }, (tx, id) =>
      recordAction(
        ctx,
        tx,
        'failures.retry',
        {
          filter: body.filter ?? { state: ['error'] },
          marketplaces: job.marketplaces,
          syncId: id,
          ...(body.note && { note: body.note }),
        },
        202,
      ),
    )
    if ('dryRun' in result) {
      ctx.body = result
      return
    }
    ctx.status = 202
    ctx.set({ location: statusUrl(result.job.id), 'retry-after': '1' })
    if (result.repeated) ctx.set('idempotency-replayed', 'true')
    ctx.body = jobDocument(result.job, clock())
  })

  async function toJob(ctx: Context, body: z.output<typeof retryFailuresSchema>): Promise<NewJob> {
    const enabled = (await enabledMarketplaces(db)).map(({ marketplaceId }) => marketplaceId)
    if (enabled.length === 0)
      throw new Problem(
        'no-marketplace',
        'no marketplace is enabled yet: product-change enables those of MARKETPLACES when it starts',
      )
    const errors: FieldError[] = []
    const wanted = body.marketplaces?.map((name) => marketplaceOf(name, errors, 'marketplaces'))
    if (errors.length === 0)
      for (const id of wanted ?? [])
        if (!enabled.includes(id)) errors.push({ field: 'marketplaces', message: `${id} is not enabled` })
    throwIfAny(errors)
    const { state = ['error'], ...columns } = body.filter ?? {}
    const idempotency = readIdempotency(ctx, body)
    return {
      filter: Object.fromEntries(Object.entries(columns).filter(([, given]) => given !== undefined)),
      marketplaces: [...new Set(wanted ?? enabled)],
      requestedBy: callerName(ctx),
      retry: { of: null, outcomes: [...new Set(state)] },
      ...(idempotency && { idempotency }),
    }
  }
}

function statesOf(query: Query, errors: FieldError[]): readonly RetryOutcome[] {
  const values = query.all('state')
  const unknown = values?.find((value) => !RETRY_OUTCOMES.includes(value as (typeof RETRY_OUTCOMES)[number]))
  if (unknown !== undefined)
    errors.push({
      field: 'state',
      message: `${JSON.stringify(unknown.slice(0, 40))} is none of ${RETRY_OUTCOMES.join(', ')}`,
    })
  return values === undefined ? ['error'] : [...new Set(values as RetryOutcome[])]
}
