/** What a seller sells: a function of seed, seller and number, so that nothing is stored and every SKU leads back. */

import type { Catalogue, CatalogueItem } from '../catalogue/catalogue.ts'
import { combine, combineText, fraction } from '../catalogue/hash.ts'
import { itemData } from '../catalogue/item-data.ts'
import { moneyOf } from '../catalogue/money.ts'
import { PRODUCTS, upcOf } from '../catalogue/numbering.ts'
import { referencePrice } from '../catalogue/offers.ts'
import type { Marketplace } from '../marketplaces.ts'
import type { Money } from './money.ts'

/** An item that the seller offers in a marketplace. */
export interface Offering {
  /** 0 … size − 1, the same in every marketplace. */
  readonly number: number
  readonly sku: string
  /** Amazon's code for the seller's goods in its warehouses; those of `MFN` have none. */
  readonly fnsku: string | null
  readonly asin: string
  readonly gtin: number
  readonly title: string
  readonly productType: string
  readonly channel: 'AFN' | 'MFN'
  readonly price: Money
  /** When the offer was opened, in milliseconds since 1970. */
  readonly openedAt: number
  /** Base for everything else that is derived from the offering. */
  readonly hash: number
}

const SALT = { seller: 0x5e11, offset: 31, channel: 32, price: 33, opened: 34, fnsku: 35 }
/** Share of offerings that Amazon's warehouses send. */
const AFN_SHARE = 0.6
/** Every so many SKUs are of a kind that must be encoded in a URL, as sellers' SKUs often are. */
const AWKWARD = 17
const OPENED_FROM = Date.UTC(2020, 0, 1)
const OPENED_DAYS = 1_500
export const DAY_MS = 86_400_000
/** Offerings with lower numbers are remembered, so that a seller of millions does not fill the memory. */
const REMEMBERED = 2_000

export class Assortment {
  readonly size: number
  readonly hash: number
  readonly #catalogue: Catalogue
  readonly #first: number
  /** Offerings by marketplace and number: orders name the same ones again and again. */
  readonly #offerings = new Map<string, Map<number, Offering | null>>()

  /** Of `seller` (the name that LWA gives it), with `size` numbers. */
  constructor(catalogue: Catalogue, seller: string, size: number) {
    this.#catalogue = catalogue
    this.size = size
    this.hash = combineText(combine(SALT.seller, catalogue.seed), seller)
    // Near the first products, which are those that tests and samples ask for.
    this.#first = combine(this.hash, SALT.offset) % 1_000
  }

  /** The offering with this number in a marketplace, or null where Amazon does not know its product. */
  at(number: number, marketplace: Marketplace): Offering | null {
    if (number >= REMEMBERED) return this.#make(number, marketplace)
    const known = this.#offerings.get(marketplace.id) ?? new Map<number, Offering | null>()
    this.#offerings.set(marketplace.id, known)
    let offering = known.get(number)
    if (offering === undefined) {
      offering = this.#make(number, marketplace)
      known.set(number, offering)
    }
    return offering
  }

  #make(number: number, marketplace: Marketplace): Offering | null {
    const item = this.item(number, marketplace.id)
    if (item === null) return null
    const hash = combine(this.hash, number)
    const channel = fraction(combine(hash, SALT.channel)) < AFN_SHARE ? 'AFN' : 'MFN'
    return {
      number,
      sku: skuOf(number),
      fnsku: channel === 'AFN' ? fnskuOf(combine(hash, SALT.fnsku)) : null,
      asin: item.asin,
      gtin: item.product.gtin,
      get title() {
        return titleOf(item)
      },
      productType: item.product.category.productType,
      channel,
      price: { currency: marketplace.currency, amount: priceOf(item, marketplace, hash) },
      openedAt: OPENED_FROM + (combine(hash, SALT.opened) % OPENED_DAYS) * DAY_MS,
      hash,
    }
  }

  /** The offering of an SKU in a marketplace, or null when there is none. */
  bySku(sku: string, marketplace: Marketplace): Offering | null {
    const number = Number(/(\d+)$/.exec(sku)?.[1] ?? Number.NaN)
    return number < this.size && skuOf(number) === sku ? this.at(number, marketplace) : null
  }

  /** The offering of the product with this index, or null when it is none of the seller's. */
  ofProduct(index: number, marketplace: Marketplace): Offering | null {
    const number = (index - this.#first + PRODUCTS) % PRODUCTS
    return number < this.size ? this.at(number, marketplace) : null
  }

  /** All offerings of a marketplace, by number. */
  *all(marketplace: Marketplace): Generator<Offering> {
    for (let number = 0; number < this.size; number++) {
      const offering = this.at(number, marketplace)
      if (offering !== null) yield offering
    }
  }

  /** The item that a number stands for in a marketplace, or null. */
  item(number: number, marketplaceId: string): CatalogueItem | null {
    const gtin = Number(upcOf((this.#first + number) % PRODUCTS))
    return this.#catalogue.item(marketplaceId, gtin, 0)
  }
}

/** Around what others ask for the item. */
function priceOf(item: CatalogueItem, marketplace: Marketplace, hash: number): number {
  const factor = 0.92 + 0.16 * fraction(combine(hash, SALT.price))
  return moneyOf(marketplace.currency).withEnding(referencePrice(item, marketplace) * factor, hash)
}

function skuOf(number: number): string {
  const digits = number.toString().padStart(5, '0')
  return number % AWKWARD === AWKWARD - 1 ? `A/B 50%+ #${digits}` : `SKU-${digits}`
}

const fnskuOf = (hash: number) => `X00${hash.toString(36).toUpperCase().padStart(7, '0').slice(-7)}`

function titleOf(item: CatalogueItem): string {
  const { attributes } = itemData([[ANY, item]], new Set(['attributes'])) as {
    attributes: { item_name: { value: string }[] }
  }
  return attributes.item_name[0]!.value
}

/** Titles of this catalogue are the same everywhere. */
const ANY = { id: '', name: '', countryCode: '', currency: '', language: '', domain: '' }
