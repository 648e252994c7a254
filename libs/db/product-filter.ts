import { z } from 'zod'
import { syncStates } from './entities.ts'

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item.transform((value) => [value]), z.array(item).min(1).max(10_000)])

/** PostgreSQL holds no NUL in text. */
const text = z
  .string()
  .min(1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that one is what is refused
  .regex(/^[^\u0000]*$/, 'must not contain the character U+0000')

/** Which products are meant: every given field must agree; within a field, any of its values. Empty means all. */
export const productFilterSchema = z.strictObject({
  supplier: oneOrMore(text).optional(),
  category: oneOrMore(text).optional(),
  brand: oneOrMore(text).optional(),
  sku: oneOrMore(text).optional(),
  upc: oneOrMore(text).optional(),
  status: oneOrMore(z.enum(syncStates)).optional(),
  /** Only products that Amazon has not answered for since then, or never. */
  notSyncedSince: z.iso
    .datetime({ offset: true })
    // PostgreSQL's years begin with 1.
    .refine((value) => !value.startsWith('0000'), 'must be a date of the year 1 or later')
    .optional(),
  /** Only products that stand as they do, in any marketplace, for one of these causes: see `failure_cause`. */
  cause: oneOrMore(text).optional(),
})
export type ProductFilter = z.infer<typeof productFilterSchema>

/** The filter as SQL over `products p`, with its values appended to `parameters`. */
export function productFilterSql(filter: ProductFilter, parameters: unknown[]): string {
  const conditions: string[] = []
  const bind = (value: unknown): string => `$${parameters.push(value)}`
  if (filter.supplier) conditions.push(`p.supplier = any (${bind(filter.supplier)}::text[])`)
  if (filter.category) conditions.push(`p.category = any (${bind(filter.category)}::text[])`)
  if (filter.brand) conditions.push(`p.brand = any (${bind(filter.brand)}::text[])`)
  if (filter.sku) conditions.push(`p.sku = any (${bind(filter.sku)}::text[])`)
  if (filter.upc) conditions.push(`p.upc = any (${bind(filter.upc)}::text[])`)
  if (filter.status) {
    const states = bind(filter.status)
    conditions.push(`p.sync_status = any (${states}::text[])`)
    // sync_status itself has no index (it changes with every sync); the exceptions are few and have one.
    if (filter.status.every((state) => exceptionStates.has(state))) {
      conditions.push(`exists (select 1 from product_syncs s where s.product_id = p.id and s.state = any (${states}::text[])
        and s.state in ('not_found', 'ambiguous', 'invalid', 'restricted', 'error'))`)
    }
  }
  if (filter.notSyncedSince) {
    const since = bind(filter.notSyncedSince)
    conditions.push(`(p.last_amazon_sync is null or p.last_amazon_sync < ${since}::timestamptz)`)
  }
  if (filter.cause) {
    conditions.push(`exists (select 1 from product_syncs s where s.product_id = p.id
      and s.state in ('not_found', 'ambiguous', 'invalid', 'restricted', 'error')
      and failure_cause(s.last_result, s.last_reason) = any (${bind(filter.cause)}::text[]))`)
  }
  return conditions.length === 0 ? 'true' : conditions.join(' and ')
}

/** The filter as SQL over `product_syncs s`: a cause is that of the row itself. */
export function standingSql({ cause, ...filter }: ProductFilter, parameters: unknown[]): string {
  // An expression and not a join, which the planner could begin with the products.
  const ofProduct = `(select true from products p where p.id = s.product_id and ${productFilterSql(filter, parameters)})`
  if (!cause) return ofProduct
  return `failure_cause(s.last_result, s.last_reason) = any ($${parameters.push(cause)}::text[]) and ${ofProduct}`
}

const exceptionStates: ReadonlySet<string> = new Set([
  'not_found',
  'ambiguous',
  'invalid',
  'restricted',
  'error',
])
