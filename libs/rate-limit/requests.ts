import type { BucketKey, ReserveRequest } from './port.ts'

/** Checks and limits that every home of the bucket applies to what it is asked. */

/** A `Retry-After` longer than this is taken for a mistake. */
const LONGEST_PUSH_MS = 3_600_000
/** More slots at once would only lock others out. */
export const MAX_SLOTS = 1000

const TICKET = /^[\w-]{1,100}$/

/** @throws RangeError when nothing sensible can be reserved. */
export function checkRequest(request: ReserveRequest): void {
  if (!Number.isInteger(request.slots) || request.slots < 1 || request.slots > MAX_SLOTS)
    throw new RangeError(`slots must be a whole number from 1 to ${MAX_SLOTS}, got ${request.slots}`)
  if (!(request.maxWaitMs >= 0))
    throw new RangeError(`maxWaitMs must be 0 or more milliseconds, got ${request.maxWaitMs}`)
  const { ticket, slots } = request
  if (ticket !== undefined && !(TICKET.test(ticket) && slots === 1))
    throw new RangeError(`a ticket is letters, digits and dashes and takes one slot, got ${ticket}, ${slots}`)
}

/** @throws RangeError when a header's rate is none. */
export function checkRate(ratePerSecond: number): void {
  if (!(ratePerSecond > 0 && Number.isFinite(ratePerSecond)))
    throw new RangeError(`the learned rate must be above 0 requests a second, got ${ratePerSecond}`)
}

/** How long to hold a bucket after a 429: what the answer asked for, else the time of one slot. */
export function pushMs(ratePerSecond: number, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined && retryAfterMs > 0) return Math.min(retryAfterMs, LONGEST_PUSH_MS)
  return 1000 / ratePerSecond
}

/** By application, operation and seller. */
export function compareKeys(a: BucketKey, b: BucketKey): number {
  const text = ({ application, operation, seller }: BucketKey) =>
    JSON.stringify([application, operation, seller])
  return text(a) < text(b) ? -1 : 1
}
