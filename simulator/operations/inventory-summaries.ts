/**
 * `GET /fba/inventory/v1/summaries` (model `fbaInventory`, operation `getInventorySummaries`): what Amazon's warehouses
 * hold of a seller's listings. Its page tokens live for 30 seconds, and stand beside the payload.
 */

import { type Answer, ok } from '../answer.ts'
import { sellerOf } from '../seller/seller.ts'
import { type Stock, stockOf } from '../seller/stock.ts'
import { openCursor, sealCursor } from './cursor.ts'
import type { Listing } from './listings/listing.ts'
import { listingsOf } from './listings/store.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { list, moment, oneOf, readMarketplaces, required, single } from './parameters.ts'

const NAME = 'getInventorySummaries'
const PAGE_SIZE = 50
const MAX_SKUS = 50
const TOKEN_MS = 30_000
const HOUR_MS = 3_600_000
/** `startDateTime` goes back so far: 18 months. */
const MAX_MONTHS = 18
/** No stock stays the same for longer: the slowest seller sells one in this time. */
const MAX_HOURS = 24 * 40

export const getInventorySummaries: Operation = {
  name: NAME,
  method: 'GET',
  path: '/fba/inventory/v1/summaries',
  plan: { rate: 2, burst: 2, appRate: null },
  answer,
}

function answer({ query, caller }: OperationRequest, context: OperationContext): Answer {
  if (oneOf(query, 'granularityType', ['Marketplace']) === null)
    throw new Refusal("Missing required 'granularityType'.")
  const granularityId = required(query, 'granularityId')
  const [marketplace] = readMarketplaces(query, 1)
  if (marketplace === undefined || granularityId !== marketplace.id)
    throw new Refusal("Invalid 'granularityId' provided.")
  const details = oneOf(query, 'details', ['true', 'false']) === 'true'
  const offset = readToken(query, context)
  const now = context.date().getTime()
  const seller = sellerOf(caller, context)
  const scanned = listingsOf(context).selected(seller, marketplace, NAME, (listings) =>
    listings.filter(({ fnsku }) => fnsku !== null).sort((a, b) => (a.sku < b.sku ? -1 : 1)),
  )
  const { asked, since } = readFilter(query, now)
  const listings = asked === null ? scanned : scanned.filter(({ sku }) => asked.has(sku))
  const end = Math.min(offset + PAGE_SIZE, listings.length)
  const page = listings
    .slice(offset, end)
    .filter((listing) => since === null || changedAt(listing, now) >= since)
  return ok({
    ...(end < listings.length ? { pagination: { nextToken: tokenFor(end, query, context) } } : {}),
    payload: {
      granularity: { granularityType: 'Marketplace', granularityId },
      inventorySummaries: page.map((listing) => summary(listing, details, now)),
    },
  })
}

/**
 * Everything, what changed since a time, or some SKUs; the first that is given counts, and the others are ignored. Of
 * what changed since a time, pages hold what is among the next fifty SKUs: few, or none, and still there are more
 * (amzn/selling-partner-api-docs#1595 has them one by one).
 */
function readFilter(
  query: URLSearchParams,
  now: number,
): { readonly asked: ReadonlySet<string> | null; readonly since: number | null } {
  const since = moment(query, 'startDateTime')
  const skus = list(query, 'sellerSkus', MAX_SKUS)
  const sku = single(query, 'sellerSku')
  if (since === null) {
    const asked = skus.length > 0 ? skus : sku === null ? [] : [sku]
    return { asked: asked.length === 0 ? null : new Set(asked), since }
  }
  const earliest = new Date(now)
  earliest.setUTCMonth(earliest.getUTCMonth() - MAX_MONTHS)
  if (since < earliest.getTime()) {
    throw new Refusal(
      "Invalid 'startDateTime' provided.",
      `It must not be earlier than ${MAX_MONTHS} months ago.`,
    )
  }
  return { asked: null, since }
}

