import { z } from 'zod'
import type { ProblemCode } from '#libs/service/problem.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A body by its media type; null: its media type says enough. */
export type Content = Readonly<Record<string, z.ZodType | null>>

/** What a route takes and answers. */
export interface RouteDescription {
  readonly method: Method
  /** As the router has it, such as `/products/:id`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  /** Parameters of the path and the query, by name; one that may be repeated is an array. */
  readonly parameters?: Readonly<Record<string, z.ZodType>>
  readonly query?: Readonly<Record<string, z.ZodType>>
  /** Names of parameters of the query that have to be given. */
  readonly required?: readonly string[]
  readonly headers?: Readonly<Record<string, z.ZodType>>
  readonly body?: { readonly required: boolean; readonly content: Content }
  /** Successes by status; a status without content has no body. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>
  /** Beside those that every route may answer with. */
  readonly problems?: readonly ProblemCode[]
}

type Answers = RouteDescription['answers']

/** The answers of a route with what `conditionalAnswers` makes of them: JSON that is read can be asked for anew. */
export function answersOf({ method, answers }: RouteDescription): Answers {
  if (!isConditional({ method, answers })) return answers
  return { ...answers, 304: { description: 'It is as the `etag` of `if-none-match` says.' } }
}

/** The headers that a route reads. */
export function headersOf({ method, answers, headers }: RouteDescription): RouteDescription['headers'] {
  if (!isConditional({ method, answers })) return headers
  const known = z.string().describe('the `etag` of the answer before: 304 when nothing has changed')
  return { ...headers, 'if-none-match': known }
}

const isConditional = ({ method, answers }: Pick<RouteDescription, 'method' | 'answers'>): boolean =>
  method === 'GET' && answers[200]?.content?.['application/json'] !== undefined

/** Problems that any route may answer with. */
export const commonProblems = [
  'invalid-request',
  'unauthenticated',
  'forbidden',
  'cross-site',
  'too-many-requests',
  'internal',
  'unavailable',
] as const satisfies readonly ProblemCode[]
