/** The query parameters that both catalogue operations have, checked as Amazon checks them. */

import { DATA_SETS, type DataSet } from '../catalogue/item-data.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'

/** A query that Amazon refuses; the message is the one of the 400. */
export class InvalidQuery extends Error {
  override readonly name = 'InvalidQuery'
  readonly details: string
  constructor(message: string, details = '') {
    super(message)
    this.details = details
  }
}

/** A parameter that may stand once, or null when it is absent or empty. */
export function single(query: URLSearchParams, name: string): string | null {
  const values = query.getAll(name)
  if (values.length > 1)
    throw new InvalidQuery(`Invalid '${name}' provided.`, 'Give it once, values joined by commas.')
  return values[0] || null
}

/** A comma-separated parameter; empty when it is absent. */
export function list(query: URLSearchParams, name: string, maxItems: number): string[] {
  const values = single(query, name)?.split(',') ?? []
  if (values.length > maxItems) {
    throw new InvalidQuery(
      `Invalid '${name}' provided.`,
      `At most ${maxItems} values are allowed, not ${values.length}.`,
    )
  }
  if (values.includes('')) throw new InvalidQuery(`Invalid '${name}' provided.`, 'A value is empty.')
  return values
}

export function readMarketplaces(query: URLSearchParams, maxItems: number): Marketplace[] {
  const ids = list(query, 'marketplaceIds', maxItems)
  if (ids.length === 0) throw new InvalidQuery("Missing required 'marketplaceIds'.")
  return ids.map((id) => {
    const marketplace = marketplaces.get(id)
    if (marketplace === undefined) throw new InvalidQuery("Invalid 'marketplaceIds' provided.")
    return marketplace
  })
}

const known: ReadonlySet<string> = new Set([...DATA_SETS, 'vendorDetails'])

/** The data sets asked for; `summaries` when none is. `vendorDetails` is accepted, and a seller gets none. */
export function readIncludedData(query: URLSearchParams): ReadonlySet<DataSet> {
  const names = list(query, 'includedData', known.size)
  if (!names.every((name) => known.has(name))) throw new InvalidQuery("Invalid 'includedData' provided.")
  return new Set((names.length === 0 ? ['summaries'] : names) as DataSet[])
}
