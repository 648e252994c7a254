import type { KnownPrice } from '#libs/db/lookups.ts'
import type { Marketplace } from '#libs/sp-api/index.ts'
import type { Failure } from './failure.ts'
import type { ItemFacts } from './item-facts.ts'
import type { ItemFinding, Source } from './lookups.ts'

/** An item as the API tells of it. `SalesRank` and `Title` are the names that clients of such services know. */
export interface ItemView extends Omit<ItemFacts, 'salesRank' | 'title'> {
  readonly SalesRank: number | null
  readonly Title: string | null
  /** Of the featured offer, without shipping, as the catalogue's prices have it. Money is decimal text. */
  readonly price: PriceView | null
}

export interface PriceView {
  readonly amount: string
  readonly shipping: string | null
  readonly currency: string | null
  readonly observedAt: string
  readonly operation: string | null
}

interface Place {
  readonly marketplaceId: string
  readonly countryCode: string
}

export type ItemDocument = Place & {
  readonly asin: string
  readonly SalesRank: number | null
  readonly Title: string | null
} & (
    | (ItemView & Source & { readonly success: true; readonly error: null })
    | {
        readonly success: false
        readonly source: Source['source'] | null
        readonly observedAt: string | null
        readonly error: Failure
      }
  )

export function itemView(facts: ItemFacts, price: KnownPrice | undefined): ItemView {
  const { title, salesRank, ...rest } = facts
  return { ...rest, SalesRank: salesRank, Title: title, price: price ? priceView(price) : null }
}

export function itemDocument(
  asin: string,
  finding: ItemFinding,
  marketplace: Marketplace,
  price: KnownPrice | undefined,
): ItemDocument {
  const place = placeOf(marketplace)
  if (finding.kind === 'found') {
    const { facts, source, observedAt } = finding
    return { ...itemView(facts, price), asin, success: true, ...place, source, observedAt, error: null }
  }
  const nothing = { asin, SalesRank: null, Title: null, success: false, ...place } as const
  if (finding.kind === 'failed') return { ...nothing, source: null, observedAt: null, error: finding.failure }
  const { source, observedAt } = finding
  return { ...nothing, source, observedAt, error: unknownItem(asin, marketplace) }
}

export const unknownItem = (asin: string, { countryCode, domain }: Marketplace): Failure => ({
  code: 'not-found',
  message: `Amazon has no item ${asin} in ${countryCode} (${domain})`,
  retryAfterSeconds: null,
})

export const placeOf = ({ marketplaceId, countryCode }: Marketplace): Place => ({
  marketplaceId,
  countryCode,
})

function priceView({ price, shipping, currency, observedAt, operation }: KnownPrice): PriceView {
  return { amount: price, shipping, currency, observedAt, operation }
}
