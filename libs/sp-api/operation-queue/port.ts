import type { BucketKey } from '#libs/rate-limit/port.ts'
import type { OperationOptions } from '../call.ts'
import type { Clock, SpApiLog } from '../clock.ts'
import type { Answer } from '../http-client.ts'
import type { SpApi } from '../index.ts'
import type { Category } from '../operations/traits.ts'

/** How urgent a call is. Pages whose token soon expires come before other work: later they are worth nothing. */
export const ranks = { background: 0, urgent: 1, page: 2, expedited: 3 } as const
export type Rank = keyof typeof ranks

export interface OperationQueueOptions {
  /** Calls that wait or are under way, at most; default 10,000. */
  readonly maxCalls?: number
  /** Of one seller; default half of them, so that one seller never fills the queue. */
  readonly maxCallsOfSeller?: number
  /** Of a section of the API; default as many as there may be. */
  readonly maxCallsOf?: Partial<Record<Category, number>>
  readonly clock?: Clock
  readonly log?: SpApiLog
}

/** Who asks: the seller's client, and the name that fairness goes by. */
export interface QueueSeller {
  readonly name: string
  readonly api: Pick<SpApi, 'call'>
}

export interface QueueOptions extends Omit<OperationOptions, 'priority' | 'slots' | 'attempts'> {
  /** Default `background`. */
  readonly priority?: 'urgent' | 'background'
  /** It is not sent later than so many milliseconds from now. */
  readonly deadlineMs?: number | undefined
  /** Called before each request of it leaves; when it rejects, nothing leaves and the call fails. */
  readonly beforeSend?: () => Promise<void>
  /** Called when it failed for now and will be asked again. */
  readonly onLater?: (error: Error) => void
}

export interface QueuedCall<A> {
  readonly answer: Promise<Answer<A>>
  /** It goes before everything else that waits. */
  expedite(): void
  /** False: it is under way or over, and comes to its end. */
  callOff(reason?: Error): boolean
}

/** What waits for one bucket. */
export interface LaneState {
  readonly key: BucketKey
  readonly waiting: Readonly<Record<Rank, number>>
}

export interface QueueState {
  /** Waiting for slots, for an outage to end, or under way. */
  readonly calls: number
  readonly categories: Readonly<Partial<Record<Category, number>>>
  readonly sellers: Readonly<Record<string, number>>
  /** Waiting until Amazon answers again, or for the time that it asked for. */
  readonly parked: number
  readonly lanes: readonly LaneState[]
}
