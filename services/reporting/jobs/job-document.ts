import type { JobEvent } from '#libs/db/job-progress.ts'
import type { SyncJobView } from '#libs/db/jobs.ts'

export const STATUS_PATH = '/api/sync/status'
export const EVENTS_PATH = '/api/sse/sync-progress'

export const statusUrl = (id: string): string => `${STATUS_PATH}/${id}`

/**
 * What clients of such services read of any sync. A sync of the catalogue processes no orders and detects no claims; what
 * it does is in `total`, `done` and `outcomes`, in products × marketplaces.
 */
interface CommonFields {
  readonly syncId: string
  /** As `SyncJobView.state`. */
  readonly status: string
  readonly progress: number
  readonly message: string
  readonly ordersProcessed: number
  readonly totalOrders: number
  readonly claimsDetected: number
}

const NO_ORDERS = { ordersProcessed: 0, totalOrders: 0, claimsDetected: 0 } as const

export type JobDocument = CommonFields &
  Omit<SyncJobView, 'id' | 'state' | 'finishedAt'> & {
    readonly completedAt: string | null
    /** Seconds from the start to the end, or to now; null before the start. */
    readonly duration: number | null
    readonly links: Readonly<Record<'self' | 'events', string>>
  }

/** A job as the API shows it. */
export function jobDocument(job: SyncJobView, now: number): JobDocument {
  const { id, state, finishedAt, ...rest } = job
  const until = finishedAt === null ? now : Date.parse(finishedAt)
  return {
    syncId: id,
    status: state,
    ...rest,
    ...NO_ORDERS,
    completedAt: finishedAt,
    duration:
      rest.startedAt === null ? null : Math.max(0, Math.round((until - Date.parse(rest.startedAt)) / 1_000)),
    links: { self: statusUrl(id), events: `${EVENTS_PATH}/${id}` },
  }
}

/** An event as the stream sends it, in the same words. */
export function eventDocument({ jobId, id: _id, event: _event, state, ...rest }: JobEvent) {
  return { syncId: jobId, status: state, ...rest, ...NO_ORDERS }
}
