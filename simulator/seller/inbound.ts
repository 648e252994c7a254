/** What a seller sends to Amazon's warehouses: a plan each week since 2025 by the numbers, and those that it made itself. */

import { combine, combineText, fraction } from '../catalogue/hash.ts'
import { type Marketplace, marketplaces } from '../marketplaces.ts'
import { type Assortment, DAY_MS, type Offering } from './assortment.ts'

export type PlanStatus = 'ACTIVE' | 'SHIPPED' | 'VOIDED'
export type ShipmentStatus = 'WORKING' | 'SHIPPED' | 'RECEIVING' | 'CLOSED' | 'CANCELLED'

export interface SentItem {
  readonly offering: Offering
  readonly quantity: number
  readonly received: number
}

/** A plan as it is at one moment, with its one shipment. Times are milliseconds since 1970. */
export interface InboundPlan {
  readonly id: string
  readonly name: string
  readonly marketplace: Marketplace
  readonly createdAt: number
  readonly lastUpdatedAt: number
  readonly status: PlanStatus
  readonly items: readonly SentItem[]
  readonly shipment: InboundShipment
}

export interface InboundShipment {
  readonly id: string
  /** As v0 and the seller's pages know it: `FBA15DJQ4XYZ`. */
  readonly confirmationId: string
  readonly placementOptionId: string
  readonly status: ShipmentStatus
  readonly warehouseId: string
}

/** A plan that the seller made (`createInboundPlan`); it is there from `createdAt` on. */
export interface MadePlan {
  readonly id: string
  readonly name: string
  readonly marketplace: Marketplace
  readonly createdAt: number
  readonly items: readonly { readonly offering: Offering; readonly quantity: number }[]
  cancelledAt: number | null
}

const EPOCH = Date.UTC(2025, 0, 6)
const WEEK_MS = 7 * DAY_MS
/** The marketplaces that plans are for, in turn. */
const DESTINATIONS = ['ATVPDKIKX0DER', 'A1PA6795UKMFR9', 'A1F83G8C2ARO7P', 'A1VC38T7YXB528']
const SALT = { plan: 111, count: 112, item: 113, quantity: 114, voided: 115, lost: 116, id: 117 }
const VOIDED_SHARE = 0.05

/** What becomes of a shipment, by days since its plan was made. */
const STAGES: readonly (readonly [number, ShipmentStatus])[] = [
  [0, 'WORKING'],
  [4, 'SHIPPED'],
  [9, 'RECEIVING'],
  [16, 'CLOSED'],
]

export class InboundBook {
  readonly #assortment: Assortment
  readonly made = new Map<string, MadePlan>()

  constructor(assortment: Assortment) {
    this.#assortment = assortment
  }

  /** All plans there are at a time, oldest first. */
  plans(now: number): InboundPlan[] {
    const generated: InboundPlan[] = []
    for (let n = 0; EPOCH + n * WEEK_MS <= now; n++) {
      const plan = this.#generate(n, now)
      if (plan !== null) generated.push(plan)
    }
    const own = [...this.made.values()]
      .filter(({ createdAt }) => createdAt <= now)
      .map((plan) => planAt(plan, combineText(this.#assortment.hash, plan.id), plan.cancelledAt, now))
    return [...generated, ...own].sort((a, b) => a.createdAt - b.createdAt)
  }

  #generate(n: number, now: number): InboundPlan | null {
    const hash = combine(combine(this.#assortment.hash, SALT.plan), n)
    const marketplace = marketplaces.get(DESTINATIONS[n % DESTINATIONS.length] as string) as Marketplace
    const items = this.#items(hash, marketplace)
    if (items.length === 0) return null
    const createdAt = EPOCH + n * WEEK_MS + (hash % 12) * 3_600_000
    if (createdAt > now) return null
    const voided = fraction(combine(hash, SALT.voided)) < VOIDED_SHARE ? createdAt + DAY_MS : null
    const id = idOf('wf', combine(hash, SALT.id))
    const name = `Plan of ${new Date(createdAt).toISOString().slice(0, 10)}`
    return planAt({ id, name, marketplace, createdAt, items }, hash, voided, now)
  }

  #items(hash: number, marketplace: Marketplace): { offering: Offering; quantity: number }[] {
    const items = new Map<string, { offering: Offering; quantity: number }>()
    const { size } = this.#assortment
    const wanted = size === 0 ? 0 : 3 + (combine(hash, SALT.count) % 15)
    for (let i = 0; i < wanted; i++) {
      const offering = this.#assortment.at(combine(hash, SALT.item + i * 100) % size, marketplace)
      if (offering?.channel !== 'AFN') continue
      items.set(offering.sku, { offering, quantity: 10 + (combine(hash, SALT.quantity + i * 100) % 90) })
    }
    return [...items.values()]
  }
}

function planAt(
  plan: Omit<MadePlan, 'cancelledAt'>,
  hash: number,
  cancelledAt: number | null,
  now: number,
): InboundPlan {
  const cancelled = cancelledAt !== null && cancelledAt <= now
  const [days, stage] = STAGES.findLast(([after]) => plan.createdAt + after * DAY_MS <= now) ?? [
    0,
    'WORKING' as const,
  ]
  const status = cancelled ? 'CANCELLED' : stage
  return {
    id: plan.id,
    name: plan.name,
    marketplace: plan.marketplace,
    createdAt: plan.createdAt,
    lastUpdatedAt: cancelled ? cancelledAt : plan.createdAt + days * DAY_MS,
    status: cancelled ? 'VOIDED' : status === 'WORKING' ? 'ACTIVE' : 'SHIPPED',
    items: plan.items.map(({ offering, quantity }) => ({
      offering,
      quantity,
      received: status === 'CLOSED' ? quantity - (combine(offering.hash, SALT.lost) % 20 === 0 ? 1 : 0) : 0,
    })),
    shipment: {
      id: idOf('sh', hash),
      confirmationId: `FBA15${combine(hash, SALT.id + 1)
        .toString(36)
        .toUpperCase()
        .padStart(7, '0')}`,
      placementOptionId: idOf('pl', hash),
      status,
      warehouseId: `SIM${hash % 9}`,
    },
  }
}

/** Two letters and a UUID, such as `wf1234abcd-1234-abcd-5678-1234abcd5678`. */
export function idOf(prefix: string, hash: number): string {
  const hex = [1, 2, 3, 4].map((salt) => combine(hash, salt).toString(16).padStart(8, '0')).join('')
  return `${prefix}${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
}