/** When the stock changed last. What is on its way to the warehouses is not looked at, as Amazon does not. */
function changedAt({ offering, updatedAt }: Listing, now: number): number {
  if (offering === null) return updatedAt
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS
  const { fulfillable } = stockOf(offering, hour)
  for (let hours = 1; hours <= MAX_HOURS; hours++) {
    const at = hour - hours * HOUR_MS
    if (stockOf(offering, at).fulfillable !== fulfillable) return at + HOUR_MS
  }
  return updatedAt
}

/** A token is good for the query that it was given for, with the same `startDateTime`. */
const boundTo = (query: URLSearchParams): string => {
  const bound = new URLSearchParams(query)
  bound.delete('nextToken')
  bound.sort()
  return bound.toString()
}

const tokenFor = (offset: number, query: URLSearchParams, { now }: OperationContext) =>
  sealCursor(NAME, { offset, query: boundTo(query) }, now())

function readToken(query: URLSearchParams, { now }: OperationContext): number {
  const token = single(query, 'nextToken')
  if (token === null) return 0
  const limits = { now: now(), lifeMs: TOKEN_MS }
  const cursor = openToken(token, limits)
  if (cursor?.query !== boundTo(query)) throw new Refusal('Next token is invalid or expired')
  return cursor.offset
}

/** One message for all that can be wrong with a token (amzn/selling-partner-api-models#4946). */
function openToken(token: string, limits: { readonly now: number; readonly lifeMs: number }) {
  try {
    return openCursor<{ offset: number; query: string }>(NAME, token, 'nextToken', limits)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

const NOTHING: Stock = {
  fulfillable: 0,
  reserved: 0,
  unfulfillable: 0,
  inboundWorking: 0,
  inboundShipped: 0,
  inboundReceiving: 0,
  researching: 0,
}

function summary(listing: Listing, details: boolean, now: number): object {
  const { offering, asin, fnsku, sku, attributes } = listing
  const stock = offering === null ? NOTHING : stockOf(offering, now)
  const { fulfillable, reserved, unfulfillable, researching } = stock
  const inbound = stock.inboundWorking + stock.inboundShipped + stock.inboundReceiving
  return {
    ...(asin === null ? {} : { asin }),
    fnSku: fnsku,
    sellerSku: sku,
    condition: 'NewItem',
    ...(details ? { inventoryDetails: inventoryDetails(stock) } : {}),
    lastUpdatedTime: new Date(changedAt(listing, now)).toISOString(),
    productName: offering?.title ?? String(attributes.item_name?.[0]?.value ?? ''),
    totalQuantity: fulfillable + reserved + unfulfillable + researching + inbound,
    stores: [],
  }
}

function inventoryDetails(stock: Stock): object {
  return {
    fulfillableQuantity: stock.fulfillable,
    inboundWorkingQuantity: stock.inboundWorking,
    inboundShippedQuantity: stock.inboundShipped,
    inboundReceivingQuantity: stock.inboundReceiving,
    reservedQuantity: {
      totalReservedQuantity: stock.reserved,
      pendingCustomerOrderQuantity: stock.reserved,
      pendingTransshipmentQuantity: 0,
      fcProcessingQuantity: 0,
    },
    researchingQuantity: {
      totalResearchingQuantity: stock.researching,
      researchingQuantityBreakdown: [
        { name: 'researchingQuantityInShortTerm', quantity: stock.researching },
        { name: 'researchingQuantityInMidTerm', quantity: 0 },
        { name: 'researchingQuantityInLongTerm', quantity: 0 },
      ],
    },
    unfulfillableQuantity: {
      totalUnfulfillableQuantity: stock.unfulfillable,
      customerDamagedQuantity: stock.unfulfillable,
      warehouseDamagedQuantity: 0,
      distributorDamagedQuantity: 0,
      carrierDamagedQuantity: 0,
      defectiveQuantity: 0,
      expiredQuantity: 0,
    },
  }
}
