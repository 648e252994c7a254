/** Inbound plans as Fulfillment Inbound 2024-03-20 shows them (model `fulfillmentInbound_2024-03-20`). */

import { combine } from '../../catalogue/hash.ts'
import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import { type InboundPlan, idOf, type SentItem } from '../../seller/inbound.ts'
import { personOf } from '../../seller/people.ts'
import type { Seller } from '../../seller/seller.ts'
import { inUtc } from '../times.ts'

/** Where a seller sends from. */
export function sourceOf({ assortment }: Seller) {
  return personOf(assortment.hash, marketplaces.get('ATVPDKIKX0DER') as Marketplace)
}

function address(seller: Seller) {
  const { name, street, city, region, postalCode, countryCode, phone } = sourceOf(seller)
  return {
    name,
    addressLine1: street,
    city,
    stateOrProvinceCode: region,
    postalCode,
    countryCode,
    phoneNumber: phone,
  }
}

export const summaryFields = (plan: InboundPlan, seller: Seller) => ({
  inboundPlanId: plan.id,
  name: plan.name,
  marketplaceIds: [plan.marketplace.id],
  createdAt: inUtc(plan.createdAt),
  lastUpdatedAt: inUtc(plan.lastUpdatedAt),
  sourceAddress: address(seller),
  status: plan.status,
})

export const planFields = (plan: InboundPlan, seller: Seller) => ({
  ...summaryFields(plan, seller),
  placementOptions: [{ placementOptionId: plan.shipment.placementOptionId, status: 'ACCEPTED' }],
  shipments: [{ shipmentId: plan.shipment.id, status: plan.shipment.status }],
})

export const shipmentFields = ({ shipment, name, marketplace }: InboundPlan, seller: Seller) => ({
  shipmentId: shipment.id,
  shipmentConfirmationId: shipment.confirmationId,
  placementOptionId: shipment.placementOptionId,
  name,
  status: shipment.status,
  source: { sourceType: 'SELLER_FACILITY', address: address(seller) },
  destination: {
    destinationType: 'AMAZON_WAREHOUSE',
    warehouseId: shipment.warehouseId,
    address: {
      name: shipment.warehouseId,
      addressLine1: '1 Warehouse Road',
      city: 'Depot',
      postalCode: '00001',
      countryCode: marketplace.countryCode,
    },
  },
})

export const placementFields = ({ shipment }: InboundPlan) => ({
  placementOptionId: shipment.placementOptionId,
  status: 'ACCEPTED',
  shipmentIds: [shipment.id],
  fees: [],
  discounts: [],
})

/** Each item goes in a box of its own. */
export const boxFields = ({ shipment, items }: InboundPlan) =>
  items.map((item, number) => ({
    boxId: `${shipment.confirmationId}U${String(number + 1).padStart(6, '0')}`,
    packageId: idOf('pk', combine(item.offering.hash, number)),
    contentInformationSource: 'BOX_CONTENT_PROVIDED',
    quantity: 1,
    items: [itemFields(item)],
    weight: { unit: 'KG', value: 5 + (item.quantity % 10) },
    dimensions: { unitOfMeasurement: 'CM', length: 40, width: 30, height: 25 },
  }))

export const itemFields = ({ offering, quantity }: SentItem) => ({
  asin: offering.asin,
  fnsku: offering.fnsku,
  msku: offering.sku,
  labelOwner: 'SELLER',
  prepInstructions: [],
  quantity,
})
