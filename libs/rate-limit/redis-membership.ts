import { randomBytes } from 'node:crypto'
import type { BucketKey } from './port.ts'
import type { RedisStore } from './redis-store.ts'
import { CLOCK_SKEW_MS, type TimeShare } from './time-division.ts'

/**
 * What this process needs to know to go on without Redis, learned while it is there: its index among the processes that
 * share an application's operation, and Redis' clock. The index is leased, so that a process that dies leaves it to its
 * successor.
 */
export interface MembershipOptions {
  /** How many processes there are at most. */
  readonly count: number
  readonly leaseMs: number
  readonly clock: () => number
}

interface Place {
  /** Of any bucket of the application's operation. */
  readonly bucket: string
  index: number | null
  /** When the renewal that succeeded last was sent. */
  renewedAt: number
  /** Time 0 of Redis on this process's clock, or a little later; null until a trip was short enough to tell. */
  originMs: number | null
}

export type Membership = ReturnType<typeof createMembership>

export function createMembership(store: RedisStore, { count, leaseMs, clock }: MembershipOptions) {
  const token = randomBytes(9).toString('base64url')
  const places = new Map<string, Place>()
  const idOf = ({ application, operation }: BucketKey): string => JSON.stringify([application, operation])

  async function renew(place: Place, run: string): Promise<void> {
    const sent = clock()
    const request = { token, run, count, leaseMs, had: place.index }
    const { index, redisNow } = await store.renewPlace(place.bucket, request)
    const answered = clock()
    place.index = index
    place.renewedAt = sent
    // Redis read its clock before the answer was here: turns may come late by the trip, never early.
    if (answered - sent <= CLOCK_SKEW_MS) place.originMs = answered - redisNow
  }

  return {
    knows: (key: BucketKey): boolean => places.has(idOf(key)),

    /** The process uses this bucket from now on. Rejects with a StoreError when Redis does not answer. */
    async join(key: BucketKey, bucket: string, run: string): Promise<void> {
      const place = { bucket, index: null, renewedAt: Number.NEGATIVE_INFINITY, originMs: null }
      places.set(idOf(key), place)
      await renew(place, run)
    },

    async renewAll(run: string): Promise<void> {
      await Promise.all([...places.values()].map((place) => renew(place, run)))
    },

    /** Null when this process has no place, or may have lost it before Redis was gone at `lostAt`. */
    timeShare(key: BucketKey, lostAt: number): TimeShare | null {
      const place = places.get(idOf(key))
      if (!place || place.index === null || place.originMs === null) return null
      if (lostAt - place.renewedAt >= leaseMs) return null
      return { index: place.index, count, originMs: place.originMs }
    },

    async release(run: string): Promise<void> {
      await Promise.all(
        [...places.values()].map(({ bucket }) => store.releasePlace(bucket, { token, run, count })),
      )
    },
  }
}
