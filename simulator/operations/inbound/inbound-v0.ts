/** Fulfillment Inbound v0 (model `fulfillmentInboundV0`): the reads that are left of it. */

import { notFound, ok } from '../../answer.ts'
import { ASIN_PATTERN } from '../../catalogue/asin.ts'
import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import type { InboundPlan } from '../../seller/inbound.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { createDocumentStore, documentLink } from '../documents/document-store.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { list, moment, oneOf, readMarketplaces, required } from '../parameters.ts'
import { sourceOf } from './plan-fields.ts'

const plan = { rate: 2, burst: 30, appRate: null }
const PAGE_SIZE = 50
const MAX_LIST = 999
const STATUSES = [
  'WORKING', 'READY_TO_SHIP', 'SHIPPED', 'RECEIVING', 'CANCELLED', 'DELETED', 'CLOSED', 'ERROR', 'IN_TRANSIT',
  'DELIVERED', 'CHECKED_IN',
] // biome-ignore format: a table

interface Query {
  readonly marketplaceId: string
  readonly statuses: readonly string[]
  readonly ids: readonly string[]
  readonly after: number | null
  readonly before: number | null
  readonly offset: number
}

/** `QueryType` says which of the other parameters count: a choice of shipments, a range of dates, or a token. */
function readQuery(name: string, query: URLSearchParams, now: number): Query {
  const [marketplace] = readMarketplaces(query, 1, 'MarketplaceId') as [Marketplace]
  const choices =
    name === 'getShipments'
      ? (['SHIPMENT', 'DATE_RANGE', 'NEXT_TOKEN'] as const)
      : (['DATE_RANGE', 'NEXT_TOKEN'] as const)
  const type = oneOf(query, 'QueryType', choices)
  if (type === null) throw new Refusal("Missing required 'QueryType'.")
  if (type === 'NEXT_TOKEN')
    return openCursor<Query>(name, required(query, 'NextToken'), 'NextToken', { now })
  const base = { marketplaceId: marketplace.id, statuses: [], ids: [], after: null, before: null, offset: 0 }
  if (type === 'DATE_RANGE') {
    const [after, before] = [moment(query, 'LastUpdatedAfter'), moment(query, 'LastUpdatedBefore')]
    if (after === null || before === null)
      throw new Refusal("Missing required 'LastUpdatedAfter' or 'LastUpdatedBefore'.")
    return { ...base, after, before }
  }
  const statuses = list(query, 'ShipmentStatusList', STATUSES.length)
  if (!statuses.every((status) => STATUSES.includes(status)))
    throw new Refusal("Invalid 'ShipmentStatusList' provided.")
  const ids = list(query, 'ShipmentIdList', MAX_LIST)
  if (statuses.length === 0 && ids.length === 0)
    throw new Refusal("Missing required 'ShipmentStatusList' or 'ShipmentIdList'.")
  return { ...base, statuses, ids }
}

function plansOf({ inbound }: Seller, query: Query, now: number): InboundPlan[] {
  const { statuses, ids, after, before } = query
  return inbound
    .plans(now)
    .filter(
      ({ marketplace, shipment, lastUpdatedAt }) =>
        marketplace.id === query.marketplaceId &&
        (statuses.length === 0 || statuses.includes(shipment.status)) &&
        (ids.length === 0 || ids.includes(shipment.confirmationId)) &&
        (after === null || lastUpdatedAt >= after) &&
        (before === null || lastUpdatedAt <= before),
    )
}

/** A page of what `rows` makes of the plans. */
function page(
  name: string,
  { query, caller }: OperationRequest,
  world: OperationContext,
  rows: (plan: InboundPlan, seller: Seller) => object[],
) {
  const now = world.date().getTime()
  const wanted = readQuery(name, query, now)
  const seller = sellerOf(caller, world)
  const all = plansOf(seller, wanted, now).flatMap((one) => rows(one, seller))
  const end = wanted.offset + PAGE_SIZE
  const next = all.length > end ? { NextToken: sealCursor(name, { ...wanted, offset: end }, now) } : {}
  return { rows: all.slice(wanted.offset, end), next }
}

function shipmentFields({ shipment, name }: InboundPlan, seller: Seller): object {
  const from = sourceOf(seller)
  return {
    ShipmentId: shipment.confirmationId,
    ShipmentName: name,
    ShipFromAddress: {
      Name: from.name,
      AddressLine1: from.street,
      City: from.city,
      StateOrProvinceCode: from.region,
      CountryCode: from.countryCode,
      PostalCode: from.postalCode,
    },
    DestinationFulfillmentCenterId: shipment.warehouseId,
    ShipmentStatus: shipment.status,
    LabelPrepType: 'SELLER_LABEL',
    AreCasesRequired: false,
    BoxContentsSource: 'NONE',
  }
}

const itemsOf = ({ shipment, items }: InboundPlan): object[] =>
  items.map(({ offering, quantity, received }) => ({
    ShipmentId: shipment.confirmationId,
    SellerSKU: offering.sku,
    FulfillmentNetworkSKU: offering.fnsku,
    QuantityShipped: quantity,
    QuantityReceived: received,
    QuantityInCase: 0,
  }))

