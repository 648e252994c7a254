/**
 * `GET /listings/2021-08-01/restrictions` (model `listingsRestrictions_2021-08-01`, operation `getListingsRestrictions`):
 * why the caller may not sell an item. An empty list says that he may. Errors are an
 * object, as everywhere, though the model has a bare list of them (jlevers/selling-partner-api#194).
 */

import { type Answer, ok, unauthorized } from '../answer.ts'
import { ASIN_PATTERN } from '../catalogue/asin.ts'
import { combineText, fraction } from '../catalogue/hash.ts'
import type { Marketplace } from '../marketplaces.ts'
import { sellerOf } from '../seller/seller.ts'
import { CONDITION_TYPES } from './listings/submission.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from './operation.ts'
import { readMarketplaces, required, single } from './parameters.ts'

const MAX_MARKETPLACES = 20
/** Share of brands whose goods need Amazon's approval. */
const GATED_BRANDS = 0.12
/** Categories in which nothing used is sold. */
const NEW_ONLY: ReadonlySet<string> = new Set(['BEAUTY', 'GROCERY'])

export const getListingsRestrictions: Operation = {
  name: 'getListingsRestrictions',
  method: 'GET',
  path: '/listings/2021-08-01/restrictions',
  plan: { rate: 5, burst: 10, appRate: 100 },
  answer: restrictionsOf,
}

function restrictionsOf({ query, caller }: OperationRequest, context: OperationContext): Answer {
  const asin = required(query, 'asin')
  if (!ASIN_PATTERN.test(asin)) throw new Refusal("Invalid 'asin' provided.")
  const asked = readMarketplaces(query, MAX_MARKETPLACES)
  const conditionType = single(query, 'conditionType') ?? 'new_new'
  if (!CONDITION_TYPES.has(conditionType)) throw new Refusal("Invalid 'conditionType' provided.")
  if (required(query, 'sellerId') !== sellerOf(caller, context).merchantId) return unauthorized('')
  const restrictions = asked.flatMap((marketplace) => {
    const reason = reasonFor(asin, conditionType, marketplace, context)
    return reason === null ? [] : [{ marketplaceId: marketplace.id, conditionType, reasons: [reason] }]
  })
  return ok({ restrictions })
}

function reasonFor(
  asin: string,
  conditionType: string,
  { id, domain }: Marketplace,
  { catalogue }: OperationContext,
): object | null {
  const item = catalogue.itemByAsin(id, asin)
  if (item === null) {
    return { message: 'The ASIN does not exist in this marketplace.', reasonCode: 'ASIN_NOT_FOUND' }
  }
  const { brand, category } = item.product
  if (conditionType.startsWith('used') && NEW_ONLY.has(category.productType)) {
    return { message: 'You cannot list the product in this condition.', reasonCode: 'NOT_ELIGIBLE' }
  }
  if (fraction(combineText(catalogue.seed, brand)) >= GATED_BRANDS) return null
  return {
    message: 'You need approval to list in this brand.',
    reasonCode: 'APPROVAL_REQUIRED',
    links: [
      {
        resource: `https://sellercentral.${domain.replace('www.', '')}/hz/approvalrequest?asin=${asin}`,
        verb: 'GET',
        title: 'Request Approval via Seller Central.',
        type: 'text/html',
      },
    ],
  }
}
