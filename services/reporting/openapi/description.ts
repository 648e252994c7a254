import type { z } from 'zod'
import type { ProblemCode } from '#libs/service/problem.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

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
  readonly headers?: Readonly<Record<string, z.ZodType>>
  readonly body?: { readonly required: boolean; readonly content: Content }
  /** Successes by status; a status without content has no body. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>
  /** Beside those that every route may answer with. */
  readonly problems?: readonly ProblemCode[]
}

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
