import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { z } from 'zod'
import type { RetryOutcome } from '#libs/db/jobs.ts'
import type { ProductFilter } from '#libs/db/product-filter.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { contentType, MAX_JSON_BYTES, readJson } from '../body.ts'
import { syncRequestSchema } from '../sync-request.ts'
import { fieldErrors } from '../zod-errors.ts'

/** States of a product that may be asked for again. */
export const RETRY_OUTCOMES = [
  'error',
  'not_found',
  'ambiguous',
  'invalid',
  'restricted',
] as const satisfies readonly RetryOutcome[]

const optionsSchema = z.object({
  /** Only say what it would come to. */
  dryRun: z.boolean().default(false),
  /** Ask Amazon first whether it can be asked at all. */
  checkConnection: z.boolean().default(true),
})
export type StartOptions = z.output<typeof optionsSchema>

export const retrySchema = z.strictObject({
  ...optionsSchema.shape,
  outcomes: z.array(z.enum(RETRY_OUTCOMES)).min(1).max(RETRY_OUTCOMES.length).default(['error']),
})
export type RetryRequest = z.output<typeof retrySchema>

/** The whole body of a request for a sync that is a job. */
export const startSchema = syncRequestSchema.extend(optionsSchema.partial().shape)

/** The JSON object of a request, `{}` when there is no body. Throws 400 and 415. */
export async function readObject(ctx: Context, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const { type } = contentType(ctx.req)
  const document = await readJson(ctx.req, Math.min(MAX_JSON_BYTES, maxBytes))
  // `null` is a document, and none that says what is meant.
  const body = document === undefined ? {} : document
  if (Object.keys(body ?? {}).length > 0 && type !== 'application/json') {
    throw new Problem(
      'unsupported-content',
      `a sync is described in application/json, not ${type || 'an unnamed type'}: set the header content-type: application/json, or send no body`,
    )
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('invalid-document', 'the body must be a JSON object, or empty')
  }
  return body as Readonly<Record<string, unknown>>
}

/** How a sync is to be started, and the rest of the body, which says what is meant. */
export function splitOptions(body: Readonly<Record<string, unknown>>): {
  readonly options: StartOptions
  readonly scope: Readonly<Record<string, unknown>>
} {
  const { dryRun, checkConnection, ...scope } = body
  const parsed = optionsSchema.safeParse({ dryRun, checkConnection })
  if (!parsed.success) throw invalidFields(fieldErrors(parsed.error, body, {}))
  return { options: parsed.data, scope }
}

export function readRetryRequest(body: Readonly<Record<string, unknown>>): RetryRequest {
  const parsed = retrySchema.safeParse(body)
  if (parsed.success) return parsed.data
  throw invalidFields(fieldErrors(parsed.error, body, { '': Object.keys(retrySchema.shape) }))
}

/**
 * Whether a filter goes over the catalogue: one that names states, an age, skus or codes means just these, however fresh
 * they are.
 */
export function isSweep(filter: ProductFilter): boolean {
  const { status, notSyncedSince, sku, upc } = filter
  return [status, notSyncedSince, sku, upc].every((part) => part === undefined)
}

/**
 * The key under which a request is done once, with a hash of what it asks for. Undefined without `Idempotency-Key`; throws
 * 400 for one that is no key.
 */
export function readIdempotency(
  ctx: Context,
  body: unknown,
): { readonly key: string; readonly requestHash: string } | undefined {
  if (ctx.headers['idempotency-key'] === undefined) return undefined
  const key = ctx.get('idempotency-key')
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Problem('invalid-request', 'Idempotency-Key must have 1 to 255 visible ASCII characters')
  }
  const asked = JSON.stringify([ctx.method, ctx.path, callerOf(ctx), body])
  return { key, requestHash: createHash('sha256').update(asked).digest('hex') }
}

/** Who asks, as jobs name it. */
export function callerOf(ctx: Context): string {
  const { caller } = ctx.state as { readonly caller?: { readonly name: string } }
  return (caller?.name ?? 'api').slice(0, 255)
}
