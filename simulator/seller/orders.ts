/**
 * A seller's orders: a function of seed, seller, marketplace and number. Order n is placed in the n-th interval since
 * 2020; what has become of it follows from the time at which one looks. Only what sellers do to orders is kept.
 */

import { combine, combineText, fraction } from '../catalogue/hash.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { type Assortment, DAY_MS, type Offering } from './assortment.ts'
import { type Money, sum, times } from './money.ts'
import { type Person, personOf } from './people.ts'

export type OrderStatus = 'PENDING' | 'UNSHIPPED' | 'SHIPPED' | 'CANCELLED'

export interface OrderLine {
  readonly orderItemId: string
  readonly offering: Offering
  readonly quantity: number
  /** Of all its units, without tax. */
  readonly price: Money
  readonly tax: Money
}

/** How a package was sent, once it was. */
export interface Shipment {
  readonly at: number
  readonly packageId: string
  readonly carrier: string
  readonly service: string
  readonly trackingNumber: string
}

/** An order as it is at one moment. Times are milliseconds since 1970. */
export interface Order {
  readonly id: string
  readonly marketplace: Marketplace
  readonly number: number
  readonly channel: 'AFN' | 'MFN'
  readonly createdAt: number
  readonly lastUpdatedAt: number
  readonly status: OrderStatus
  /** When it has to be sent, at the latest. */
  readonly shipBy: number
  readonly shipment: Shipment | null
  /** When what was sent came back, for the few that do: it may lie ahead. */
  readonly returnedAt: number | null
  readonly business: boolean
  readonly prime: boolean
  readonly lines: readonly OrderLine[]
  readonly total: Money
  readonly buyer: Person
  readonly hash: number
}

/** What the seller said of a shipment (`confirmShipment`). */
export interface Confirmation {
  readonly at: number
  readonly packageReferenceId: string
  readonly carrierCode: string
  readonly shippingMethod: string
  readonly trackingNumber: string
}

const SALT = { market: 51, placed: 52, channel: 53, lines: 54, line: 55, quantity: 56, kind: 57, ship: 58 }
const MORE = { prime: 59, business: 60, returned: 61, returnAt: 62, tracking: 63, seal: 64, buyer: 65 }

const EPOCH = Date.UTC(2020, 0, 1)
const HOUR = 3_600_000
/** Payment is checked for this long. */
const PENDING_MS = HOUR / 2
const CANCELLED_AFTER_MS = 2 * HOUR
const CANCELLED_SHARE = 0.04
const RETURNED_SHARE = 0.05
const TAX_SHARE = 0.08
/** From being placed to the last change that happens by itself. */
export const LONGEST_LIFE_MS = 3 * DAY_MS
/** From being placed to coming back. */
const LONGEST_RETURN_MS = 30 * DAY_MS
const SEAL = 10_000

const codes = [...marketplaces.keys()]

/** The orders of one seller. */
export class OrderBook {
  readonly #assortment: Assortment
  /** Between two orders, on average. */
  readonly intervalMs: number
  readonly #confirmed = new Map<string, Confirmation>()
  readonly #marketHashes = new Map<string, number>()

  constructor(assortment: Assortment, ordersPerDay: number) {
    this.#assortment = assortment
    this.intervalMs = DAY_MS / ordersPerDay
  }

  /** The order with this id as it is at `now`, or null when there is none. */
  byId(id: string, now: number): Order | null {
    const key = keyOf(id)
    if (key === null) return null
    const order = this.#order(key.marketplace, key.number, now)
    return order?.id === id && order.createdAt <= now ? order : null
  }

  /** Orders placed from `after` until `before`, oldest first. */
  *created(marketplace: Marketplace, after: number, before: number, now: number): Generator<Order> {
    const last = Math.floor((Math.min(before, now) - EPOCH) / this.intervalMs)
    for (let n = Math.max(0, Math.floor((after - EPOCH) / this.intervalMs)); n <= last; n++) {
      const order = this.#order(marketplace, n, now)
      if (order !== null && order.createdAt >= after && order.createdAt <= Math.min(before, now)) yield order
    }
  }

  /** Orders that came back from `after` until `before`, in the order of their placing. */
  *returned(marketplace: Marketplace, after: number, before: number, now: number): Generator<Order> {
    const market = this.#marketHash(marketplace)
    const last = Math.floor((Math.min(before, now) - EPOCH) / this.intervalMs)
    const first = Math.floor((after - LONGEST_RETURN_MS - EPOCH) / this.intervalMs)
    for (let n = Math.max(0, first); n <= last; n++) {
      // Few are: the others need not be made.
      if (!isReturned(combine(market, n))) continue
      const order = this.#order(marketplace, n, now)
      const at = order?.returnedAt ?? Number.NaN
      if (order !== null && at >= after && at <= Math.min(before, now)) yield order
    }
  }

