import type { Answer } from '../http-client.ts'
import type { ApiDefinition, Operation } from '../operations/operation.ts'
import { problems, validatorAt } from '../operations/schemas.ts'

/** One ask of a batch. */
export interface Entry<Q> {
  readonly ask: Q
  /** Tells it from all others of its batch; short. */
  readonly tag: string
}

/** What Amazon answered to one ask of a batch. */
export interface Part<A> {
  /** The subject that it names; null: it names none. */
  readonly subject: string | null
  /** Its own HTTP status, whatever the whole answer's is. */
  readonly status: number
  readonly requestId: string | null
  /** Amazon's `ErrorList`, unread. */
  readonly errors: unknown
  /** What was asked for. Throws when it is not as Amazon's model says; the message names places, never content. */
  answer(): A
}

/** A request for some asks of one marketplace. */
export interface BatchRequest {
  readonly operation: Operation<object, unknown>
  readonly parameters: object
}

/**
 * An operation that takes many asks in one request. `Q`: one ask. `A`: the answer to one ask.
 *
 * Its subject (an ASIN, a SKU) is what an answer is joined to its ask by, so a request holds each subject once: Amazon
 * does not promise the order of answers, and refuses a request that asks for one thing twice.
 */
export interface BatchOperation<Q, A> {
  readonly operationId: string
  /** Asks of one request at most. */
  readonly most: number
  /** Two asks of the same text are one and the same. */
  sameness(ask: Q): string
  subject(entry: Entry<Q>): string
  /** Why Amazon would refuse the ask, and with it all of its request; null: nothing is known against it. */
  problem(ask: Q): string | null
  request(marketplaceId: string, entries: readonly Entry<Q>[]): BatchRequest
  parts(body: unknown): readonly Part<A>[]
}

/** What sends the requests: `SpApi`, or whatever else knows `SpApi.call`. */
export interface BatchCaller {
  call<P extends object, A>(operation: Operation<P, A>, parameters: P, options?: object): Promise<Answer<A>>
}

/**
 * The operation with the list of its answers unread: one that is not as it should be must not take the others with it.
 * `list`: the schema of that list.
 */
export function withUnreadParts<P, A>(operation: Operation<P, A>, list: string): Operation<P, A> {
  const { operations, schemas } = operation.definition
  if (schemas[list] === undefined) throw new Error(`${operation.api} has no schema ${list}`)
  return { ...operation, definition: { operations, schemas: { ...schemas, [list]: { type: 'array' } } } }
}

/** A value as the schema of that name says. Throws as `Part.answer` does. */
export function checked<T>(
  { definition }: { readonly definition: ApiDefinition },
  schema: string,
  value: unknown,
): T {
  const validate = validatorAt(definition, 'answer', `/schemas/${schema}`)
  if (validate(value)) return value as T
  throw new Error(problems(validate.errors, schema).slice(0, 3).join(', '))
}

/** `value.first.second…` of untrusted JSON; undefined when there is no such thing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

/** The list there, or an empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The text there; null when there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path)
  return typeof found === 'string' && found !== '' ? found : null
}

/** Ten letters and digits. Amazon's own pattern is narrower, and was widened before. */
export function asinProblem(asin: string): string | null {
  return /^[A-Z0-9]{10}$/.test(asin) ? null : `"${asin.slice(0, 40)}" is no ASIN`
}

export function skuProblem(sku: string): string | null {
  return sku.trim() === '' ? 'a SKU is empty' : null
}
