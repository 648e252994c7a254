/** A seller: what it sells and what was ordered. One object for each, for the life of a simulator. */

import { marketOf } from '../operations/market.ts'
import type { World } from '../operations/operation.ts'
import { Assortment } from './assortment.ts'
import { InboundBook } from './inbound.ts'
import { OrderBook } from './orders.ts'

export interface Seller {
  /** As LWA names it; secrets are not in it. */
  readonly name: string
  readonly merchantId: string
  readonly assortment: Assortment
  readonly orders: OrderBook
  readonly inbound: InboundBook
}

class Sellers {
  readonly #world: World
  readonly #sellers = new Map<string, Seller>()

  constructor(world: World) {
    this.#world = world
  }

  get(name: string): Seller {
    let seller = this.#sellers.get(name)
    if (seller === undefined) {
      const { catalogue, options } = this.#world
      const assortment = new Assortment(catalogue, name, options.listings)
      const orders = new OrderBook(assortment, options.ordersPerDay)
      const inbound = new InboundBook(assortment)
      seller = { name, merchantId: marketOf(this.#world).sellers.of(name), assortment, orders, inbound }
      this.#sellers.set(name, seller)
    }
    return seller
  }
}

const createSellers = (world: World) => new Sellers(world)

/** The seller for whom a caller speaks; operations of sellers are never reached without one. */
export function sellerOf(caller: { readonly seller: string | null }, world: World): Seller {
  if (caller.seller === null) throw new Error('A grantless token speaks for no seller.')
  return world.part(createSellers).get(caller.seller)
}
