import type { Context } from 'koa'
import type { z } from 'zod'
import type { ReviewFilter } from '#libs/db/review-walk.ts'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { findMarketplace } from '#libs/sp-api/marketplaces.ts'
import { contentType, readJson } from '../body.ts'
import type { Query } from '../query.ts'
import { fieldErrors, hasUnstorableText } from '../zod-errors.ts'

const MAX_BODY_BYTES = 1_000_000
const MAX_TEXT = 200

/** Parameters that choose products; `text` is for lists alone. */
export const productParameters = ['supplier', 'brand', 'category', 'sku', 'upc', 'asin'] as const

/** The filter of a list; problems are added to `errors`. */
export function readFilter(query: Query, errors: FieldError[]): ReviewFilter {
  const marketplaces = query.all('marketplace')?.map((name) => marketplaceOf(name, errors))
  const [text, ...more] = query.all('text') ?? []
  if (more.length > 0) errors.push({ field: 'text', message: 'may be given once' })
  if (text !== undefined && (text.trim() === '' || text.length > MAX_TEXT))
    errors.push({ field: 'text', message: `must have 1 to ${MAX_TEXT} characters` })
  const columns = productParameters.flatMap((name) => {
    const values = query.all(name)
    return values === undefined ? [] : [[name, values] as const]
  })
  return {
    ...Object.fromEntries(columns),
    ...(marketplaces && { marketplaces }),
    ...(text !== undefined && { text: text.trim() }),
  }
}

/** The id of a marketplace by id or country code. */
export function marketplaceOf(name: string, errors: FieldError[], field = 'marketplace'): string {
  try {
    return findMarketplace(name).marketplaceId
  } catch {
    const given = JSON.stringify(name.slice(0, 40))
    errors.push({ field, message: `${given} is not a marketplace: use a country code such as US, or an id` })
    return name
  }
}

/** One of several words, or undefined when it is absent. */
export function oneOf<T extends string>(
  query: Query,
  name: string,
  known: readonly T[],
  errors: FieldError[],
): T | undefined {
  const values = query.all(name)
  if (values === undefined) return undefined
  const found = known.find((one) => one === values[0])
  if (found === undefined || values.length > 1)
    errors.push({ field: name, message: `must be one of ${known.join(', ')}` })
  return found
}

export function throwIfAny(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidFields(errors)
}

/** A body as its schema has it; an empty one is `{}`. Throws 400 with all that is wrong, and 415. */
export async function readBodyAs<T extends z.ZodType>(
  ctx: Context,
  schema: T,
  fields: Readonly<Record<string, readonly string[]>>,
): Promise<z.output<T>> {
  const { type } = contentType(ctx.req)
  const body = await readJson(ctx.req, MAX_BODY_BYTES)
  if (body !== undefined && type !== 'application/json') {
    throw new Problem(
      'unsupported-content',
      `this is taken as application/json, not as ${type || 'an unnamed type'}: set the header content-type: application/json`,
    )
  }
  // `null` is a document, and none that says what is meant.
  const document = body === undefined ? {} : body
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Problem('invalid-document', 'the body must be a JSON object')
  const parsed = schema.safeParse(document)
  if (!parsed.success) throw invalidFields(fieldErrors(parsed.error, document, fields))
  if (hasUnstorableText(document))
    throw invalidFields([
      { field: 'body', message: 'has a NUL character or half a surrogate pair: remove it' },
    ])
  return parsed.data
}
