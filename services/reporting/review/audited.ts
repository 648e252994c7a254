import type { Context } from 'koa'
import { type AuditEntry, recordAudit } from '#libs/db/api-keys.ts'
import type { Queryable } from '#libs/db/database.ts'
import type { Caller } from '../access/caller.ts'

/** What is written down of the actions whose method and path do not tell all. */
export const auditActions = [
  'match.accept',
  'match.reject',
  'match.undo',
  'codes.repair',
  'product.edit',
  'failures.retry',
  'dead-letters.redrive',
] as const
export type AuditAction = (typeof auditActions)[number]

export type AuditDetails = Readonly<Record<string, unknown>>

/** Writes down what a request does, in the transaction that does it: neither is there without the other. */
export async function recordAction(
  ctx: Context,
  tx: Queryable,
  action: AuditAction,
  details: AuditDetails,
  status = 200,
): Promise<void> {
  await recordAudit(tx, { ...entryOf(ctx, status), action, details })
  // The guard has nothing to add then, unless it all comes to nothing.
  ctx.state.audited = true
}

export const callerName = (ctx: Context): string =>
  ((ctx.state as { caller?: Caller }).caller?.name ?? 'api').slice(0, 255)

function entryOf(ctx: Context, status: number): AuditEntry {
  const { caller } = ctx.state as { caller?: Caller }
  return {
    caller: callerName(ctx),
    keyId: caller?.keyId ?? null,
    method: ctx.method,
    path: ctx.path,
    status,
    requestId: String(ctx.state.requestId),
  }
}
