/** What can become of a request to Amazon, other than an answer. */
export const spApiFailures = [
  /** No answer in time: connecting, waiting for the answer, or reading it. */
  'timeout',
  /** A 429, or no slot in the token bucket within the longest wait. */
  'throttled',
  /** Amazon, Login with Amazon or the way there is down: 5xx, refused or broken connections. */
  'unavailable',
  /** The credentials, the grant or a role: 401, 403, OAuth errors. */
  'unauthorized',
  /** A 400 with Amazon's list of errors: this very request is refused. */
  'rejected',
  /** A 404. */
  'not_found',
  /** Everything else, such as an answer that can not be understood. */
  'failed',
] as const
export type SpApiFailure = (typeof spApiFailures)[number]

/** One entry of Amazon's `ErrorList`. */
export interface AmazonError {
  readonly code: string
  readonly message: string
  readonly details: string | null
}

export interface SpApiErrorFields {
  readonly kind: SpApiFailure
  readonly operation: string
  readonly httpStatus?: number | null
  readonly requestId?: string | null
  readonly retryAfterMs?: number | null
  readonly amazonErrors?: readonly AmazonError[]
  /** Another try at once may well succeed. */
  readonly transient?: boolean
  /** It never reached Amazon, so it can be sent again whatever it does. */
  readonly undelivered?: boolean
  /** Nobody knows whether Amazon did it, and doing it twice may do harm: look first, and do not just ask again. */
  readonly uncertain?: boolean
}

/** A request to Amazon did not bring an answer. The message holds no secret; there is no `cause` that could. */
export class SpApiError extends Error {
  override readonly name = 'SpApiError'
  readonly kind: SpApiFailure
  readonly operation: string
  /** Null when no answer came. */
  readonly httpStatus: number | null
  /** `x-amzn-RequestId`, which Amazon's support asks for. */
  readonly requestId: string | null
  /** How long to leave it alone, in milliseconds, when somebody said so. */
  readonly retryAfterMs: number | null
  readonly amazonErrors: readonly AmazonError[]
  readonly transient: boolean
  readonly undelivered: boolean
  readonly uncertain: boolean

  constructor(fields: SpApiErrorFields, message: string) {
    super(message)
    this.kind = fields.kind
    this.operation = fields.operation
    this.httpStatus = fields.httpStatus ?? null
    this.requestId = fields.requestId ?? null
    this.retryAfterMs = fields.retryAfterMs ?? null
    this.amazonErrors = fields.amazonErrors ?? []
    this.transient = fields.transient ?? false
    this.undelivered = fields.undelivered ?? false
    this.uncertain = fields.uncertain ?? false
  }
}

/** The circuit is open: Amazon did not answer lately, and this was not sent. */
export class CircuitOpenError extends SpApiError {
  /** Resolves when it may be worth asking again before `retryAfterMs` is over. */
  readonly change: Promise<void>

  constructor(operation: string, circuit: { readonly waitMs: number; readonly change: Promise<void> }) {
    const retryAfterMs = Math.ceil(circuit.waitMs)
    super(
      { kind: 'unavailable', operation, retryAfterMs, undelivered: true },
      `${operation}: Amazon did not answer lately; it is asked again in ${retryAfterMs} ms`,
    )
    this.change = circuit.change
  }
}

export const spApiInputErrorCodes = [
  'UNKNOWN_MARKETPLACE',
  'INVALID_ENDPOINT',
  'INVALID_USAGE_PLANS',
  'INVALID_CREDENTIALS',
  'INVALID_LOOKUP',
  'INVALID_REQUEST',
] as const
export type SpApiInputErrorCode = (typeof spApiInputErrorCodes)[number]

/** The caller or the configuration asks for something that can not be; nothing was sent. */
export class SpApiInputError extends Error {
  override readonly name = 'SpApiInputError'
  readonly code: SpApiInputErrorCode
  constructor(code: SpApiInputErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export const operationQueueErrorCodes = [
  /** There is no room for another one. */
  'QUEUE_FULL',
  /** Its turn did not come before its deadline; it was not sent. */
  'DEADLINE_PASSED',
  /** It was called off before it was sent. */
  'CALLED_OFF',
  /** The queue is closed; it was not sent. */
  'QUEUE_CLOSED',
] as const
export type OperationQueueErrorCode = (typeof operationQueueErrorCodes)[number]

/** The operation queue did not send an operation. */
export class OperationQueueError extends Error {
  override readonly name = 'OperationQueueError'
  readonly code: OperationQueueErrorCode
  constructor(code: OperationQueueErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
