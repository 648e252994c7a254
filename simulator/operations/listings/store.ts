/** The listings of all sellers: what they offer from the start, and what they have submitted since. */

import type { Catalogue } from '../../catalogue/catalogue.ts'
import { indexOf } from '../../catalogue/numbering.ts'
import type { Marketplace } from '../../marketplaces.ts'
import type { Seller } from '../../seller/seller.ts'
import type { ControlRoute, World } from '../operation.ts'
import { type Listing, listingOf } from './listing.ts'

/** What was submitted last, and what is seen until it is processed; null is no listing. */
interface Submitted {
  readonly before: Listing | null
  readonly after: Listing | null
  readonly visibleAt: number
}

const HOUR_MS = 3_600_000
const MAX_SELECTIONS = 16

export class Listings {
  readonly #catalogue: Catalogue
  readonly #now: () => number
  /** By seller and marketplace, then by SKU. */
  readonly #submitted = new Map<string, Map<string, Submitted>>()
  /** Those that sellers have from the start, by seller and marketplace. */
  readonly #initial = new Map<string, readonly Listing[]>()
  #delayMs = 0
  /** From when on everything that was submitted is seen. */
  #settledAt = 0
  readonly #selections = new Map<string, readonly Listing[]>()

  constructor({ catalogue, date }: World) {
    this.#catalogue = catalogue
    this.#now = () => date().getTime()
  }

  /** How long what is submitted from now on is processed before it is seen. */
  setDelay(seconds: unknown): void {
    if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= 86_400))
      throw new Error(`delaySeconds must be a number from 0 to 86400, not ${seconds}.`)
    this.#delayMs = seconds * 1_000
  }

  /** The listing as it is seen now, or null. */
  find(seller: Seller, marketplace: Marketplace, sku: string): Listing | null {
    const submitted = this.#submitted.get(keyOf(seller, marketplace))?.get(sku)
    if (submitted !== undefined) return this.#seen(submitted)
    const offering = seller.assortment.bySku(sku, marketplace)
    return offering === null ? null : listingOf(offering, marketplace, this.#catalogue)
  }

  /** The listing as it will be seen when all that was submitted is processed. */
  latest(seller: Seller, marketplace: Marketplace, sku: string): Listing | null {
    const submitted = this.#submitted.get(keyOf(seller, marketplace))?.get(sku)
    return submitted === undefined ? this.find(seller, marketplace, sku) : submitted.after
  }

  /** Listings of an ASIN. */
  ofAsin(seller: Seller, marketplace: Marketplace, asin: string): Listing[] {
    const item = this.#catalogue.itemByAsin(marketplace.id, asin)
    const index = item === null ? null : indexOf(item.product.gtin)
    const own = index === null ? null : seller.assortment.ofProduct(index, marketplace)
    const skus = new Set(this.#submitted.get(keyOf(seller, marketplace))?.keys())
    if (own !== null) skus.add(own.sku)
    return [...skus].flatMap((sku) => {
      const listing = this.find(seller, marketplace, sku)
      return listing?.asin === asin ? [listing] : []
    })
  }

  /** All listings of a marketplace, in no order. */
  all(seller: Seller, marketplace: Marketplace): Listing[] {
    const key = keyOf(seller, marketplace)
    let initial = this.#initial.get(key)
    if (initial === undefined) {
      initial = [...seller.assortment.all(marketplace)].map((offering) =>
        listingOf(offering, marketplace, this.#catalogue),
      )
      this.#initial.set(key, initial)
    }
    const submitted = this.#submitted.get(key) ?? new Map<string, Submitted>()
    const seen = [...submitted.values()].map((one) => this.#seen(one)).filter((listing) => listing !== null)
    return [...initial.filter(({ sku }) => !submitted.has(sku)), ...seen]
  }

  /**
   * `select` of all listings of a marketplace, remembered by `key` while nothing changes: the pages of one query do not
   * each sort everything. Quantities change on the hour.
   */
  selected(
    seller: Seller,
    marketplace: Marketplace,
    key: string,
    select: (listings: Listing[]) => readonly Listing[],
  ): readonly Listing[] {
    const now = this.#now()
    if (now < this.#settledAt) return select(this.all(seller, marketplace))
    const whole = `${keyOf(seller, marketplace)}\n${Math.floor(now / HOUR_MS)}\n${key}`
    let selection = this.#selections.get(whole)
    if (selection === undefined) {
      selection = select(this.all(seller, marketplace))
      if (this.#selections.size >= MAX_SELECTIONS) this.#selections.clear()
      this.#selections.set(whole, selection)
    }
    return selection
  }

  /** Puts a listing in the place of what was there; null takes it away. */
  save(seller: Seller, marketplace: Marketplace, sku: string, listing: Listing | null): void {
    const before = this.find(seller, marketplace, sku)
    const key = keyOf(seller, marketplace)
    const submitted = this.#submitted.get(key) ?? new Map<string, Submitted>()
    this.#submitted.set(key, submitted)
    const visibleAt = this.#now() + this.#delayMs
    submitted.set(sku, { before, after: listing, visibleAt })
    this.#settledAt = Math.max(this.#settledAt, visibleAt)
    this.#selections.clear()
  }

  #seen({ before, after, visibleAt }: Submitted): Listing | null {
    return this.#now() >= visibleAt ? after : before
  }
}

const keyOf = ({ name }: Seller, { id }: Marketplace) => `${name} ${id}`

const createListings = (world: World) => new Listings(world)

export const listingsOf = (world: World): Listings => world.part(createListings)

export const changeListings: ControlRoute = {
  route: 'POST /_simulator/listings',
  answer({ body }, world) {
    listingsOf(world).setDelay(body.delaySeconds)
    return { delaySeconds: body.delaySeconds }
  },
}
