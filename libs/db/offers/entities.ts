import { defineEntity, p } from '@mikro-orm/core'
import type { OfferLevel } from '#libs/offers/levels.ts'
import type { Observation } from './observation.ts'

/** The tables of prices and offers as MikroORM sees them; all of them are written with set-based SQL. */

export const offerStates = ['pending', 'queued', 'priced', 'no_price', 'not_found', 'error'] as const
export type OfferState = (typeof offerStates)[number]

const money = () => p.decimal('string').precision(12).scale(2).nullable()

export const OfferSync = defineEntity({
  name: 'OfferSync',
  tableName: 'offer_syncs',
  properties: {
    asin: p.string().length(10).primary(),
    marketplaceId: p.string().length(20).primary(),
    level: p.string().$type<OfferLevel>().length(8).primary(),
    state: p.string().$type<OfferState>().length(10).default('pending'),
    attempt: p.integer().default(0),
    failures: p.integer().default(0),
    priority: p.bigint('number'),
    nextAttemptAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    queuedAt: p.datetime().columnType('timestamptz').nullable(),
    salesRank: p.bigint('number').nullable(),
    observedAt: p.datetime().columnType('timestamptz').nullable(),
    operation: p.string().length(100).nullable(),
    observation: p.json<Observation>().nullable(),
    lastResult: p.string().length(20).nullable(),
    lastReason: p.text().nullable(),
  },
})

export const PricingHistory = defineEntity({
  name: 'PricingHistory',
  tableName: 'pricing_history',
  properties: {
    asin: p.string().length(10).primary(),
    marketplaceId: p.string().length(20).primary(),
    level: p.string().$type<OfferLevel>().length(8).primary(),
    observedAt: p.datetime().columnType('timestamptz').primary(),
    price: money(),
    shipping: money(),
    currency: p.character().length(3).nullable(),
    sellerId: p.string().length(32).nullable(),
    fulfillmentChannel: p.string().length(8).nullable(),
    prime: p.string().length(10).nullable(),
    lowestPrice: money(),
    lowestShipping: money(),
    offerCount: p.integer().nullable(),
    operation: p.string().length(100),
  },
})
