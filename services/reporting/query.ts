import type { Context } from 'koa'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { uuidPattern } from './cursor.ts'

export const MAX_LIMIT = 200
const DEFAULT_LIMIT = 50
/** Values of one parameter that is given several times. */
const MAX_VALUES = 100

export interface Query {
  /** Every value of a parameter that may be repeated; undefined when it is absent. */
  all(name: string): readonly string[] | undefined
  readonly limit: number
  readonly cursor: string | undefined
}

/**
 * The parameters of a list: those named, `limit` and `cursor`. Throws 400, with all that is wrong, for others and for
 * values that can not be.
 */
export function readQuery(ctx: Context, names: readonly string[], defaultLimit = DEFAULT_LIMIT): Query {
  const parameters = new URLSearchParams(ctx.querystring)
  const known = [...names, 'limit', 'cursor']
  const errors: FieldError[] = []
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name)
    const message = known.includes(name)
      ? valuesProblem(name, values)
      : `is not a parameter of this route: use ${known.join(', ')}`
    if (message) errors.push({ field: name.slice(0, 60), message })
  }
  const limit = parameters.has('limit') ? toLimit(parameters.get('limit') as string) : defaultLimit
  if (limit === undefined) errors.push({ field: 'limit', message: `must be from 1 to ${MAX_LIMIT}` })
  if (errors.length > 0) throw invalidFields(errors)
  return {
    all: (name) => (parameters.has(name) ? parameters.getAll(name) : undefined),
    limit: limit as number,
    cursor: parameters.get('cursor') ?? undefined,
  }
}

/** The id in the path; throws 400 when it is not a UUID. */
export function readId(ctx: Context & { params: Record<string, string> }, name = 'id'): string {
  const id = ctx.params[name] ?? ''
  if (uuidPattern.test(id)) return id.toLowerCase()
  throw new Problem('invalid-request', `${JSON.stringify(id.slice(0, 60))} is not an id: ids are UUIDs`)
}

function valuesProblem(name: string, values: readonly string[]): string | undefined {
  if ((name === 'limit' || name === 'cursor') && values.length > 1) return 'may be given once'
  if (values.length > MAX_VALUES) return `may be given ${MAX_VALUES} times`
  if (values.includes('')) return 'must not be empty: leave it out'
  if (values.some((value) => value.includes('\0'))) return 'must not have a NUL character'
  return undefined
}

function toLimit(text: string): number | undefined {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined
}
