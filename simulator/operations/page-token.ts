/** Page tokens: opaque, bound to the query they were given for, and useless when tampered with. */

import { combine, combineText } from '../catalogue/hash.ts'

/** A token for the page that starts at `offset` of the results of `query`. */
export function pageToken(offset: number, query: string, seed: number): string {
  return Buffer.from(`${offset.toString(36)}:${seal(offset, query, seed)}`).toString('base64url')
}

/** The offset that a token stands for, or null when it was not given for this query. */
export function offsetOf(token: string, query: string, seed: number): number | null {
  const offset = Number.parseInt(Buffer.from(token, 'base64url').toString('latin1').split(':')[0] ?? '', 36)
  return Number.isSafeInteger(offset) && offset >= 0 && pageToken(offset, query, seed) === token
    ? offset
    : null
}

function seal(offset: number, query: string, seed: number): string {
  const first = combineText(combine(0x70a6e, seed), query)
  return [first, combineText(first ^ 0x5bd1e995, query)]
    .map((hash) => combine(hash >>> 0, offset).toString(36))
    .join('')
}