const getShipments: Operation = {
  name: 'getShipments',
  method: 'GET',
  path: '/fba/inbound/v0/shipments',
  plan,
  answer(request, world) {
    const { rows, next } = page('getShipments', request, world, (one, seller) => [
      shipmentFields(one, seller),
    ])
    return ok({ payload: { ShipmentData: rows, ...next } })
  },
}

const getShipmentItems: Operation = {
  name: 'getShipmentItems',
  method: 'GET',
  path: '/fba/inbound/v0/shipmentItems',
  plan,
  answer(request, world) {
    const { rows, next } = page('getShipmentItems', request, world, itemsOf)
    return ok({ payload: { ItemData: rows, ...next } })
  },
}

/** The plan of the shipment in the path, or null. */
function planOf({ path, caller }: OperationRequest, world: OperationContext): InboundPlan | null {
  const { inbound } = sellerOf(caller, world)
  const plans = inbound.plans(world.date().getTime())
  return plans.find(({ shipment }) => shipment.confirmationId === path.shipmentId) ?? null
}

const unknownShipment = ({ path }: OperationRequest) =>
  notFound(`The shipment ${path.shipmentId} was not found.`)

const getShipmentItemsByShipmentId: Operation = {
  name: 'getShipmentItemsByShipmentId',
  method: 'GET',
  path: '/fba/inbound/v0/shipments/{shipmentId}/items',
  plan,
  answer(request, world) {
    const found = planOf(request, world)
    return found === null ? unknownShipment(request) : ok({ payload: { ItemData: itemsOf(found) } })
  },
}

/** Operations that lead to a page to print. */
function printed(name: string, tail: string, check: (query: URLSearchParams) => void): Operation {
  return {
    name,
    method: 'GET',
    path: `/fba/inbound/v0/shipments/{shipmentId}/${tail}`,
    plan,
    answer(request, world) {
      check(request.query)
      const found = planOf(request, world)
      if (found === null) return unknownShipment(request)
      const text = `${name} of ${found.shipment.confirmationId}: the simulator prints nothing.\n`
      const document = world.part(createDocumentStore).add({
        seller: sellerOf(request.caller, world).name,
        contentType: 'text/plain; charset=UTF-8',
        gzip: false,
        restricted: false,
        written: { lines: () => [text], charset: 'utf-8' },
      })
      return ok({ payload: { DownloadURL: documentLink(document, world, { ...request, encoded: false }) } })
    },
  }
}

const getLabels = printed('getLabels', 'labels', (query) => {
  required(query, 'PageType')
  if (oneOf(query, 'LabelType', ['BARCODE_2D', 'UNIQUE', 'PALLET'] as const) === null)
    throw new Refusal("Missing required 'LabelType'.")
})
const getBillOfLading = printed('getBillOfLading', 'billOfLading', () => {})

const MAX_PREPARED = 50

const getPrepInstructions: Operation = {
  name: 'getPrepInstructions',
  method: 'GET',
  path: '/fba/inbound/v0/prepInstructions',
  plan,
  answer({ query, caller }, world) {
    const country = required(query, 'ShipToCountryCode')
    const marketplace = [...marketplaces.values()].find(({ countryCode }) => countryCode === country)
    if (marketplace === undefined) throw new Refusal("Invalid 'ShipToCountryCode' provided.")
    const skus = list(query, 'SellerSKUList', MAX_PREPARED)
    const asins = list(query, 'ASINList', MAX_PREPARED)
    if (skus.length + asins.length === 0) throw new Refusal("Missing required 'SellerSKUList' or 'ASINList'.")
    const { assortment } = sellerOf(caller, world)
    const guidance = { BarcodeInstruction: 'RequiresFNSKULabel', PrepGuidance: 'NoAdditionalPrepRequired' }
    const bySku = skus.map((sku) => ({ sku, offering: assortment.bySku(sku, marketplace) }))
    const isThere = (asin: string) => world.catalogue.itemByAsin(marketplace.id, asin) !== null
    const reasonOf = (asin: string) => (ASIN_PATTERN.test(asin) ? 'DoesNotExist' : 'InvalidASIN')
    return ok({
      payload: {
        SKUPrepInstructionsList: bySku.flatMap(({ sku, offering }) =>
          offering === null
            ? []
            : [{ SellerSKU: sku, ASIN: offering.asin, ...guidance, PrepInstructionList: ['Labeling'] }],
        ),
        InvalidSKUList: bySku
          .filter(({ offering }) => offering === null)
          .map(({ sku }) => ({ SellerSKU: sku, ErrorReason: 'DoesNotExist' })),
        ASINPrepInstructionsList: asins
          .filter(isThere)
          .map((asin) => ({ ASIN: asin, ...guidance, PrepInstructionList: ['Labeling'] })),
        InvalidASINList: asins
          .filter((asin) => !isThere(asin))
          .map((asin) => ({ ASIN: asin, ErrorReason: reasonOf(asin) })),
      },
    })
  },
}

export const inboundV0Operations: readonly Operation[] = [
  getShipments,
  getShipmentItems,
  getShipmentItemsByShipmentId,
  getLabels,
  getBillOfLading,
  getPrepInstructions,
]