  /** Orders whose last change lies from `after` until `before`, in the order of their placing. */
  *updated(marketplace: Marketplace, after: number, before: number, now: number): Generator<Order> {
    const confirmed = [...this.#confirmed.keys()]
    const old = new Set(confirmed.filter((id) => keyOf(id)?.marketplace === marketplace))
    for (const order of this.created(marketplace, after - LONGEST_LIFE_MS, before, now)) {
      old.delete(order.id)
      if (order.lastUpdatedAt >= after && order.lastUpdatedAt <= before) yield order
    }
    for (const id of old) {
      const order = this.byId(id, now)
      if (order !== null && order.lastUpdatedAt >= after && order.lastUpdatedAt <= before) yield order
    }
  }

  /** Notes that the seller has sent an order. */
  confirm(id: string, confirmation: Confirmation): void {
    this.#confirmed.set(id, confirmation)
  }

  #marketHash({ id }: Marketplace): number {
    let hash = this.#marketHashes.get(id)
    if (hash === undefined) {
      hash = combineText(combine(this.#assortment.hash, SALT.market), id)
      this.#marketHashes.set(id, hash)
    }
    return hash
  }

  #order(marketplace: Marketplace, number: number, now: number): Order | null {
    const hash = combine(this.#marketHash(marketplace), number)
    const createdAt = Math.floor(EPOCH + (number + fraction(combine(hash, SALT.placed))) * this.intervalMs)
    const first = this.#pick(combine(hash, SALT.line), marketplace, createdAt)
    if (first === null) return null
    const id = idOf(marketplace, number, combine(hash, MORE.seal))
    const { channel } = first
    const shipBy = createdAt + (channel === 'AFN' ? DAY_MS : 2 * DAY_MS)
    const lines = this.#lines(first, hash, marketplace, createdAt)
    const cancelled = fraction(combine(hash, SALT.kind)) < CANCELLED_SHARE
    const ownShipping =
      createdAt + PENDING_MS + (combine(hash, SALT.ship) % (shipBy - createdAt - PENDING_MS))
    const confirmed = this.#confirmed.get(id)
    const shippedAt = cancelled
      ? Number.POSITIVE_INFINITY
      : Math.min(ownShipping, confirmed?.at ?? ownShipping)
    const changes: (readonly [number, OrderStatus])[] = [
      [createdAt, 'PENDING'],
      [createdAt + PENDING_MS, 'UNSHIPPED'],
      [cancelled ? createdAt + CANCELLED_AFTER_MS : shippedAt, cancelled ? 'CANCELLED' : 'SHIPPED'],
    ]
    const [lastUpdatedAt, status] = changes.findLast(([at]) => at <= now) ?? [createdAt, 'PENDING' as const]
    const returned = !cancelled && isReturned(hash)
    const own: Shipment = {
      at: shippedAt,
      packageId: '1',
      carrier: channel === 'AFN' ? 'AMZN_US' : 'UPS',
      service: channel === 'AFN' ? 'AMZL' : 'UPS Ground',
      trackingNumber: `TBA${combine(hash, MORE.tracking).toString().padStart(12, '0')}`,
    }
    return {
      id,
      marketplace,
      number,
      channel,
      createdAt,
      lastUpdatedAt,
      status,
      shipBy,
      shipment: status !== 'SHIPPED' ? null : confirmed === undefined ? own : told(confirmed, shippedAt),
      returnedAt: returned ? shippedAt + (5 + (combine(hash, MORE.returnAt) % 20)) * DAY_MS : null,
      business: fraction(combine(hash, MORE.business)) < 0.1,
      prime: channel === 'AFN' && fraction(combine(hash, MORE.prime)) < 0.7,
      lines,
      total: sum(
        lines.flatMap(({ price, tax }) => [price, tax]),
        marketplace.currency,
      ),
      buyer: personOf(combine(hash, MORE.buyer), marketplace),
      hash,
    }
  }

  /** One line mostly; all lines of an order go through the same channel. */
  #lines(first: Offering, hash: number, marketplace: Marketplace, createdAt: number): OrderLine[] {
    const lines: OrderLine[] = []
    const wanted = 1 + (combine(hash, SALT.lines) % 8 === 0 ? 1 + (combine(hash, SALT.lines + 100) % 3) : 0)
    for (let i = 0; i < wanted; i++) {
      const offering =
        i === 0 ? first : this.#pick(combine(hash, SALT.line + i * 100), marketplace, createdAt)
      if (offering === null || offering.channel !== first.channel) continue
      if (lines.some((line) => line.offering.sku === offering.sku)) continue
      const quantity = 1 + (combine(hash, SALT.quantity + i * 100) % 10 === 0 ? 1 : 0)
      const price = times(offering.price, quantity)
      const orderItemId = (combine(hash, i + 1) * 1_000 + i).toString().padStart(14, '6').slice(-14)
      lines.push({ orderItemId, offering, quantity, price, tax: times(price, TAX_SHARE) })
    }
    return lines
  }

  /** An offering that was open at the time: the first one from a number on, as not every number is sold everywhere. */
  #pick(hash: number, marketplace: Marketplace, at: number): Offering | null {
    const { size } = this.#assortment
    for (let i = 0; i < Math.min(size, 20); i++) {
      const offering = this.#assortment.at((hash + i) % size, marketplace)
      if (offering !== null && offering.openedAt <= at) return offering
    }
    return null
  }
}

const isReturned = (hash: number) => fraction(combine(hash, MORE.returned)) < RETURNED_SHARE

const told = (confirmation: Confirmation, at: number): Shipment => ({
  at,
  packageId: confirmation.packageReferenceId,
  carrier: confirmation.carrierCode,
  service: confirmation.shippingMethod,
  trackingNumber: confirmation.trackingNumber,
})

/** Ids as `114-3941689-8772232`: marketplace, number and a seal, so that an id leads back to its order. */
function idOf(marketplace: Marketplace, number: number, hash: number): string {
  const digits = (number * SEAL + (hash % SEAL)).toString().padStart(14, '0')
  return `${101 + codes.indexOf(marketplace.id)}-${digits.slice(0, 7)}-${digits.slice(7)}`
}

function keyOf(id: string): { marketplace: Marketplace; number: number } | null {
  const match = /^(\d{3})-(\d{7})-(\d{7})$/.exec(id)
  const marketplace = marketplaces.get(codes[Number(match?.[1]) - 101] ?? '')
  if (match === null || marketplace === undefined) return null
  return { marketplace, number: Math.floor(Number(`${match[2]}${match[3]}`) / SEAL) }
}
