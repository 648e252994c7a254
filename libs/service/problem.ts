import { randomUUID } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import { isTransientDatabaseError } from '#libs/db/errors.ts'
import type { Logger } from './logger.ts'

/** Every kind of problem that the API answers with: code, HTTP status, title. The code never changes its meaning. */
export const problems = {
  'invalid-request': [400, 'The request can not be understood'],
  'invalid-fields': [400, 'Some fields are not valid'],
  'invalid-document': [400, 'The document can not be read'],
  'invalid-cursor': [400, 'The cursor is not one of ours'],
  unauthenticated: [401, 'Nobody knows who asks'],
  forbidden: [403, 'The caller may not do this'],
  'cross-site': [403, 'Requests from other sites are refused'],
  'not-found': [404, 'There is no such thing'],
  'unknown-route': [404, 'There is no such route'],
  'method-not-allowed': [405, 'The route does not take this method'],
  'request-timeout': [408, 'The body stopped coming'],
  'no-marketplace': [409, 'No marketplace is enabled'],
  'sync-under-way': [409, 'A sync of these products is under way'],
  'wrong-state': [409, 'The sync is in a state in which this can not be done'],
  'nothing-to-undo': [409, 'There is no decision to take back'],
  'amazon-unconfigured': [409, 'No credentials of Amazon are known'],
  'amazon-refused': [409, 'Amazon refuses to be asked'],
  'changed-meanwhile': [412, 'It was changed since it was looked at'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-content': [415, 'The body is of a kind that is not taken'],
  'idempotency-key-reused': [422, 'The Idempotency-Key belongs to another request'],
  'not-a-candidate': [422, 'Amazon did not return this item for the code'],
  'no-line-accepted': [422, 'Not one line could be taken'],
  'invalid-code': [422, 'The code can not be looked up'],
  'version-required': [428, 'The request must say which version it is about'],
  'too-many-requests': [429, 'Too many requests'],
  internal: [500, 'Something is wrong on our side'],
  unavailable: [503, 'Something that this needs is away'],
  'amazon-unavailable': [503, 'Amazon does not answer'],
  'too-many-streams': [503, 'Too many jobs are being followed'],
  'amazon-failed': [502, 'Amazon gave no answer that can be used'],
  'quota-spent': [503, "Amazon's quota is spent"],
  'lookup-timeout': [504, 'There was no answer in time'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type ProblemCode = keyof typeof problems

/** The `type` of a problem document: a name, not an address. */
export const problemType = (code: ProblemCode): string => `urn:asinstream:problem:${code}`

/** What is wrong with one field of a body or one parameter of a query. */
export interface FieldError {
  readonly field: string
  readonly message: string
}

export interface ProblemOptions {
  /** Further members of the document, such as `errors`. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/**
 * An answer that is not what was asked for, as RFC 9457 has it. `detail` is for whoever sent the request: what is wrong
 * and what to do.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.members = options.members ?? {}
    this.headers = options.headers ?? {}
  }

  get status(): number {
    return problems[this.code][0]
  }

  /** The same problem with further members. */
  with(members: Readonly<Record<string, unknown>>): Problem {
    return new Problem(this.code, this.message, {
      members: { ...this.members, ...members },
      headers: this.headers,
      cause: this.cause,
    })
  }

  /** `application/problem+json`. */
  toDocument(requestId: string): Readonly<Record<string, unknown>> {
    const [status, title] = problems[this.code]
    return {
      type: problemType(this.code),
      title,
      status,
      detail: this.message,
      requestId,
      ...this.members,
    }
  }
}

/** A problem of fields: the detail sums up what `errors` lists. */
export function invalidFields(errors: readonly FieldError[]): Problem {
  const detail = errors.map((error) => `${error.field}: ${error.message}`).join('; ')
  return new Problem('invalid-fields', detail, { members: { errors } })
}

/** The client went away before it had an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Takes a well-formed `x-request-id` over or makes one; it stands in the answer and in every log line of the request. */
export function requestIds(): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id')
    const requestId = /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
    ctx.state.requestId = requestId
    ctx.set('x-request-id', requestId)
    await next()
  }
}

/** Turns whatever is thrown into a problem document; what we did not expect is logged and told to nobody. */
export function answerProblems(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const { requestId } = ctx.state
      if (error instanceof ClientGone) {
        logger.info({ requestId, method: ctx.method, path: ctx.path }, error.message)
        // Nobody reads it; the number tells the metrics (nginx uses the same).
        ctx.status = 499
        return
      }
      const problem = toProblem(error)
      if (problem.status >= 500) {
        logger.error({ err: error, requestId, method: ctx.method, path: ctx.path }, problem.message)
      }
      answer(ctx, problem)
    }
  }
}

function answer(ctx: Context, problem: Problem): void {
  ctx.status = problem.status
  ctx.set(problem.headers)
  // Koa says application/json for an object unless a type is set; the body has to come first.
  ctx.body = problem.toDocument(ctx.state.requestId)
  ctx.type = 'application/problem+json'
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isTransientDatabaseError(error)) {
    return new Problem(
      'unavailable',
      'PostgreSQL does not answer. Try again in a few seconds; /readyz says when it is back.',
      { headers: { 'retry-after': '5' }, cause: error },
    )
  }
  // What Koa and its router throw for a request they can not take apart, such as a path that is not valid UTF-8.
  if (error instanceof Error && 'status' in error && error.status === 400) {
    return new Problem('invalid-request', `${error.message}. Correct the address.`, { cause: error })
  }
  return new Problem(
    'internal',
    'The request failed for a reason that is none of yours. The log has the details under this requestId.',
    { cause: error },
  )
}
