import type Router from '@koa/router'
import type { Database } from '#libs/db/database.ts'
import { listAudit } from '#libs/db/review-audit.ts'
import type { FieldError } from '#libs/service/problem.ts'
import { decodeCursor, toPage, uuidPattern } from '../cursor.ts'
import { readQuery } from '../query.ts'
import { throwIfAny } from './request.ts'

/** `GET /api/audit`: who changed, or tried to change, what; for `admin` alone. */
export function addAuditRoutes(router: Router, db: Database): void {
  router.get('/api/audit', async (ctx) => {
    const query = readQuery(ctx, ['caller', 'action', 'since', 'until'])
    const errors: FieldError[] = []
    const since = timeOf('since', query.all('since'), errors)
    const until = timeOf('until', query.all('until'), errors)
    throwIfAny(errors)
    const callers = query.all('caller')
    const actions = query.all('action')
    const before =
      query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'audit', [uuidPattern])[0]
    const entries = await listAudit(db, {
      limit: query.limit + 1,
      ...(before !== undefined && { before }),
      ...(callers && { callers }),
      ...(actions && { actions }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    })
    ctx.body = toPage(entries, query.limit, 'audit', ({ id }) => [id])
  })
}

/** A date or a time with its zone as ISO 8601. */
function timeOf(
  field: string,
  values: readonly string[] | undefined,
  errors: FieldError[],
): string | undefined {
  const value = values?.[0]
  if (value === undefined) return undefined
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN
  // PostgreSQL's years begin with 1.
  if (values?.length === 1 && !Number.isNaN(time) && !value.startsWith('0000'))
    return new Date(time).toISOString()
  errors.push({ field, message: 'must be one time such as 2026-01-31 or 2026-01-31T12:00:00Z' })
  return undefined
}
