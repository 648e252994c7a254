/** Work that Amazon does in its own time: reports, feeds, queries. Its status follows from the clock. */

import type { World } from '../operation.ts'
import { withOffset } from '../times.ts'

export type Outcome = 'DONE' | 'CANCELLED' | 'FATAL'
export type ProcessingStatus = 'IN_QUEUE' | 'IN_PROGRESS' | Outcome
export const STATUSES: readonly ProcessingStatus[] = ['CANCELLED', 'DONE', 'FATAL', 'IN_PROGRESS', 'IN_QUEUE']

/** How long what is asked for from now on takes. */
export interface Pace {
  queueSeconds: number
  processingSeconds: number
}

export interface Processing {
  /** All in milliseconds since 1970. */
  readonly createdAt: number
  readonly startsAt: number
  readonly endsAt: number
  /** What it comes to unless the caller cancels it while it waits. */
  readonly outcome: Outcome
  cancelledAt: number | null
}

export const createPace = (): Pace => ({ queueSeconds: 1, processingSeconds: 2 })

/** Work that begins to wait now. */
export function enqueue(world: World, outcome: Outcome): Processing {
  const { queueSeconds, processingSeconds } = world.part(createPace)
  const createdAt = world.date().getTime()
  const startsAt = createdAt + queueSeconds * 1_000
  return { createdAt, startsAt, endsAt: startsAt + processingSeconds * 1_000, outcome, cancelledAt: null }
}

export function statusOf(
  { startsAt, endsAt, outcome, cancelledAt }: Processing,
  now: number,
): ProcessingStatus {
  if (cancelledAt !== null) return 'CANCELLED'
  return now < startsAt ? 'IN_QUEUE' : now < endsAt ? 'IN_PROGRESS' : outcome
}

/** Status and times as the models of Reports, Feeds and Data Kiosk have them. */
export function processingFields(work: Processing, now: number) {
  const { createdAt, startsAt, endsAt, cancelledAt } = work
  const status = statusOf(work, now)
  const started = cancelledAt === null && now >= startsAt
  const ended = cancelledAt ?? (now >= endsAt ? endsAt : null)
  return {
    createdTime: withOffset(createdAt),
    processingStatus: status,
    ...(started ? { processingStartTime: withOffset(startsAt) } : {}),
    ...(ended === null ? {} : { processingEndTime: withOffset(ended) }),
  }
}
