/** A listing as the Listings Items API shows it (model `listingsItems_2021-08-01`, definition `Item`). */

import { itemData } from '../../catalogue/item-data.ts'
import { moneyOf } from '../../catalogue/money.ts'
import type { World } from '../operation.ts'
import { Refusal } from '../operation.ts'
import { list } from '../parameters.ts'
import { type Listing, networkOf, offerOf, statusOf } from './listing.ts'

export const DATA_SETS = [
  'summaries',
  'attributes',
  'issues',
  'offers',
  'fulfillmentAvailability',
  'procurement',
  'relationships',
  'productTypes',
] as const
export type DataSet = (typeof DATA_SETS)[number]

/** The data sets asked for; `summaries` when none is. */
export function readIncludedData(query: URLSearchParams): ReadonlySet<DataSet> {
  const names = list(query, 'includedData', DATA_SETS.length)
  if (!names.every((name) => DATA_SETS.includes(name as DataSet)))
    throw new Refusal("Invalid 'includedData' provided.")
  return new Set((names.length === 0 ? ['summaries'] : names) as DataSet[])
}

/** One SKU in the marketplaces where it is listed, at least one. `procurement` is for vendors, and stays absent. */
export function itemView(
  listings: readonly [Listing, ...Listing[]],
  include: ReadonlySet<DataSet>,
  world: World,
): Record<string, unknown> {
  const [first] = listings
  const now = world.date().getTime()
  const views: Readonly<Record<DataSet, () => unknown>> = {
    summaries: () => listings.map((listing) => summary(listing, now, world)),
    attributes: () => first.attributes,
    issues: () =>
      listings.flatMap(({ issues, marketplace }) =>
        issues.map((issue) => ({ ...issue, marketplaceIds: [marketplace.id] })),
      ),
    offers: () => listings.flatMap((listing) => offers(listing, now)),
    fulfillmentAvailability: () => availability(first, now),
    procurement: () => undefined,
    relationships: () =>
      listings.map(({ marketplace }) => ({ marketplaceId: marketplace.id, relationships: [] })),
    productTypes: () =>
      listings.map(({ marketplace, productType }) => ({ marketplaceId: marketplace.id, productType })),
  }
  const shown = DATA_SETS.filter((name) => include.has(name)).map((name) => [name, views[name]()] as const)
  return { sku: first.sku, ...Object.fromEntries(shown.filter(([, value]) => value !== undefined)) }
}

function summary(listing: Listing, now: number, { catalogue }: World): object {
  const { marketplace, asin, fnsku, productType, createdAt, updatedAt } = listing
  const item = asin === null ? null : catalogue.itemByAsin(marketplace.id, asin)
  const data = item === null ? {} : itemData([[marketplace, item]], new Set(['attributes', 'images']))
  const { images = [] } = ((data.images ?? []) as { images?: readonly object[] }[])[0] ?? {}
  const [mainImage] = images as { link: string; height: number; width: number }[]
  const name = (listing.attributes.item_name ?? titleOf(data.attributes))?.[0]?.value
  return {
    marketplaceId: marketplace.id,
    ...(asin === null ? {} : { asin }),
    productType,
    conditionType: offerOf(listing, now).conditionType,
    status: statusOf(listing, now),
    ...(fnsku === null ? {} : { fnSku: fnsku }),
    ...(name === undefined ? {} : { itemName: name }),
    createdDate: new Date(createdAt).toISOString(),
    lastUpdatedDate: new Date(updatedAt).toISOString(),
    ...(mainImage === undefined
      ? {}
      : { mainImage: { link: mainImage.link, height: mainImage.height, width: mainImage.width } }),
  }
}

const titleOf = (attributes: unknown) =>
  (attributes as { item_name?: readonly { value: unknown }[] } | undefined)?.item_name

/** Amounts are decimal texts here. */
function offers(listing: Listing, now: number): object[] {
  const { marketplace } = listing
  const { price } = offerOf(listing, now)
  if (price === null) return []
  const { currency, toText } = moneyOf(marketplace.currency)
  return [
    {
      marketplaceId: marketplace.id,
      offerType: 'B2C',
      price: { currencyCode: currency, amount: toText(price) },
      audience: { value: 'ALL', displayName: 'Sell on Amazon' },
    },
  ]
}

function availability(listing: Listing, now: number): object[] {
  const { channel, quantity } = offerOf(listing, now)
  const fulfillmentChannelCode = channel === 'AFN' ? networkOf(listing.marketplace) : 'DEFAULT'
  return [{ fulfillmentChannelCode, quantity }]
}
