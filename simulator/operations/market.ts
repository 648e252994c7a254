/** The market that all pricing operations answer from, and `/_simulator/offers`: its truth, and its changes on demand. */

import { combineText, fraction } from '../catalogue/hash.ts'
import { Market } from '../catalogue/market.ts'
import type { Condition, ItemOffers, Offer } from '../catalogue/offers.ts'
import { marketplaces } from '../marketplaces.ts'
import type { ControlRoute, World } from './operation.ts'

export const marketOf = (world: World): Market => world.part(createMarket)

const createMarket = ({ catalogue }: World) => new Market(catalogue)

/** The share of items that are too soon, on demand. */
const createTooSoon = () => ({ share: 0 })

/**
 * Whether an item is `ActiveButTooSoonForProcessing`: Amazon has not put its offers together yet. However often one asks,
 * it stays so (amzn/selling-partner-api-models#5358).
 */
export function isTooSoon({ asin }: ItemOffers, world: World): boolean {
  return fraction(combineText(world.options.seed ^ 0x2500, asin)) < world.part(createTooSoon).share
}

/** Money as Product Pricing v0 shows it: a JSON number. */
export const v0Money = ({ money }: ItemOffers) => {
  return (amount: number) => ({ CurrencyCode: money.currency, Amount: money.toNumber(amount) })
}

/** Money as Product Pricing 2022-05-01 shows it: a JSON number too, under other names. */
export const money2022 = ({ money }: ItemOffers) => {
  return (amount: number) => ({ currencyCode: money.currency, amount: money.toNumber(amount) })
}

export const readOffers: ControlRoute = {
  route: 'GET /_simulator/offers',
  answer({ query }, world) {
    const marketplaceId = readMarketplace(query.get('marketplaceId'))
    const asins = (query.get('asins') ?? '').split(',').filter((asin) => asin !== '')
    if (asins.length === 0) throw new Error('asins must hold ASINs, joined by commas.')
    const market = marketOf(world)
    const at = query.has('step') ? Number(query.get('step')) : market.step
    const items = asins.map((asin) => {
      const offers = market.offersOf(marketplaceId, asin, at)
      return offers === null ? { asin, known: false } : { asin, known: true, ...truth(offers) }
    })
    return { marketplaceId, step: at, items }
  },
}

export const changeOffers: ControlRoute = {
  route: 'POST /_simulator/offers',
  answer({ body }, world) {
    const market = marketOf(world)
    const { step, advance, changes, change, set, tooSoon } = body
    if (step !== undefined || advance !== undefined || changes !== undefined) {
      const to = step === undefined ? market.step + Number(advance ?? 0) : Number(step)
      market.goTo(to, changes === undefined ? undefined : Number(changes))
    }
    for (const item of listOf(change, 'change')) {
      market.change(readMarketplace(item.marketplaceId), String(item.asin))
    }
    for (const price of listOf(set, 'set')) setPrice(market, price)
    if (tooSoon !== undefined) {
      if (!(typeof tooSoon === 'number' && tooSoon >= 0 && tooSoon <= 1))
        throw new Error(`tooSoon must be a share from 0 to 1, not ${tooSoon}.`)
      world.part(createTooSoon).share = tooSoon
    }
    return { step: market.step, tooSoon: world.part(createTooSoon).share }
  },
}

function setPrice(market: Market, given: Readonly<Record<string, unknown>>): void {
  const marketplaceId = readMarketplace(given.marketplaceId)
  const { asin, sellerId, condition = 'New', price } = given
  if (condition !== 'New' && condition !== 'Used')
    throw new Error(`condition must be New or Used, not ${condition}.`)
  const offers = market.offersOf(marketplaceId, String(asin))
  if (offers === null) throw new Error(`${marketplaceId} has no item ${asin}.`)
  if (price !== null && !(typeof price === 'number' && price > 0))
    throw new Error(`price must be a number above 0, or null to withdraw the offer, not ${price}.`)
  const seller = { sellerId: String(sellerId), condition: condition as Condition }
  const amount = price === null ? null : Math.round(price * 10 ** offers.money.digits)
  market.setPrice(marketplaceId, String(asin), seller, amount)
}

function readMarketplace(id: unknown): string {
  if (typeof id === 'string' && marketplaces.has(id)) return id
  throw new Error(`marketplaceId must be one of ${[...marketplaces.keys()].join(', ')}, not "${id}".`)
}

function listOf(value: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Error(`${name} must be a list.`)
  return value as Readonly<Record<string, unknown>>[]
}

/** An item's offers in plain words and decimal texts, for whoever checks what was stored. */
function truth(item: ItemOffers): object {
  const { toText } = item.money
  const text = (amount: number | null) => (amount === null ? null : toText(amount))
  const plain = ({ listingPrice, shipping, landedPrice, ...offer }: Offer) => ({
    ...offer,
    listingPrice: toText(listingPrice),
    shipping: toText(shipping),
    landedPrice: toText(landedPrice),
  })
  const orNull = (offer: Offer | null) => (offer === null ? null : plain(offer))
  return {
    currency: item.money.currency,
    offers: item.offers.map(plain),
    featured: orNull(item.featured),
    featuredUsed: orNull(item.featuredUsed),
    featuredForPrime: orNull(item.featuredForPrime),
    listPrice: text(item.listPrice),
    competitivePriceThreshold: text(item.competitivePriceThreshold),
    competitivePrice: text(item.competitivePrice),
    wasPrice: text(item.wasPrice),
    ranks: item.ranks,
  }
}
