/**
 * `GET /listings/2021-08-01/items/{sellerId}` (model `listingsItems_2021-08-01`, operation `searchListingsItems`). No
 * more than 1,000 listings can be paged through, however many are found.
 */

import { type Answer, ok, unauthorized } from '../../answer.ts'
import { ASIN_PATTERN } from '../../catalogue/asin.ts'
import { parseGtin, parseIsbn } from '../../catalogue/gtin.ts'
import type { Marketplace } from '../../marketplaces.ts'
import type { Seller } from '../../seller/seller.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { offsetOf, pageToken } from '../page-token.ts'
import { list, moment, oneOf, readMarketplaces, single, whole } from '../parameters.ts'
import { type Listing, statusOf } from './listing.ts'
import { sellerOfPath } from './listings-items.ts'
import { listingsOf } from './store.ts'
import { itemView, readIncludedData } from './view.ts'

const MAX_IDENTIFIERS = 20
const MAX_MARKETPLACES = 20
/** "Only results up to the page count limit": a thousand can be paged through. */
const MAX_ITEMS = 1_000
const TYPES = ['ASIN', 'EAN', 'FNSKU', 'GTIN', 'ISBN', 'JAN', 'MINSAN', 'SKU', 'UPC'] as const
const STATUSES: readonly string[] = ['BUYABLE', 'DISCOVERABLE']
const SEVERITIES: readonly string[] = ['WARNING', 'ERROR']
const SORTS = ['sku', 'createdDate', 'lastUpdatedDate'] as const

type Test = (listing: Listing) => boolean

export const searchListingsItems: Operation = {
  name: 'searchListingsItems',
  method: 'GET',
  path: '/listings/2021-08-01/items/{sellerId}',
  plan: { rate: 5, burst: 5, appRate: null },
  answer(request, context) {
    const seller = sellerOfPath(request, context)
    return seller === null ? unauthorized('') : search(seller, request, context)
  },
}

function search(seller: Seller, { query }: OperationRequest, context: OperationContext): Answer {
  const asked = readMarketplaces(query, MAX_MARKETPLACES) as [Marketplace, ...Marketplace[]]
  const include = readIncludedData(query)
  const tests = readTests(query, context.date().getTime())
  const pageSize = whole(query, 'pageSize', { min: 1, max: 20, absent: 10 })
  const bound = new URLSearchParams(query)
  bound.delete('pageToken')
  bound.sort()
  const text = `${seller.merchantId}\n${bound}`
  const token = single(query, 'pageToken')
  const { seed } = context.catalogue
  const offset = token === null ? 0 : offsetOf(token, text, seed)
  if (offset === null) throw new Refusal("Search parameters do not match the provided 'pageToken'.")
  const compare = readOrder(query)

  const found = listingsOf(context).selected(seller, asked[0], text, (listings) =>
    listings.filter((listing) => tests.every((test) => test(listing))).sort(compare),
  )
  const end = Math.min(offset + pageSize, found.length, MAX_ITEMS)
  const items = found.slice(offset, end).map((first) => {
    const others = asked
      .slice(1)
      .map((marketplace) => listingsOf(context).find(seller, marketplace, first.sku))
    return itemView([first, ...others.filter((listing) => listing !== null)], include, context)
  })
  const pagination = {
    ...(end < Math.min(found.length, MAX_ITEMS) ? { nextToken: pageToken(end, text, seed) } : {}),
    ...(offset > 0 ? { previousToken: pageToken(Math.max(0, offset - pageSize), text, seed) } : {}),
  }
  return ok({
    numberOfResults: found.length,
    ...(Object.keys(pagination).length > 0 ? { pagination } : {}),
    items,
  })
}

function readTests(query: URLSearchParams, now: number): Test[] {
  const subjects = ['identifiers', 'variationParentSku', 'packageHierarchySku'].filter(
    (name) => single(query, name) !== null,
  )
  if (subjects.length > 1)
    throw new Refusal(`Only one of ${subjects.map((name) => `'${name}'`).join(' and ')} may be provided.`)
  const tests: Test[] = []
  const identified = readIdentifiers(query)
  if (identified !== null) tests.push(identified)
  // Nobody's listings are related here.
  if (subjects.some((name) => name !== 'identifiers')) tests.push(() => false)
  const within = (name: string, test: (listing: Listing, at: number) => boolean) => {
    const at = moment(query, name)
    if (at !== null) tests.push((listing) => test(listing, at))
  }
  within('createdAfter', ({ createdAt }, at) => createdAt >= at)
  within('createdBefore', ({ createdAt }, at) => createdAt <= at)
  within('lastUpdatedAfter', ({ updatedAt }, at) => updatedAt >= at)
  within('lastUpdatedBefore', ({ updatedAt }, at) => updatedAt <= at)
  const statuses = values(query, 'withStatus', STATUSES)
  if (statuses.length > 0)
    tests.push((listing) => statuses.some((one) => statusOf(listing, now).includes(one as 'BUYABLE')))
  const without = values(query, 'withoutStatus', STATUSES)
  if (without.length > 0)
    tests.push((listing) => !without.some((one) => statusOf(listing, now).includes(one as 'BUYABLE')))
  const severities = values(query, 'withIssueSeverity', SEVERITIES)
  if (severities.length > 0)
    tests.push(({ issues }) => issues.some(({ severity }) => severities.includes(severity)))
  return tests
}

function readIdentifiers(query: URLSearchParams): Test | null {
  const identifiers = list(query, 'identifiers', MAX_IDENTIFIERS)
  const type = oneOf(query, 'identifiersType', TYPES)
  if (identifiers.length === 0) {
    if (type !== null) throw new Refusal("Missing required 'identifiers'.")
    return null
  }
  if (type === null) throw new Refusal("Missing required 'identifiersType'.")
  const wanted = new Set<string | number>(identifiers)
  switch (type) {
    case 'SKU':
      return ({ sku }) => wanted.has(sku)
    case 'FNSKU':
      return ({ fnsku }) => fnsku !== null && wanted.has(fnsku)
    case 'ASIN':
      if (!identifiers.every((asin) => ASIN_PATTERN.test(asin))) throw new Refusal("Invalid 'asin' provided.")
      return ({ asin }) => asin !== null && wanted.has(asin)
    case 'MINSAN':
      return () => false
    default: {
      const gtins = new Set(identifiers.map(type === 'ISBN' ? parseIsbn : parseGtin))
      if (gtins.has(null)) throw new Refusal(`Invalid '${type.toLowerCase()}' provided.`)
      return ({ gtin }) => gtins.has(gtin)
    }
  }
}

function values(query: URLSearchParams, name: string, known: readonly string[]): string[] {
  const given = list(query, name, known.length)
  if (!given.every((one) => known.includes(one))) throw new Refusal(`Invalid '${name}' provided.`)
  return given
}

function readOrder(query: URLSearchParams): (a: Listing, b: Listing) => number {
  const by = oneOf(query, 'sortBy', SORTS) ?? 'lastUpdatedDate'
  const sign = (oneOf(query, 'sortOrder', ['ASC', 'DESC']) ?? 'DESC') === 'ASC' ? 1 : -1
  const bySku = (a: Listing, b: Listing) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0)
  return (a, b) => {
    const difference =
      by === 'sku' ? 0 : by === 'createdDate' ? a.createdAt - b.createdAt : a.updatedAt - b.updatedAt
    return sign * (difference || bySku(a, b))
  }
}
