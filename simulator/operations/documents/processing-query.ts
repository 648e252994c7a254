/** Lists of reports and of feeds: filters, and page tokens that stand alone. */

import { openCursor, sealCursor } from '../cursor.ts'
import { Refusal } from '../operation.ts'
import { list, moment, single, whole } from '../parameters.ts'
import { type Processing, STATUSES, statusOf } from './processing.ts'

/** "Reports are retained for a maximum of 90 days", and feeds are. */
export const RETENTION_MS = 90 * 86_400_000
const MAX_VALUES = 10
const DEFAULT_PAGE_SIZE = 10
const MAX_PAGE_SIZE = 100

export interface Listed {
  readonly type: string
  readonly marketplaceIds: readonly string[]
  readonly processing: Processing
}

interface Query {
  readonly types: readonly string[]
  readonly statuses: readonly string[]
  readonly marketplaceIds: readonly string[]
  readonly pageSize: number
  readonly since: number
  readonly until: number
  readonly offset: number
}

/** What an operation lists: the name of its parameter of types, and the operation itself, whose tokens these are. */
export interface ListOperation {
  readonly name: string
  readonly types: string
}

/** The page of `all` (newest first) that is asked for, and the token of the next one. */
export function pageOf<T extends Listed>(
  operation: ListOperation,
  query: URLSearchParams,
  all: readonly T[],
  now: number,
): { page: T[]; next: { nextToken?: string } } {
  const wanted = readQuery(operation, query, now)
  const found = all.filter((one) => matches(one, wanted, now))
  const end = wanted.offset + wanted.pageSize
  const page = found.slice(wanted.offset, end)
  if (found.length <= end) return { page, next: {} }
  return { page, next: { nextToken: sealCursor(operation.name, { ...wanted, offset: end }, now) } }
}

/** "Include this token as the only parameter. Specifying `nextToken` with any other parameters will cause the request to fail." */
function readQuery({ name, types: typesName }: ListOperation, query: URLSearchParams, now: number): Query {
  const token = single(query, 'nextToken')
  if (token !== null) {
    if ([...query.keys()].length > 1)
      throw new Refusal('Invalid request.', "'nextToken' must be the only parameter.")
    return openCursor<Query>(name, token, 'nextToken', { now })
  }
  const types = list(query, typesName, MAX_VALUES)
  if (types.length === 0) throw new Refusal(`Missing required '${typesName}' or 'nextToken'.`)
  const statuses = list(query, 'processingStatuses', STATUSES.length)
  if (!statuses.every((status) => STATUSES.includes(status as never)))
    throw new Refusal("Invalid 'processingStatuses' provided.")
  return {
    types,
    statuses,
    marketplaceIds: list(query, 'marketplaceIds', MAX_VALUES),
    pageSize: whole(query, 'pageSize', { min: 1, max: MAX_PAGE_SIZE, absent: DEFAULT_PAGE_SIZE }),
    since: moment(query, 'createdSince') ?? now - RETENTION_MS,
    until: moment(query, 'createdUntil') ?? now,
    offset: 0,
  }
}

function matches({ type, marketplaceIds, processing }: Listed, query: Query, now: number): boolean {
  const { types, statuses, since, until } = query
  return (
    types.includes(type) &&
    (statuses.length === 0 || statuses.includes(statusOf(processing, now))) &&
    (query.marketplaceIds.length === 0 || marketplaceIds.some((id) => query.marketplaceIds.includes(id))) &&
    processing.createdAt >= since &&
    processing.createdAt <= until
  )
}
