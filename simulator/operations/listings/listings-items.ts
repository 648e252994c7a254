/**
 * `/listings/2021-08-01/items/{sellerId}/{sku}` (model `listingsItems_2021-08-01`): get, put, patch and delete. A
 * submission that is INVALID is answered with 200, and its issues say why.
 */

import { randomBytes } from 'node:crypto'
import { type Answer, notFound, ok, tooManyListings, unauthorized } from '../../answer.ts'
import type { Marketplace } from '../../marketplaces.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { isObject, list, oneOf, readMarketplaces, readObject } from '../parameters.ts'
import type { Attributes, Listing } from './listing.ts'
import { listingsOf } from './store.ts'
import {
  deleteListing,
  type Outcome,
  type Patch,
  patchListing,
  putListing,
  type Requirements,
} from './submission.ts'
import { itemView, readIncludedData } from './view.ts'

const PATH = '/listings/2021-08-01/items/{sellerId}/{sku}'
const MAX_MARKETPLACES = 20
const REQUIREMENTS: readonly unknown[] = ['LISTING', 'LISTING_PRODUCT_ONLY', 'LISTING_OFFER_ONLY']
const PATCHES: readonly unknown[] = ['add', 'replace', 'merge', 'delete']

/** What the gateway says above the plan; which of these limits it was, only the message tells. */
const LIMITS = ['for the application', 'for relationships', 'for product data']
const throttled = (chance: number): Answer =>
  tooManyListings(LIMITS[Math.floor(chance * LIMITS.length)] ?? (LIMITS[0] as string))

export const getListingsItem: Operation = {
  name: 'getListingsItem',
  method: 'GET',
  path: PATH,
  plan: { rate: 5, burst: 10, appRate: null },
  answer(request, context) {
    const seller = sellerOfPath(request, context)
    if (seller === null) return unauthorized('')
    const asked = readMarketplaces(request.query, MAX_MARKETPLACES)
    const include = readIncludedData(request.query)
    const { sku = '' } = request.path
    const [first, ...rest] = asked
      .map((marketplace) => listingsOf(context).find(seller, marketplace, sku))
      .filter((listing): listing is Listing => listing !== null)
    if (first === undefined) {
      return notFound(`SKU '${sku}' not found in marketplace ${asked.map(({ id }) => id).join(', ')}`)
    }
    return ok(itemView([first, ...rest], include, context))
  },
}

export const putListingsItem: Operation = {
  name: 'putListingsItem',
  method: 'PUT',
  path: PATH,
  plan: { rate: 5, burst: 10, appRate: null },
  throttled,
  answer: submission(1, ({ productType, requirements = 'LISTING', attributes }) => {
    if (!REQUIREMENTS.includes(requirements)) throw new Refusal("Invalid 'requirements' provided.")
    if (!isObject(attributes)) throw new Refusal("Missing required 'attributes'.")
    return (target, world, preview) =>
      putListing(target, productType, attributes as Attributes, requirements as Requirements, world, preview)
  }),
}

export const patchListingsItem: Operation = {
  name: 'patchListingsItem',
  method: 'PATCH',
  path: PATH,
  plan: { rate: 5, burst: 5, appRate: null },
  throttled,
  answer: submission(MAX_MARKETPLACES, ({ productType, patches }) => {
    if (!Array.isArray(patches) || patches.length === 0) throw new Refusal("Missing required 'patches'.")
    if (!patches.every(isPatch)) throw new Refusal("Invalid 'patches' provided.")
    return (target, world, preview) => patchListing(target, productType, patches, world, preview)
  }),
}

export const deleteListingsItem: Operation = {
  name: 'deleteListingsItem',
  method: 'DELETE',
  path: PATH,
  plan: { rate: 5, burst: 5, appRate: null },
  answer(request, context) {
    const seller = sellerOfPath(request, context)
    if (seller === null) return unauthorized('')
    const [marketplace] = readMarketplaces(request.query, 1) as [Marketplace]
    const { sku = '' } = request.path
    const { issues } = deleteListing({ seller, marketplace, sku }, context)
    return ok({ sku, status: 'ACCEPTED', submissionId: randomBytes(16).toString('hex'), issues })
  },
}

type Submit = (
  target: { readonly seller: Seller; readonly marketplace: Marketplace; readonly sku: string },
  world: OperationContext,
  preview: boolean,
) => Outcome

interface Body extends Readonly<Record<string, unknown>> {
  readonly productType: string
}

/** An answer to a submission: `read` checks its body, and says what is done in each marketplace. */
function submission(maxMarketplaces: number, read: (body: Body) => Submit): Operation['answer'] {
  return (request, context) => {
    const seller = sellerOfPath(request, context)
    if (seller === null) return unauthorized('')
    const asked = readMarketplaces(request.query, maxMarketplaces)
    const preview = oneOf(request.query, 'mode', ['VALIDATION_PREVIEW']) !== null
    const include = list(request.query, 'includedData', 2)
    if (!include.every((name) => name === 'issues' || (name === 'identifiers' && preview)))
      throw new Refusal("Invalid 'includedData' provided.")
    const body = readObject(request)
    if (typeof body.productType !== 'string') throw new Refusal("Missing required 'productType'.")
    const submit = read(body as Body)
    const { sku = '' } = request.path
    const outcomes = asked.map((marketplace) => ({
      marketplaceId: marketplace.id,
      ...submit({ seller, marketplace, sku }, context, preview),
    }))
    const issues = outcomes.flatMap(({ marketplaceId, issues: some }) =>
      some.map((issue) => ({ ...issue, marketplaceIds: [marketplaceId] })),
    )
    const invalid = issues.some(({ severity }) => severity === 'ERROR')
    return ok({
      sku,
      status: invalid ? 'INVALID' : preview ? 'VALID' : 'ACCEPTED',
      submissionId: randomBytes(16).toString('hex'),
      issues,
      ...(include.includes('identifiers')
        ? {
            identifiers: outcomes.flatMap(({ marketplaceId, asin }) =>
              asin === null ? [] : [{ marketplaceId, asin }],
            ),
          }
        : {}),
    })
  }
}

function isPatch(patch: unknown): patch is Patch {
  if (!isObject(patch) || !PATCHES.includes(patch.op) || typeof patch.path !== 'string') return false
  return patch.value === undefined
    ? patch.op === 'delete'
    : Array.isArray(patch.value) && patch.value.every(isObject)
}

/** The caller, when the path names him and nobody else. */
export function sellerOfPath({ caller, path }: OperationRequest, context: OperationContext): Seller | null {
  const seller = sellerOf(caller, context)
  return seller.merchantId === path.sellerId ? seller : null
}
