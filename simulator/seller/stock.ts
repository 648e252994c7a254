/** What Amazon's warehouses hold of an offering: a saw-tooth of sales and deliveries by the hour, without a table. */

import { combine } from '../catalogue/hash.ts'
import { DAY_MS, type Offering } from './assortment.ts'

export interface Stock {
  readonly fulfillable: number
  readonly reserved: number
  readonly unfulfillable: number
  readonly inboundWorking: number
  readonly inboundShipped: number
  readonly inboundReceiving: number
  readonly researching: number
}

const SALT = { capacity: 71, phase: 72, cycle: 73, reserved: 74, broken: 75, research: 76 }
const HOUR = 3_600_000

/** The stock of an offering of the channel AFN at a time. */
export function stockOf({ hash }: Offering, at: number): Stock {
  const capacity = 20 + (combine(hash, SALT.capacity) % 300)
  const cycleMs = (10 + (combine(hash, SALT.cycle) % 30)) * DAY_MS
  const phase = ((Math.floor(at / HOUR) * HOUR + combine(hash, SALT.phase) * 1_000) % cycleMs) / cycleMs
  const left = Math.round(capacity * (1 - phase))
  const coming = phase > 0.7 ? Math.round(capacity * 0.9) : 0
  return {
    fulfillable: left,
    reserved: Math.min(left, combine(hash, SALT.reserved) % 6),
    unfulfillable: combine(hash, SALT.broken) % 3,
    inboundWorking: phase > 0.7 && phase <= 0.8 ? coming : 0,
    inboundShipped: phase > 0.8 && phase <= 0.95 ? coming : 0,
    inboundReceiving: phase > 0.95 ? coming : 0,
    researching: combine(hash, SALT.research) % 20 === 0 ? 1 : 0,
  }
}

/** What a seller has of an offering that it sends itself. */
export const ownQuantity = ({ hash }: Offering, at: number): number =>
  combine(hash, SALT.capacity + Math.floor(at / DAY_MS)) % 120
