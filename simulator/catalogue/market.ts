/** Prices of the simulated catalogue: derived like it, but for the steps at which they change and prices that were set. */

import { type Marketplace, marketplaces } from '../marketplaces.ts'
import type { Catalogue, CatalogueItem } from './catalogue.ts'
import { type Condition, changesAt, type ItemOffers, makeOffers, offersHash } from './offers.ts'
import { Sellers } from './sellers.ts'

/** Share of items whose prices change at a step, unless told otherwise. */
const CHANGES = 0.25
const MAX_STEP = 10_000

export class Market {
  readonly catalogue: Catalogue
  readonly sellers: Sellers
  #step = 0
  /** Share of items that change at each step that there was; what it was, it stays. */
  readonly #shares: number[] = [0]
  /** How often an item's prices were changed by hand, by marketplace and ASIN. */
  readonly #bumps = new Map<string, number>()
  /** Prices that sellers have set, by marketplace and ASIN, then by seller and condition; null is withdrawn. */
  readonly #set = new Map<string, Map<string, number | null>>()

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue
    this.sellers = new Sellers(catalogue.seed)
  }

  /** Time of the market: 0 at first, and it passes when it is told to. */
  get step(): number {
    return this.#step
  }

  /** Lets time pass to a step; at each that is new, `changes` (0 … 1) of all items get new prices. */
  goTo(step: number, changes = CHANGES): void {
    if (!Number.isInteger(step) || step < 0 || step > MAX_STEP)
      throw new Error(`step must be a whole number from 0 to ${MAX_STEP}, not ${step}.`)
    if (!(changes >= 0 && changes <= 1)) throw new Error(`changes must be from 0 to 1, not ${changes}.`)
    while (this.#shares.length <= step) this.#shares.push(changes)
    this.#step = step
  }

  /** Gives one item new prices, at every step. */
  change(marketplaceId: string, asin: string): void {
    const key = keyOf(marketplaceId, asin)
    this.#bumps.set(key, (this.#bumps.get(key) ?? 0) + 1)
  }

  /** A seller's listing price, at every step, in the smallest unit; null withdraws his offer, undefined ends both. */
  setPrice(
    marketplaceId: string,
    asin: string,
    seller: { readonly sellerId: string; readonly condition: Condition },
    price: number | null | undefined,
  ): void {
    const key = keyOf(marketplaceId, asin)
    const prices = this.#set.get(key) ?? new Map<string, number | null>()
    this.#set.set(key, prices)
    if (price === undefined) prices.delete(keyOf(seller.sellerId, seller.condition))
    else prices.set(keyOf(seller.sellerId, seller.condition), price)
  }

  /** What is truly offered, at the present step or another; null when the marketplace has no such item. */
  offersOf(marketplaceId: string, asin: string, at = this.#step): ItemOffers | null {
    const item = this.catalogue.itemByAsin(marketplaceId, asin)
    return item === null ? null : this.offersOfItem(marketplaceId, item, at)
  }

  offersOfItem(marketplaceId: string, item: CatalogueItem, at = this.#step): ItemOffers {
    const marketplace = marketplaces.get(marketplaceId) as Marketplace
    const hash = offersHash(item, marketplaceId)
    const key = keyOf(marketplaceId, item.asin)
    if (!(at in this.#shares)) throw new RangeError(`The market has not come to step ${at}.`)
    let step = at
    while (step > 0 && !changesAt(hash, step, this.#shares[step] as number)) step--
    const epoch = step + (this.#bumps.get(key) ?? 0) * 1_000_003
    const set = this.#set.get(key)
    return makeOffers(item, marketplace, epoch, this.sellers, (sellerId, condition) =>
      set?.get(keyOf(sellerId, condition)),
    )
  }
}

const keyOf = (...parts: readonly string[]) => parts.join(' ')
