/** Orders 2026-01-01 (model `orders_2026-01-01`): searchOrders, getOrder. */

import { notFound, ok } from '../../answer.ts'
import { marketplaces } from '../../marketplaces.ts'
import type { OrderStatus } from '../../seller/orders.ts'
import { sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { type Operation, Refusal } from '../operation.ts'
import { list, marketplaceOf, moment, single, whole } from '../parameters.ts'
import { DATA_SETS, type DataSet, orderFields } from './order-2026.ts'
import { type OrderQuery, orderPage, type Position } from './order-page.ts'

const MAX_PAGE_SIZE = 100
const MAX_MARKETPLACES = 50
/** "At least two minutes before the time of the request." */
const SETTLED_MS = 120_000
const TOKEN_LIFE_MS = 86_400_000
const STATUSES = [
  'PENDING_AVAILABILITY', 'PENDING', 'UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'CANCELLED', 'UNFULFILLABLE',
] // biome-ignore format: a table

interface Cursor {
  readonly query: OrderQuery
  readonly from: Position
  readonly include: readonly DataSet[]
}

const searchOrders: Operation = {
  name: 'searchOrders',
  method: 'GET',
  path: '/orders/2026-01-01/orders',
  plan: { rate: 0.0056, burst: 20, appRate: null },
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const token = single(query, 'paginationToken')
    const cursor =
      token === null
        ? null
        : openCursor<Cursor>('searchOrders', token, 'paginationToken', { now, lifeMs: TOKEN_LIFE_MS })
    const wanted = cursor?.query ?? readQuery(query, now)
    // The token stands for the whole query.
    const include = cursor === null ? readDataSets(query) : new Set(cursor.include)
    const { orders, end } = orderPage(sellerOf(caller, world).orders, wanted, cursor?.from ?? null, now)
    const bound = new Date(wanted.before).toISOString()
    return ok({
      orders: orders.map((order) => orderFields(order, include)),
      ...(end === null
        ? {}
        : {
            pagination: {
              nextToken: sealCursor('searchOrders', { query: wanted, from: end, include: [...include] }, now),
            },
          }),
      ...(wanted.by === 'created' ? { createdBefore: bound } : { lastUpdatedBefore: bound }),
    })
  },
}

function readQuery(query: URLSearchParams, now: number): OrderQuery {
  const { by, after, before } = readWindow(query, now, {
    created: ['createdAfter', 'createdBefore'],
    updated: ['lastUpdatedAfter', 'lastUpdatedBefore'],
  })
  const statuses = list(query, 'fulfillmentStatuses', STATUSES.length)
  if (!statuses.every((status) => STATUSES.includes(status)))
    throw new Refusal("Invalid 'fulfillmentStatuses' provided.")
  const parties = list(query, 'fulfilledBy', 2)
  if (!parties.every((party) => party === 'AMAZON' || party === 'MERCHANT'))
    throw new Refusal("Invalid 'fulfilledBy' provided.")
  const ids = list(query, 'marketplaceIds', MAX_MARKETPLACES)
  for (const id of ids) marketplaceOf(id, 'marketplaceIds')
  return {
    by,
    after,
    before,
    marketplaceIds: ids.length === 0 ? [...marketplaces.keys()] : ids,
    statuses: statuses as OrderStatus[],
    channels: parties.map((party) => (party === 'AMAZON' ? 'AFN' : 'MFN')),
    pageSize: whole(query, 'maxResultsPerPage', { min: 1, max: MAX_PAGE_SIZE, absent: MAX_PAGE_SIZE }),
  }
}

/** The window of a search: exactly one of creation and last change; its end is two minutes ago when it is not given. */
export function readWindow(
  query: URLSearchParams,
  now: number,
  names: Readonly<Record<'created' | 'updated', readonly [string, string]>>,
): Pick<OrderQuery, 'by' | 'after' | 'before'> {
  const [createdAfter, updatedAfter] = [names.created[0], names.updated[0]]
  const by = single(query, createdAfter) === null ? 'updated' : 'created'
  const [afterName, beforeName] = names[by]
  const after = moment(query, afterName)
  if (after === null) throw new Refusal(`Missing required '${createdAfter}' or '${updatedAfter}'.`)
  for (const name of names[by === 'created' ? 'updated' : 'created'])
    if (single(query, name) !== null) throw new Refusal(`'${name}' can not be used with '${afterName}'.`)
  const before = moment(query, beforeName) ?? Math.max(after, now - SETTLED_MS)
  if (single(query, beforeName) !== null && before > now - SETTLED_MS)
    throw new Refusal(`Invalid '${beforeName}' provided.`, 'It must be at least two minutes ago.')
  if (before < after) throw new Refusal(`Invalid '${beforeName}' provided.`, `It is before '${afterName}'.`)
  return { by, after, before }
}

function readDataSets(query: URLSearchParams): ReadonlySet<DataSet> {
  const names = list(query, 'includedData', DATA_SETS.length)
  if (!names.every((name) => DATA_SETS.includes(name as DataSet)))
    throw new Refusal("Invalid 'includedData' provided.")
  return new Set(names as DataSet[])
}

const getOrder: Operation = {
  name: 'getOrder',
  method: 'GET',
  path: '/orders/2026-01-01/orders/{orderId}',
  plan: { rate: 0.5, burst: 30, appRate: null },
  answer({ path, query, caller }, world) {
    const { orderId = '' } = path
    const include = readDataSets(query)
    if (!/^\d{3}-\d{7}-\d{7}$/.test(orderId)) throw new Refusal("Invalid 'orderId' provided.")
    const order = sellerOf(caller, world).orders.byId(orderId, world.date().getTime())
    return order === null
      ? notFound(`The order ${orderId} was not found.`)
      : ok({ order: orderFields(order, include) })
  },
}

export const orders2026Operations: readonly Operation[] = [searchOrders, getOrder]
