import { defineEntity, p } from '@mikro-orm/core'

export const LookedUpItem = defineEntity({
  name: 'LookedUpItem',
  tableName: 'looked_up_items',
  properties: {
    marketplaceId: p.string().length(20).primary(),
    asin: p.string().length(10).primary(),
    item: p.json<Record<string, unknown>>().nullable(),
    observedAt: p.datetime().columnType('timestamptz'),
  },
})

export const LookedUpCode = defineEntity({
  name: 'LookedUpCode',
  tableName: 'looked_up_codes',
  properties: {
    marketplaceId: p.string().length(20).primary(),
    gtin14: p.string().length(14).primary(),
    asins: p.array(),
    observedAt: p.datetime().columnType('timestamptz'),
  },
})
