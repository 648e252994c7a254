/** `GET /catalog/2022-04-01/items` by identifiers (model `catalogItems_2022-04-01`, operation `searchCatalogItems`). */

import { type Answer, ok } from '../answer.ts'
import { ASIN_PATTERN, itemOf } from '../catalogue/asin.ts'
import type { Catalogue, CatalogueItem } from '../catalogue/catalogue.ts'
import { parseGtin, parseIsbn } from '../catalogue/gtin.ts'
import { type DataSet, itemData } from '../catalogue/item-data.ts'
import type { Marketplace } from '../marketplaces.ts'
import { sellerOf } from '../seller/seller.ts'
import { readIncludedData } from './catalog-query.ts'
import { listingsOf } from './listings/store.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { offsetOf, pageToken } from './page-token.ts'
import { list, readMarketplaces, single, whole } from './parameters.ts'

const MAX_IDENTIFIERS = 20
const MAX_KEYWORDS = 20
const DEFAULT_PAGE_SIZE = 10
const MAX_PAGE_SIZE = 20
/** "The maximum number of items that can be returned and paged through is 1,000." */
const MAX_ITEMS = 1_000

const GTIN_TYPES: ReadonlySet<string> = new Set(['EAN', 'GTIN', 'JAN', 'UPC'])
const OTHER_TYPES: ReadonlySet<string> = new Set(['ASIN', 'ISBN', 'MINSAN', 'SKU'])

interface SearchQuery {
  readonly marketplace: Marketplace
  readonly identifiers: readonly string[]
  readonly identifiersType: string
  /** What to find when the identifiers are no codes. */
  readonly asins: readonly string[] | null
  readonly include: ReadonlySet<DataSet>
  readonly pageSize: number
  readonly offset: number
  /** The query without its page token, to which page tokens are bound. */
  readonly text: string
}

/** An item of the results before it is built: only the items of one page are. */
interface Hit {
  readonly gtin: number
  readonly ordinal: number
  readonly order: number
}

export const searchCatalogItems: Operation = {
  name: 'searchCatalogItems',
  method: 'GET',
  path: '/catalog/2022-04-01/items',
  plan: { rate: 2, burst: 2, appRate: 500 },
  answer(request, context) {
    return search(readQuery(request, context), context)
  },
}

function search(query: SearchQuery, { catalogue, statistics }: OperationContext): Answer {
  const gtins = query.asins === null ? readCodes(query) : []
  const hits =
    query.asins === null ? hitsOfCodes(gtins, query, catalogue) : hitsOfAsins(query.asins, query, catalogue)
  hits.sort((a, b) => a.order - b.order || a.gtin - b.gtin || a.ordinal - b.ordinal)

  const { offset, pageSize } = query
  const end = Math.min(offset + pageSize, hits.length, MAX_ITEMS)
  const items = hits.slice(offset, end).map(({ gtin, ordinal }) => {
    const item = catalogue.item(query.marketplace.id, gtin, ordinal) as CatalogueItem
    return itemData([[query.marketplace, item]], query.include)
  })
  statistics.searchPage(Math.floor(offset / pageSize), gtins, query.identifiers.length, items.length)

  const token = (at: number) => pageToken(at, query.text, catalogue.seed)
  const pagination = {
    ...(end < Math.min(hits.length, MAX_ITEMS) ? { nextToken: token(end) } : {}),
    ...(offset > 0 ? { previousToken: token(Math.max(0, offset - pageSize)) } : {}),
  }
  return ok({
    numberOfResults: hits.length,
    ...(Object.keys(pagination).length > 0 ? { pagination } : {}),
    items,
  })
}

