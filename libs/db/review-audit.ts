import type { Queryable } from './database.ts'
import { isoTimestamp } from './timestamps.ts'

/** What somebody changed, or tried to change. */
export interface AuditView {
  readonly id: string
  readonly at: string
  readonly caller: string
  readonly keyId: string | null
  readonly method: string
  readonly path: string
  readonly status: number
  readonly requestId: string
  readonly action: string | null
  readonly details: Readonly<Record<string, unknown>> | null
}

export interface AuditPage {
  readonly limit: number
  /** Id of the last one of the page before: ids grow with time. */
  readonly before?: string
  readonly callers?: readonly string[]
  readonly actions?: readonly string[]
  /** At this time or later, and before that one; ISO 8601. */
  readonly since?: string
  readonly until?: string
}

/** Who did what, the newest first. */
export async function listAudit(db: Queryable, page: AuditPage): Promise<readonly AuditView[]> {
  return db.query<AuditView & Record<string, unknown>>(
    `select id, ${isoTimestamp('at')} as at, caller, key_id as "keyId", method, path, status, request_id as "requestId",
            action, details
       from api_audit
      where ($2::uuid is null or id < $2)
        and ($3::text[] is null or caller = any ($3))
        and ($4::text[] is null or action = any ($4))
        and ($5::timestamptz is null or at >= $5)
        and ($6::timestamptz is null or at < $6)
      order by id desc limit $1`,
    [
      page.limit,
      page.before ?? null,
      page.callers ?? null,
      page.actions ?? null,
      page.since ?? null,
      page.until ?? null,
    ],
  )
}
