/** `GET /catalog/2022-04-01/items/{asin}` (model `catalogItems_2022-04-01`, operation `getCatalogItem`). */

import { notFound, ok } from '../answer.ts'
import { ASIN_PATTERN } from '../catalogue/asin.ts'
import type { CatalogueItem } from '../catalogue/catalogue.ts'
import { itemData } from '../catalogue/item-data.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { readIncludedData } from './catalog-query.ts'
import { type Operation, Refusal } from './operation.ts'
import { readMarketplaces } from './parameters.ts'

export const getCatalogItem: Operation = {
  name: 'getCatalogItem',
  method: 'GET',
  path: '/catalog/2022-04-01/items/{asin}',
  plan: { rate: 2, burst: 2, appRate: 250 },
  answer({ path: { asin = '' }, query }, { catalogue }) {
    const asked = readMarketplaces(query, marketplaces.size)
    const include = readIncludedData(query)
    if (!ASIN_PATTERN.test(asin)) throw new Refusal("Invalid 'asin' provided.")
    const items = asked
      .map((marketplace) => [marketplace, catalogue.itemByAsin(marketplace.id, asin)] as const)
      .filter((entry): entry is readonly [Marketplace, CatalogueItem] => entry[1] !== null)
    if (items.length > 0) return ok(itemData(items, include))
    return notFound(
      `Requested item '${asin}' not found in marketplace(s) ${asked.map(({ id }) => id).join(', ')}.`,
    )
  },
}
