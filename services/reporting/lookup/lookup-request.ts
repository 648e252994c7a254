import type { Context } from 'koa'
import { z } from 'zod'
import { durationPattern, parseDuration } from '#libs/service/duration.ts'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { findMarketplace, type Marketplace } from '#libs/sp-api/index.ts'
import { contentType, readJson } from '../body.ts'
import { type Query, readQuery } from '../query.ts'
import { fieldErrors } from '../zod-errors.ts'

/** Most that a batch may hold by its description; MAX_BATCH_SIZE is what it may hold here. */
export const MOST_OF_A_BATCH = 1_000
const MAX_BODY_BYTES = 1_000_000
const MAX_AGE_DAYS = 365
const MAX_INT = 2_147_483_647

const seconds = /^\d{1,9}$/
/** `15m`, or seconds. */
export const maxAgeQuery = z.string().regex(new RegExp(`${durationPattern.source}|${seconds.source}`))
export const maxAgeSchema = z.union([
  maxAgeQuery,
  z
    .int()
    .min(0)
    .max(MAX_AGE_DAYS * 86_400),
])
const text = z.string().max(1_000)
const asin = z.string().min(1).max(100)
/** What a product is known by beside its code: it decides between items that have the same one. */
const factsShape = {
  title: text.nullable().optional(),
  brand: text.nullable().optional(),
  packQuantity: z.int().min(1).max(MAX_INT).nullable().optional(),
}
const code = z.string()
// The object first: its complaints are told of what is neither.
const codeSchema = z.union([z.strictObject({ code, ...factsShape }), code])

export const asinSchema = z.union([asin, z.strictObject({ asin, maxAge: maxAgeSchema.optional() })])
const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MOST_OF_A_BATCH)
export const asinsSchema = z.union([
  listOf(asin),
  z.strictObject({ asins: listOf(asin), maxAge: maxAgeSchema.optional() }),
])
export const codesSchema = z.union([
  listOf(codeSchema),
  z.strictObject({ codes: listOf(codeSchema), maxAge: maxAgeSchema.optional() }),
])

export interface ProductFactsAsked {
  readonly title: string | null
  readonly brand: string | null
  readonly packQuantity: number | null
}

export interface AskedCode {
  readonly code: string
  /** Null: nothing but the code is told. */
  readonly facts: ProductFactsAsked | null
}

/** The marketplace of a path or a query. Throws 400 for one that there is not. */
export function marketplaceOf(name: string, field: string): Marketplace {
  try {
    return findMarketplace(name)
  } catch {
    throw invalidFields([
      {
        field,
        message: `${JSON.stringify(name.slice(0, 40))} is not a marketplace: use a country code such as US, GB or IN, an id, or a domain such as amazon.co.uk`,
      },
    ])
  }
}

/** The query of a lookup by GET. Throws 400. */
export function readLookupQuery(
  ctx: Context,
  names: readonly ('marketplace' | 'maxAge' | 'title' | 'brand' | 'packQuantity')[],
): {
  readonly marketplace: string | undefined
  readonly maxAgeMs: number | undefined
  readonly facts: ProductFactsAsked | null
} {
  const query = readQuery(ctx, names)
  const errors: FieldError[] = []
  const maxAge = one(query, 'maxAge', errors)
  const pack = one(query, 'packQuantity', errors)
  const packQuantity = pack === undefined ? null : Number(pack)
  if (
    packQuantity !== null &&
    !(Number.isInteger(packQuantity) && packQuantity >= 1 && packQuantity <= MAX_INT)
  )
    errors.push({ field: 'packQuantity', message: 'must be a whole number from 1' })
  const [title, brand] = (['title', 'brand'] as const).map((name) => one(query, name, errors) ?? null)
  const marketplace = one(query, 'marketplace', errors)
  const maxAgeMs = maxAge === undefined ? undefined : ageOf(maxAge, errors)
  if (errors.length > 0) throw invalidFields(errors)
  return { marketplace, maxAgeMs, facts: factsOf({ title, brand, packQuantity }) }
}

/** The body of a lookup by POST, held to its schema. Throws 400, 413 and 415. */
export async function readLookupBody<T extends z.ZodType>(
  ctx: Context,
  schema: T,
  known: Readonly<Record<string, readonly string[]>>,
): Promise<z.output<T>> {
  readQuery(ctx, [])
  const { type } = contentType(ctx.req)
  if (type !== 'application/json')
    throw new Problem(
      'unsupported-content',
      `what to look up is sent as application/json, not ${type || 'an unnamed type'}: set the header content-type: application/json`,
    )
  const body = await readJson(ctx.req, MAX_BODY_BYTES)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const branch = formOf(schema, body)
  const again = branch.safeParse(body)
  throw invalidFields(again.success ? [] : fieldErrors(again.error, body, known))
}

/** The entries of a batch. Throws 400 when there are more than may be. */
export function withinBatch<T>(entries: readonly T[], most: number, field: string): readonly T[] {
  if (entries.length <= most) return entries
  throw invalidFields([
    {
      field,
      message: `has ${entries.length} entries where ${most} may be (MAX_BATCH_SIZE): send several batches`,
    },
  ])
}

/** A `maxAge` of a body in milliseconds. Throws 400. */
export function readMaxAge(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined
  const errors: FieldError[] = []
  const ms = ageOf(String(value), errors)
  if (errors.length > 0) throw invalidFields(errors)
  return ms
}

export function askedCode(entry: z.output<typeof codeSchema>): AskedCode {
  return typeof entry === 'string'
    ? { code: entry, facts: null }
    : { code: entry.code, facts: factsOf(entry) }
}

function factsOf(given: {
  readonly title?: string | null | undefined
  readonly brand?: string | null | undefined
  readonly packQuantity?: number | null | undefined
}): ProductFactsAsked | null {
  const title = given.title?.trim() || null
  const brand = given.brand?.trim() || null
  const packQuantity = given.packQuantity ?? null
  return title === null && brand === null && packQuantity === null ? null : { title, brand, packQuantity }
}

function ageOf(value: string, errors: FieldError[]): number {
  const ms = seconds.test(value) ? Number(value) * 1_000 : parseDuration(value)
  if (ms !== null && ms <= MAX_AGE_DAYS * 86_400_000) return ms
  errors.push({
    field: 'maxAge',
    message: `must be a duration such as 15m or 24h, or seconds, of at most ${MAX_AGE_DAYS} days; 0 asks Amazon`,
  })
  return 0
}

function one(query: Query, name: string, errors: FieldError[]): string | undefined {
  const values = query.all(name)
  if (values && values.length > 1) errors.push({ field: name, message: 'may be given once' })
  return values?.[0]
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a union of a short form and an object, the one that was meant. */
function formOf(schema: z.ZodType, body: unknown): z.ZodType {
  return schema instanceof z.ZodUnion ? (schema.options.at(isRecord(body) ? -1 : 0) as z.ZodType) : schema
}
