/** What was sold, in figures: sums of order lines. */

import type { Money } from './money.ts'
import type { Order, OrderLine } from './orders.ts'

export class Sales {
  /** Orders that had a line in it. */
  orders = 0
  /** Of those, the ones that were sent. */
  ordersShipped = 0
  items = 0
  units = 0
  shippedUnits = 0
  readonly #currency: string
  #ordered = 0
  #shipped = 0

  constructor(currency: string) {
    this.#currency = currency
  }

  /** Counts an order with those of its lines that are meant; one without any does not count. */
  add({ status }: Order, lines: readonly OrderLine[]): void {
    if (lines.length === 0) return
    const shipped = status === 'SHIPPED'
    this.orders++
    if (shipped) this.ordersShipped++
    for (const { quantity, price } of lines) {
      this.items++
      this.units += quantity
      this.#ordered += price.amount
      if (!shipped) continue
      this.shippedUnits += quantity
      this.#shipped += price.amount
    }
  }

  get ordered(): Money {
    return { currency: this.#currency, amount: this.#ordered }
  }

  get shipped(): Money {
    return { currency: this.#currency, amount: this.#shipped }
  }

  /** What came in for each of `count`. */
  each(count: number): Money {
    return { currency: this.#currency, amount: count === 0 ? 0 : Math.round(this.#ordered / count) }
  }
}
