import { z } from 'zod'
import type { OperationOptions } from '../call.ts'
import type { Clock } from '../clock.ts'
import { SpApiError, SpApiInputError } from '../errors.ts'
import type { Answer } from '../http-client.ts'
import type { Operation } from '../operations/operation.ts'
import type { IssuedToken, RestrictedResource } from './grant.ts'
import { type DataElement, isRestrictedReport, type Restriction, restrictionOf } from './restricted-data.ts'

/** Report documents whose type is remembered; each is asked for within days of the answer that named it. */
const REMEMBERED_DOCUMENTS = 1_000

export interface RestrictedOptions {
  /** Which personal data the answer is to hold, where the operation leaves the choice. */
  readonly dataElements?: readonly DataElement[] | undefined
  /** Of the document that is asked for; known already when `getReport` or `getReports` has answered it here. */
  readonly reportType?: string | undefined
}

/** Which calls need a restricted data token, and for what. */
export class RestrictedCalls {
  /** By id of the document, the type of its report; the oldest first. */
  readonly #reportTypes = new Map<string, string>()

  /**
   * What the token of a call has to open; null: the seller's own token does. Throws `INVALID_REQUEST` when the operation
   * has no such data. `path`: as it is requested.
   */
  resourceOf(
    operation: Operation<object, unknown>,
    asked: { readonly path: string; readonly marketplaceId: string; readonly options: RestrictedOptions },
  ): RestrictedResource | null {
    const { dataElements = [], reportType } = asked.options
    const restriction = restrictionOf(operation.api, operation.operationId)
    checkElements(operation, restriction, dataElements)
    const document = decodeURIComponent(asked.path.slice(asked.path.lastIndexOf('/') + 1))
    const needed =
      restriction?.when === 'report'
        ? isRestrictedReport(reportType ?? this.#reportTypes.get(document))
        : restriction?.when === 'always' || dataElements.length > 0
    if (!needed) return null
    return {
      method: operation.method,
      // One token for all orders, but one for each report's document. Source: "Tokens API use case guide", Terminology.
      path: restriction?.when === 'report' ? asked.path : operation.path,
      dataElements,
      marketplaceId: asked.marketplaceId,
    }
  }

  /** Remembers which documents hold which reports. */
  answered(operationId: string, body: unknown): void {
    if (operationId === 'getReport') this.#remember(body)
    if (operationId !== 'getReports') return
    const list = reportList.safeParse(body)
    if (list.success) for (const report of list.data.reports) this.#remember(report)
  }

  #remember(report: unknown): void {
    const parsed = reportSchema.safeParse(report)
    if (!parsed.success || !isRestrictedReport(parsed.data.reportType)) return
    this.#reportTypes.set(parsed.data.reportDocumentId, parsed.data.reportType)
    const [oldest] = this.#reportTypes.keys()
    if (this.#reportTypes.size > REMEMBERED_DOCUMENTS && oldest !== undefined)
      this.#reportTypes.delete(oldest)
  }
}

const reportSchema = z.object({ reportType: z.string(), reportDocumentId: z.string() })
const reportList = z.object({ reports: z.array(z.unknown()) })

function checkElements(
  { key }: Operation<object, unknown>,
  restriction: Restriction | null,
  dataElements: readonly DataElement[],
): void {
  const known = restriction?.elements ?? []
  const wrong = dataElements.filter((element) => !known.includes(element))
  if (wrong.length === 0) return
  const advice =
    known.length > 0
      ? `it has ${known.join(', ')}`
      : 'it has none to choose from (the Orders API 2026-01-01 gives personal data by includedData and the roles of the application)'
  throw new SpApiInputError('INVALID_REQUEST', `${key}: no data element ${wrong.join(', ')}; ${advice}`)
}

/** Sends an operation as `SpApi.call` does. */
export type Caller = <P extends object, A>(
  operation: Operation<P, A>,
  parameters: P,
  options: OperationOptions,
) => Promise<Answer<A>>

/** Asks Amazon for a restricted data token. Rejects with a `SpApiError` of `createRestrictedDataToken`. */
export async function fetchRestrictedToken(
  call: Caller,
  clock: Clock,
  resource: RestrictedResource,
): Promise<IssuedToken> {
  // Loaded when first used: who only looks codes up needs no operations.
  const { createRestrictedDataToken } = await import('../operations/generated/tokens-2021-03-01.ts')
  const { method, path, dataElements, marketplaceId } = resource
  const restricted = { method, path, ...(dataElements.length > 0 && { dataElements }) }
  const askedAt = clock.monotonicMs()
  const { body, httpStatus, requestId } = await call(
    createRestrictedDataToken,
    { body: { restrictedResources: [restricted] } },
    { marketplaceId, priority: 'urgent' },
  )
  const token = issued.safeParse(body)
  if (!token.success)
    throw new SpApiError(
      { kind: 'failed', operation: createRestrictedDataToken.key, httpStatus, requestId },
      `${createRestrictedDataToken.key}: the answer holds no usable token`,
    )
  const lifeMs = token.data.expiresIn * 1_000
  // Its life begins after the wait for a slot; counted from before, it ends early rather than late.
  return { value: token.data.restrictedDataToken, lifeMs, expiresAt: askedAt + lifeMs }
}

const issued = z.object({
  // Visible ASCII only: it becomes a header.
  restrictedDataToken: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  expiresIn: z.number().nonnegative(),
})