function readQuery(request: OperationRequest, context: OperationContext): SearchQuery {
  const { query } = request
  const { catalogue } = context
  const [marketplace] = readMarketplaces(query, 1) as [Marketplace]
  const identifiers = list(query, 'identifiers', MAX_IDENTIFIERS)
  const keywords = list(query, 'keywords', MAX_KEYWORDS)
  if (identifiers.length > 0 && keywords.length > 0) {
    throw new Refusal("Only one of 'identifiers' or 'keywords' may be provided.")
  }
  if (identifiers.length === 0 && keywords.length === 0) {
    throw new Refusal("Missing required 'identifiers' or 'keywords'.")
  }
  if (keywords.length > 0) {
    throw new Refusal("Invalid 'keywords' provided.", 'This simulator searches by identifiers only.')
  }
  for (const name of ['brandNames', 'classificationIds', 'keywordsLocale']) {
    if (single(query, name) !== null) throw new Refusal(`'${name}' cannot be used with 'identifiers'.`)
  }
  const identifiersType = single(query, 'identifiersType')
  if (identifiersType === null) throw new Refusal("Missing required 'identifiersType'.")
  if (!GTIN_TYPES.has(identifiersType) && !OTHER_TYPES.has(identifiersType)) {
    throw new Refusal("Invalid 'identifiersType' provided.")
  }
  if (identifiersType === 'SKU' && single(query, 'sellerId') === null) {
    throw new Refusal("Missing required 'sellerId'.")
  }
  const include = readIncludedData(query)
  const pageSize = whole(query, 'pageSize', { min: 1, max: MAX_PAGE_SIZE, absent: DEFAULT_PAGE_SIZE })
  const text = [marketplace.id, identifiersType, identifiers.join(), [...include].join(), pageSize].join('\n')
  const token = single(query, 'pageToken')
  const offset = token === null ? 0 : offsetOf(token, text, catalogue.seed)
  if (offset === null) throw new Refusal("Invalid 'pageToken' provided.")
  const asins =
    identifiersType === 'ASIN'
      ? identifiers
      : identifiersType === 'SKU'
        ? asinsOfSkus(identifiers, marketplace, request, context)
        : null
  return { marketplace, identifiers, identifiersType, asins, include, pageSize, offset, text }
}

/** What the caller's SKUs sell; those of other sellers are found by nobody. */
function asinsOfSkus(
  skus: readonly string[],
  marketplace: Marketplace,
  { caller, query }: OperationRequest,
  context: OperationContext,
): string[] {
  const seller = sellerOf(caller, context)
  if (single(query, 'sellerId') !== seller.merchantId) return []
  return skus.flatMap((sku) => listingsOf(context).find(seller, marketplace, sku)?.asin ?? [])
}

/**
 * The distinct GTINs asked for. The index is GTIN-based, so any well-formed GTIN is taken under any of the GTIN types.
 * One that is malformed fails the call, and the message does not say which.
 */
function readCodes({ identifiers, identifiersType }: SearchQuery): number[] {
  const gtins = new Set<number>()
  for (const identifier of identifiers) {
    if (identifiersType === 'MINSAN') {
      if (!/^\d{9}$/.test(identifier)) throw new Refusal("Invalid 'minsan' provided.")
      continue
    }
    const gtin = identifiersType === 'ISBN' ? parseIsbn(identifier) : parseGtin(identifier)
    if (gtin === null) throw new Refusal(`Invalid '${identifiersType.toLowerCase()}' provided.`)
    gtins.add(gtin)
  }
  return [...gtins]
}

function hitsOfCodes(gtins: readonly number[], { marketplace }: SearchQuery, catalogue: Catalogue): Hit[] {
  const hits: Hit[] = []
  for (const gtin of gtins) {
    const count = catalogue.countOf(marketplace.id, gtin)
    for (let ordinal = 0; ordinal < count; ordinal++) {
      hits.push({ gtin, ordinal, order: catalogue.orderOf(gtin, ordinal) })
    }
  }
  return hits
}

function hitsOfAsins(asins: readonly string[], { marketplace }: SearchQuery, catalogue: Catalogue): Hit[] {
  if (!asins.every((asin) => ASIN_PATTERN.test(asin))) throw new Refusal("Invalid 'asin' provided.")
  return [...new Set(asins)].flatMap((asin) => {
    const key = itemOf(asin, catalogue.seed)
    if (key === null || catalogue.item(marketplace.id, key.gtin, key.ordinal) === null) return []
    return [{ ...key, order: catalogue.orderOf(key.gtin, key.ordinal) }]
  })
}
