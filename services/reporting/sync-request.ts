import { z } from 'zod'
import type { EnabledMarketplace } from '#libs/db/marketplaces.ts'
import { type ProductFilter, productFilterSchema } from '#libs/db/product-filter.ts'
import { durationPattern, parseDuration } from '#libs/service/duration.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { findMarketplace } from '#libs/sp-api/marketplaces.ts'
import { fieldErrors, hasUnstorableText } from './zod-errors.ts'

const MAX_STALE_MS = 100 * 365 * 86_400_000

const filterSchema = productFilterSchema
  .extend({
    staleFor: z
      .string()
      .regex(durationPattern, 'must be a duration such as 30m, 24h or 7d, 100 years at most')
      .describe('a duration such as 24h: only what Amazon has not answered for in this time')
      .optional(),
  })
  // For the published schema; `toFilter` says it in words.
  .meta({ not: { required: ['notSyncedSince', 'staleFor'] } })
/** The body of a request for a sync. */
export const syncRequestSchema = z.strictObject({
  filter: filterSchema.optional(),
  marketplaces: z
    .union([z.string().transform((one) => [one]), z.array(z.string()).min(1).max(100)])
    .optional(),
})

const knownFields = {
  '': Object.keys(syncRequestSchema.shape),
  filter: Object.keys(filterSchema.shape),
}

/** What a sync is asked for: everything when the body is empty. Throws 400 with all that is wrong. */
export function readSyncRequest(
  body: unknown,
  enabled: readonly EnabledMarketplace[],
  now: number,
): { readonly filter: ProductFilter; readonly marketplaces: readonly string[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem(
      'invalid-document',
      'the body must be a JSON object such as {"filter":{"supplier":"Acme"}}, or empty for all products',
    )
  }
  const parsed = syncRequestSchema.safeParse(body)
  if (!parsed.success) throw invalidFields(fieldErrors(parsed.error, body, knownFields))
  if (hasUnstorableText(body)) {
    throw invalidFields([
      { field: 'filter', message: 'has a NUL character or half a surrogate pair: remove it' },
    ])
  }
  const { filter = {}, marketplaces } = parsed.data
  return { filter: toFilter(filter, now), marketplaces: chooseMarketplaces(marketplaces, enabled) }
}

function toFilter(filter: z.infer<typeof filterSchema>, now: number): ProductFilter {
  const { staleFor, ...rest } = filter
  if (staleFor === undefined) return rest
  const field = 'filter.staleFor'
  if (rest.notSyncedSince !== undefined) {
    throw invalidFields([{ field, message: 'says the same as notSyncedSince: give one of them' }])
  }
  const ms = parseDuration(staleFor)
  if (ms === null || ms > MAX_STALE_MS) {
    throw invalidFields([{ field, message: 'must be a duration such as 30m, 24h or 7d, 100 years at most' }])
  }
  return { ...rest, notSyncedSince: new Date(now - ms).toISOString() }
}

function chooseMarketplaces(
  wanted: readonly string[] | undefined,
  enabled: readonly EnabledMarketplace[],
): readonly string[] {
  if (enabled.length === 0) {
    throw new Problem(
      'no-marketplace',
      'no marketplace is enabled yet: product-change enables those of MARKETPLACES when it starts',
    )
  }
  if (wanted === undefined) return enabled.map((one) => one.marketplaceId)
  const list = enabled.map((one) => `${one.countryCode} (${one.marketplaceId})`).join(', ')
  const ids = wanted.map((name) => enabled.find((one) => one.marketplaceId === idOf(name))?.marketplaceId)
  const missing = wanted.filter((_, i) => ids[i] === undefined)
  if (missing.length > 0) {
    throw invalidFields(
      missing.map((name) => ({
        field: 'marketplaces',
        message: `${JSON.stringify(name.slice(0, 40))} is not an enabled marketplace: use ${list}, or add it to MARKETPLACES`,
      })),
    )
  }
  return [...new Set(ids as readonly string[])]
}

/** The id of a marketplace of Amazon's by id or country; undefined when there is none. */
function idOf(name: string): string | undefined {
  try {
    return findMarketplace(name).marketplaceId
  } catch {
    // It says which ones Amazon has; which ones are enabled here is what the sender needs.
    return undefined
  }
}
