import { type CatalogItem, parseSearchPage, type SearchPage } from './catalog-answer.ts'
import { SpApiError } from './errors.ts'
import type { Answer, CallOptions, NetworkAwareClient, ReadRequest } from './http-client.ts'

/** Most identifiers of one search. */
export const MAX_IDENTIFIERS = 20
/** Largest page; Amazon's default is 10. */
export const PAGE_SIZE = 20
/** "The maximum number of items that can be returned and paged through." */
export const MAX_ITEMS = 1_000
/** Pages may come short, but not for ever. */
const MAX_PAGES = 100

export const identifiersTypes = ['ASIN', 'EAN', 'GTIN', 'ISBN', 'JAN', 'MINSAN', 'UPC'] as const
export type IdentifiersType = (typeof identifiersTypes)[number]

/**
 * What is asked about each item. `attributes` is left out: it is many times the size of all others together, and all
 * it would add is a brand where the summary has none.
 */
export const INCLUDED_DATA = [
  'identifiers',
  'summaries',
  'salesRanks',
  'images',
  'dimensions',
  'productTypes',
  'relationships',
] as const

export interface SearchRequest {
  readonly marketplaceId: string
  readonly identifiersType: IdentifiersType
  /** At most 20. */
  readonly identifiers: readonly string[]
}

export interface SearchResult {
  /** Of all pages, each ASIN once. */
  readonly items: readonly CatalogItem[]
  /** There are more than Amazon lets anybody page through. */
  readonly truncated: boolean
  readonly pages: number
  /** Status and request id of the first page. */
  readonly httpStatus: number
  readonly requestId: string | null
  /** When the first page came, in milliseconds since the epoch. */
  readonly observedAt: number
}

/**
 * `searchCatalogItems` of the Catalog Items API 2022-04-01, all pages. Rejects with a `SpApiError`; of kind `rejected`
 * only when Amazon refuses the search itself, so a search whose further page is refused is `failed`.
 */
export async function searchCatalogItems(
  client: NetworkAwareClient,
  request: SearchRequest,
  options: CallOptions = {},
): Promise<SearchResult> {
  const items = new Map<string, CatalogItem>()
  const first = await client.read(pageRequest(request, null), options)
  const result = (pages: number, truncated: boolean): SearchResult => ({
    items: [...items.values()],
    truncated,
    pages,
    httpStatus: first.httpStatus,
    requestId: first.requestId,
    observedAt: first.receivedAt,
  })
  const seen = new Set<string>()
  for (let page = first, pages = 1; ; pages++) {
    for (const item of page.body.items) if (!items.has(item.asin)) items.set(item.asin, item)
    const token = page.body.nextToken
    if (token === null) return result(pages, (first.body.numberOfResults ?? 0) > MAX_ITEMS)
    if (items.size >= MAX_ITEMS) return result(pages, true)
    if (seen.has(token) || pages >= MAX_PAGES) throw endlessPages(page)
    seen.add(token)
    page = await nextPage(client, request, token, options)
  }
}

async function nextPage(
  client: NetworkAwareClient,
  request: SearchRequest,
  token: string,
  options: CallOptions,
): Promise<Answer<SearchPage>> {
  try {
    return await client.read(pageRequest(request, token), options)
  } catch (error) {
    if (!(error instanceof SpApiError) || !['rejected', 'not_found'].includes(error.kind)) throw error
    const { operation, httpStatus, requestId, amazonErrors } = error
    throw new SpApiError(
      { kind: 'failed', operation, httpStatus, requestId, amazonErrors },
      `${error.message} (for a further page of a search whose first page was answered)`,
    )
  }
}

/** The same parameters for every page, or Amazon refuses the token. */
function pageRequest(request: SearchRequest, pageToken: string | null): ReadRequest<SearchPage> {
  return {
    operation: 'searchCatalogItems',
    marketplaceId: request.marketplaceId,
    path: '/catalog/2022-04-01/items',
    query: {
      identifiers: request.identifiers.join(','),
      identifiersType: request.identifiersType,
      marketplaceIds: request.marketplaceId,
      includedData: INCLUDED_DATA.join(','),
      pageSize: String(PAGE_SIZE),
      ...(pageToken === null ? {} : { pageToken }),
    },
    parse: parseSearchPage,
  }
}

function endlessPages(page: Answer<SearchPage>): SpApiError {
  return new SpApiError(
    {
      kind: 'failed',
      operation: 'searchCatalogItems',
      httpStatus: page.httpStatus,
      requestId: page.requestId,
    },
    'searchCatalogItems: the pages of the answer do not end',
  )
}
