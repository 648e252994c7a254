/**
 * Where operations wait that outlive the process that asked for them. One contract (`store.contract.ts`) for the store in
 * memory and the one in PostgreSQL.
 *
 * A process leases what it works on. What a process that died had leased is leased anew when the lease is over; only what
 * must not be done twice and may have left is `uncertain` then, and stays so until somebody looks.
 */
export interface OperationStore {
  /** Keeps an operation; one of the same idempotency key that is there already stays as it is. Answers what is kept. */
  add(operation: NewOperation): Promise<StoredOperation>
  /**
   * Leases what waits, of each lane the highest priority first and then the oldest. What has passed its deadline is
   * `failed` instead, and what a lease that is over leaves in doubt `uncertain`.
   */
  claim(claim: Claim): Promise<readonly StoredOperation[]>
  /** Answers those whose lease is still this owner's, for so much longer. */
  renew(owner: string, ids: readonly string[], leaseMs: number): Promise<readonly string[]>
  /** A request of it is about to leave. False: the lease is another's. */
  sending(id: string, owner: string): Promise<boolean>
  /** What was about to leave did not, or was refused: it is certain that nothing was done. */
  unsent(id: string, owner: string): Promise<void>
  /** The lease is given up; others may have it. */
  release(id: string, owner: string): Promise<void>
  /** It is over. False: the lease is another's, and nothing is kept. */
  finish(id: string, owner: string, state: FinalState, outcome: OperationOutcome): Promise<boolean>
  find(idempotencyKey: string): Promise<StoredOperation | null>
  /** Only what waits, and is not leased, can be called off. False: it is too late. */
  cancel(idempotencyKey: string): Promise<boolean>
  /** Waits before everything else from now on. False: it does not wait. */
  expedite(idempotencyKey: string): Promise<boolean>
  /** How many are not over. */
  open(): Promise<number>
  /** Forgets what has been over for longer. Answers how many. */
  prune(olderThanMs: number): Promise<number>
}

export interface NewOperation {
  /** A UUID. */
  readonly id: string
  readonly idempotencyKey: string
  readonly seller: string
  /** The operation's key. */
  readonly operation: string
  readonly marketplaceId: string | null
  readonly parameters: object
  /** Higher ones first; a rank of the queue. */
  readonly priority: number
  /** A second time does no harm. */
  readonly repeatable: boolean
  /** It is not sent later than so many milliseconds from now; null: whenever. */
  readonly deadlineMs: number | null
}

export const finalStates = ['done', 'failed', 'uncertain', 'cancelled'] as const
export type FinalState = (typeof finalStates)[number]

/** What came of it: an answer, or the failure in words without secrets. */
export interface OperationOutcome {
  readonly body?: unknown
  readonly message?: string
  readonly httpStatus: number | null
  /** Amazon's. */
  readonly requestId: string | null
}

export interface StoredOperation extends Omit<NewOperation, 'deadlineMs'> {
  readonly state: 'waiting' | 'leased' | FinalState
  /** Leases so far. */
  readonly attempts: number
  /** Milliseconds from now until its deadline; null: none. */
  readonly deadlineMs: number | null
  readonly outcome: OperationOutcome | null
}

export interface Claim {
  readonly owner: string
  readonly leaseMs: number
  /** Who spends from one bucket, and how many more of them the owner has room for. */
  readonly lanes: readonly { readonly seller: string; readonly operation: string; readonly limit: number }[]
}

/** What is told of an operation whose process died with it. */
export const IN_DOUBT: OperationOutcome = {
  message: 'the process that sent it died: nobody knows whether Amazon did it; look before it is asked again',
  httpStatus: null,
  requestId: null,
}
export const TOO_LATE: OperationOutcome = {
  message: 'its deadline passed before it was sent',
  httpStatus: null,
  requestId: null,
}
