import type { Paging, ParameterDefinition } from './operation.ts'

/** The parameters in which Amazon's APIs take a page's token; no two APIs agree. */
const TOKEN_PARAMETERS = ['pageToken', 'paginationToken', 'nextToken', 'NextToken']

/** Where the answers of an API have the token of the next page, from Amazon's models. */
const TOKEN_BY_API: Readonly<Record<string, readonly string[]>> = {
  'catalog-items-2022-04-01': ['pagination', 'nextToken'],
  'data-kiosk-2023-11-15': ['pagination', 'nextToken'],
  'fba-inventory-v1': ['pagination', 'nextToken'],
  'feeds-2021-06-30': ['nextToken'],
  'finances-2024-06-19': ['nextToken'],
  'finances-v0': ['payload', 'NextToken'],
  'fulfillment-inbound-2024-03-20': ['pagination', 'nextToken'],
  'fulfillment-inbound-v0': ['payload', 'NextToken'],
  'listings-items-2021-08-01': ['pagination', 'nextToken'],
  'notifications-v1': ['payload', 'nextToken'],
  'orders-2026-01-01': ['pagination', 'nextToken'],
  'orders-v0': ['payload', 'NextToken'],
  'reports-2021-06-30': ['nextToken'],
  'transfers-2024-06-01': ['nextToken'],
}

/** `listTransactions` alone of its API wraps its answer. */
const TOKEN_BY_OPERATION: Readonly<Record<string, readonly string[]>> = {
  listTransactions: ['payload', 'nextToken'],
}

/** "nextToken must be the only parameter": reports, feeds. */
const ALONE: ReadonlySet<string> = new Set(['feeds-2021-06-30', 'reports-2021-06-30'])

/** "…or by using NextToken to continue returning items specified in a previous request": `QueryType` says so. */
const BESIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fulfillment-inbound-v0': { QueryType: 'NEXT_TOKEN' },
}

/** "The token expires 30 seconds after it is created": FBA inventory. */
const EXPIRES_MS: Readonly<Record<string, number>> = { 'fba-inventory-v1': 30_000 }

export function pagingOf(
  api: string,
  operationId: string,
  parameters: readonly ParameterDefinition[],
): Paging | null {
  const parameter = parameters.find(({ name }) => TOKEN_PARAMETERS.includes(name))?.name
  if (parameter === undefined) return null
  const token = TOKEN_BY_OPERATION[operationId] ?? TOKEN_BY_API[api]
  if (token === undefined) throw new Error(`${api}.${operationId} has pages, but where is their token?`)
  const expiresMs = EXPIRES_MS[api]
  const besides = BESIDES[api]
  return {
    parameter,
    token,
    alone: ALONE.has(api),
    ...(besides === undefined ? {} : { besides }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  }
}
