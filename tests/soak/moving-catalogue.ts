import { Catalogue } from '#simulator/catalogue/catalogue.ts'
import {
  type GenerateOptions,
  generateProducts,
  type ProductRow,
} from '#simulator/catalogue/generate-products.ts'
import type { Expected } from '#tests/faults/checker.ts'
import { expectationOf } from '#tests/faults/expectation.ts'

/**
 * A catalogue of a fixed size whose products change: each has two rows of the generated catalogue between which it goes
 * to and fro, code and title and all, so that what it must come to is known by the seed at any time.
 */
export class MovingCatalogue {
  readonly size: number
  readonly #truth: Catalogue
  readonly #rows: readonly ProductRow[]
  /** By product, whether it carries its second row. */
  readonly #moved: Uint8Array
  /** By product, whether it ever did. */
  readonly #everMoved: Uint8Array

  constructor(options: GenerateOptions) {
    this.size = options.count
    this.#truth = new Catalogue(options)
    this.#rows = [...generateProducts({ ...options, count: 2 * options.count })]
    this.#moved = new Uint8Array(this.size)
    this.#everMoved = new Uint8Array(this.size)
  }

  sku(product: number): string {
    return (this.#rows[product] as ProductRow).sku
  }

  /** The product as it stands. */
  row(product: number): ProductRow {
    return this.#rowOf(product, this.#moved[product] === 1)
  }

  /** The product as it will be after `move`. */
  next(product: number): ProductRow {
    return this.#rowOf(product, this.#moved[product] === 0)
  }

  move(product: number): void {
    this.#moved[product] = 1 - (this.#moved[product] as number)
    this.#everMoved[product] = 1
  }

  *expectations(): Generator<Expected> {
    for (let product = 0; product < this.size; product++) yield expectationOf(this.row(product), this.#truth)
  }

  /** Codes, 14 digits, that a product had once and has no more: Amazon was rightly asked for them. */
  formerCodes(): ReadonlySet<string> {
    const former = new Set<string>()
    const current = new Set<string>()
    const add = (codes: Set<string>, row: ProductRow) => {
      const { gtin14 } = expectationOf(row, this.#truth)
      if (gtin14 !== null) codes.add(gtin14)
    }
    for (let product = 0; product < this.size; product++) {
      add(current, this.row(product))
      if (this.#everMoved[product] === 1) add(former, this.next(product))
    }
    for (const code of current) former.delete(code)
    return former
  }

  #rowOf(product: number, moved: boolean): ProductRow {
    const row = this.#rows[moved ? product + this.size : product] as ProductRow
    return { ...row, sku: this.sku(product) }
  }
}
