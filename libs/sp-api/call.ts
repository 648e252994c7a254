import { SpApiError, SpApiInputError } from './errors.ts'
import type { Answer, ApiRequest, CallOptions, NetworkAwareClient } from './http-client.ts'
import { findMarketplace } from './marketplaces.ts'
import type { Operation, Paging } from './operations/operation.ts'
import { RestrictedCalls, type RestrictedOptions } from './tokens/restricted.ts'

export interface OperationOptions extends CallOptions, RestrictedOptions {
  /** Id or country code; decides the region where the parameters name no marketplace. */
  readonly marketplaceId?: string | undefined
  /** A restricted data token that the caller has; otherwise one is asked for where it is needed. */
  readonly restrictedToken?: string
}

export interface PageOptions extends OperationOptions {
  /** Goes on with the page of this token, as a page before it named it. */
  readonly from?: string
}

/** A page, and how to go on after it. */
export interface Page<A> extends Answer<A> {
  /** Null: it is the last one. */
  readonly nextToken: string | null
}

/** Every typed operation of Amazon's API, through one client. */
export class OperationCalls {
  readonly #client: NetworkAwareClient
  readonly #home: string | undefined
  readonly #restricted = new RestrictedCalls()

  /** `home`: the marketplace whose region serves operations that name none. */
  constructor(client: NetworkAwareClient, home: string | undefined) {
    this.#client = client
    this.#home = home
  }

  /**
   * Sends one operation. Rejects with a `SpApiInputError` `INVALID_REQUEST` before anything is sent when the parameters
   * are not as Amazon's model says, with a `SpApiError` when there is no answer, or with the signal's reason.
   */
  async call<P extends object, A>(
    operation: Operation<P, A>,
    parameters: P,
    options: OperationOptions = {},
  ): Promise<Answer<A>> {
    const answer = await this.#client.send(await this.#request(operation, parameters, options), options)
    this.#restricted.answered(operation.operationId, answer.body)
    return answer
  }

  /**
   * All pages of an operation, by its API's own rules. A page whose token soon expires goes before other work. Rejects
   * as `call` does; with `failed` when the pages go round in a circle.
   */
  async *pages<P extends object, A>(
    operation: Operation<P, A>,
    parameters: P,
    options: PageOptions = {},
  ): AsyncGenerator<Page<A>> {
    const { from = null, ...callOptions } = options
    const marketplaceId = this.#marketplaceOf(operation, parameters, options)
    yield* pagesOf(operation, parameters, from, (asked, expires) =>
      this.call(operation, asked, {
        ...callOptions,
        ...(expires && { priority: 'urgent' as const }),
        marketplaceId,
      }),
    )
  }

  async #request<P extends object, A>(
    operation: Operation<P, A>,
    parameters: P,
    options: OperationOptions,
  ): Promise<ApiRequest<A>> {
    // Loaded when first used: who only looks codes up needs no validators.
    const [{ encodeRequest }, { readAnswer }] = await Promise.all([
      import('./operations/request.ts'),
      import('./operations/answer.ts'),
    ])
    const { path, query, headers, body } = encodeRequest(operation, parameters)
    const { scope, definition, operationId } = operation
    const marketplaceId = this.#marketplaceOf(operation, parameters, options)
    const restricted = this.#restricted.resourceOf(operation, { path, marketplaceId, options })
    const isAnswered = definition.operations[operationId]!.answer !== null
    return {
      operation: operation.key,
      marketplaceId,
      method: operation.method,
      path,
      query,
      headers,
      body,
      repeatable: operation.repeatable,
      ...(scope === null ? {} : { grant: { scope } }),
      ...(restricted && { restricted }),
      ...(options.restrictedToken === undefined ? {} : { restrictedToken: options.restrictedToken }),
      parse: isAnswered ? (answer) => readAnswer(operation, answer) : null,
    }
  }

  #marketplaceOf(
    operation: Operation<object, unknown>,
    parameters: object,
    options: OperationOptions,
  ): string {
    const named = options.marketplaceId ?? marketplaceIn(parameters) ?? this.#home
    if (named === undefined)
      throw new SpApiInputError(
        'INVALID_REQUEST',
        `${operation.key}: say which marketplace's region is meant, by the option marketplaceId`,
      )
    return findMarketplace(named).marketplaceId
  }
}

/**
 * All pages of an operation from `from` on, each asked for by `ask`; `expires`: its token is soon worthless. Rejects as
 * `ask` does; with `failed` when the pages go round in a circle.
 */
export async function* pagesOf<P extends object, A>(
  operation: Operation<P, A>,
  parameters: P,
  from: string | null,
  ask: (parameters: P, expires: boolean) => Promise<Answer<A>>,
): AsyncGenerator<Page<A>> {
  const { paging } = operation
  if (paging === null)
    throw new SpApiInputError('INVALID_REQUEST', `${operation.key} has no pages: use call instead`)
  const seen = new Set<string>()
  for (let token = from; ; ) {
    const asked = token === null ? parameters : paged(parameters, paging, token)
    const answer = await ask(asked, token !== null && paging.expiresMs !== undefined)
    token = tokenIn(answer.body, paging.token)
    yield { ...answer, nextToken: token }
    if (token === null) return
    if (seen.has(token)) throw endless(operation, answer)
    seen.add(token)
  }
}

/** The names under which Amazon's operations take marketplaces. */
const MARKETPLACE_NAMES = ['marketplaceIds', 'MarketplaceIds', 'marketplaceId', 'MarketplaceId']

/** The first marketplace that the parameters name, in the body and its requests as well. */
export function marketplaceIn(parameters: object): string | undefined {
  const values = parameters as Readonly<Record<string, unknown>>
  for (const name of MARKETPLACE_NAMES) {
    const value = values[name]
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') return first
  }
  const first = (value: unknown) => (Array.isArray(value) ? (value[0] as unknown) : value)
  for (const inner of [first(values.body), first(values.requests), values.FeesEstimateRequest])
    if (typeof inner === 'object' && inner !== null) {
      const found = marketplaceIn(inner)
      if (found !== undefined) return found
    }
  return undefined
}

function paged<P extends object>(parameters: P, { parameter, alone, besides }: Paging, token: string): P {
  return { ...(alone ? {} : parameters), ...besides, [parameter]: token } as P
}

function tokenIn(body: unknown, path: readonly string[]): string | null {
  let value = body
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return typeof value === 'string' && value !== '' ? value : null
}

function endless(
  operation: Operation<object, unknown>,
  { httpStatus, requestId }: Answer<unknown>,
): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: operation.key, httpStatus, requestId },
    `${operation.key}: the pages of the answer do not end`,
  )
}
