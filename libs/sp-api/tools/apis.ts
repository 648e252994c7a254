/**
 * The APIs whose operations are typed: the model's file, and the name of the module that is made of it. Left out are
 * versions that Amazon has replaced (catalogue V0 and 2020-12-01) and operations that exist in its sandbox alone.
 */
export const apis = [
  { model: 'application_2023-11-30.json', name: 'application-2023-11-30' },
  { model: 'catalogItems_2022-04-01.json', name: 'catalog-items-2022-04-01' },
  { model: 'dataKiosk_2023-11-15.json', name: 'data-kiosk-2023-11-15' },
  { model: 'definitionsProductTypes_2020-09-01.json', name: 'product-type-definitions-2020-09-01' },
  { model: 'fbaInbound.json', name: 'fba-inbound-eligibility-v1' },
  { model: 'fbaInventory.json', name: 'fba-inventory-v1' },
  { model: 'feeds_2021-06-30.json', name: 'feeds-2021-06-30' },
  { model: 'finances_2024-06-19.json', name: 'finances-2024-06-19' },
  { model: 'financesV0.json', name: 'finances-v0' },
  { model: 'fulfillmentInboundV0.json', name: 'fulfillment-inbound-v0' },
  { model: 'fulfillmentInbound_2024-03-20.json', name: 'fulfillment-inbound-2024-03-20' },
  { model: 'listingsItems_2021-08-01.json', name: 'listings-items-2021-08-01' },
  { model: 'listingsRestrictions_2021-08-01.json', name: 'listings-restrictions-2021-08-01' },
  { model: 'notifications.json', name: 'notifications-v1' },
  { model: 'orders_2026-01-01.json', name: 'orders-2026-01-01' },
  { model: 'ordersV0.json', name: 'orders-v0' },
  { model: 'productFeesV0.json', name: 'product-fees-v0' },
  { model: 'productPricingV0.json', name: 'product-pricing-v0' },
  { model: 'productPricing_2022-05-01.json', name: 'product-pricing-2022-05-01' },
  { model: 'reports_2021-06-30.json', name: 'reports-2021-06-30' },
  { model: 'sales.json', name: 'sales-v1' },
  { model: 'sellers.json', name: 'sellers-v1' },
  { model: 'tokens_2021-03-01.json', name: 'tokens-2021-03-01' },
  { model: 'transfers_2024-06-01.json', name: 'transfers-2024-06-01' },
] as const

/** Every typed API, by the name of its module. */
export type ApiName = (typeof apis)[number]['name']

/**
 * Properties that Amazon's models call required and Amazon's own sandbox answers leave out, by schema: they are
 * optional in what we read.
 */
export const leftOut: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'fulfillmentInboundV0.json': { InboundShipmentInfo: ['AreCasesRequired'] },
  'sellers.json': { Marketplace: ['defaultCurrencyCode', 'defaultLanguageCode'] },
}
