/** Amazon's own static sandbox cases of every typed operation, each sent by the connector over HTTP. */
import { afterAll, describe, expect, it } from 'vitest'
import { SpApiError, SpApiInputError } from '#libs/sp-api/index.ts'
import type { Operation } from '#libs/sp-api/operations/operation.ts'
import { testApi } from '#libs/sp-api/test-support.ts'
import {
  anyValue,
  modelsPresent,
  type SandboxCase,
  type SandboxOperation,
  type SandboxParameter,
  sandboxOperations,
} from './cases.ts'
import { startStaticSandbox } from './static-sandbox.ts'

if (!modelsPresent)
  process.stderr.write(`${import.meta.filename}: SKIPPED, Amazon's models are not at ../shared\n`)

/** Its sandbox makes answers up as it goes: there are no cases. */
const DYNAMIC: ReadonlySet<string> = new Set(['getInventorySummaries'])

/**
 * Cases that Amazon's own model forbids: the connector sends none of them. By operation the statuses that the sandbox
 * would answer with. That getShipmentItems has a 200 among them is Amazon's slip: its QueryType is not in the model's list.
 */
const FORBIDDEN: Readonly<Record<string, readonly number[]>> = {
  createFeed: [400],
  createFeedDocument: [400],
  createReportSchedule: [400],
  createRestrictedDataToken: [400],
  getCatalogItem: [400],
  getFeeds: [400],
  getMyFeesEstimateForASIN: [400],
  getMyFeesEstimateForSKU: [400],
  getQueries: [400],
  getReports: [400],
  getShipmentItems: [200, 200, 400],
  getShipments: [400],
  listInboundPlans: [400],
  updateVerificationStatus: [400, 400, 400],
}

describe.runIf(modelsPresent)("Amazon's static sandbox", async () => {
  if (!modelsPresent) return it("Amazon's models are not at ../shared")
  const operations = sandboxOperations()
  const sandbox = await startStaticSandbox(operations)
  const { api } = testApi(sandbox.url, { circuit: { failuresToOpen: 10_000 } })
  afterAll(async () => {
    await api.close()
    await sandbox.close()
  })

  it.each(operations.map((one) => [`${one.api}.${one.operationId}`, one] as const))(
    '%s',
    async (_, operation) => {
      const { operationId, cases } = operation
      expect(cases.length === 0, 'without a case').toBe(DYNAMIC.has(operationId))
      const module: Record<string, Operation<object, unknown>> = await import(
        `#libs/sp-api/operations/generated/${operation.api}.ts`
      )
      const forbidden: number[] = []
      for (const one of cases) {
        const parameters = parametersOf(operation, one)
        const sentBefore = sandbox.requests
        const outcome = await api
          .call(module[operationId]!, parameters, { marketplaceId: 'US', attempts: 1 })
          .catch((error: unknown) => error)
        if (outcome instanceof SpApiInputError) {
          expect([outcome.code, sandbox.requests]).toEqual(['INVALID_REQUEST', sentBefore])
          forbidden.push(one.status)
        } else expectCase(outcome, one, module[operationId]!)
      }
      expect(forbidden).toEqual(FORBIDDEN[operationId] ?? [])
    },
  )

  it('answers nothing that is no case of its', async () => {
    const { searchCatalogItems } = await import(
      '#libs/sp-api/operations/generated/catalog-items-2022-04-01.ts'
    )
    const asked = api.call(searchCatalogItems, { marketplaceIds: ['ATVPDKIKX0DER'], keywords: ['others'] })
    await expect(asked).rejects.toThrow('400: InvalidInput: Could not match input arguments')
  })
})

/** The case's answer or error, as the connector tells it. */
function expectCase(
  outcome: unknown,
  { status, response }: SandboxCase,
  { key }: Operation<object, unknown>,
) {
  if (status < 300) {
    const body = status === 204 ? undefined : withoutNulls(response)
    expect(outcome).toMatchObject({ httpStatus: status, requestId: 'sandbox', body })
    return
  }
  expect(outcome).toBeInstanceOf(SpApiError)
  const { errors } = response as { errors?: ReadonlyArray<{ code: string; message: string }> }
  expect(outcome).toMatchObject({
    operation: key,
    httpStatus: status,
    requestId: 'sandbox',
    // A 400 without a word says nothing about the request.
    kind: errors === undefined ? 'failed' : KINDS[status],
    amazonErrors: (errors ?? []).map(({ code, message }) => ({ code, message })),
  })
}

const KINDS: Readonly<Record<number, string>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not_found',
  429: 'throttled',
  500: 'unavailable',
  503: 'unavailable',
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_, one) => (one === null ? undefined : one))
}

function parametersOf(operation: SandboxOperation, { given }: SandboxCase): object {
  return Object.fromEntries(
    operation.parameters.flatMap((parameter) => {
      const value = given[parameter.name]
      if (value !== undefined) return [[parameter.name, typed(parameter, value)]]
      return operation.isRequired(parameter)
        ? [[parameter.name, anyValue(parameter, operation.definitions)]]
        : []
    }),
  )
}

/** A parameter as the model types it; cases write numbers and lists as they like. */
function typed({ type, in: place }: SandboxParameter, value: unknown): unknown {
  if (place === 'body') return value
  if (type === 'array') return Array.isArray(value) ? value : String(value).split(',')
  if (type === 'integer' || type === 'number') return Number(value)
  if (type === 'boolean') return String(value) === 'true'
  return String(value)
}
