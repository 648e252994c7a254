/** Answers as data, and the shapes of Amazon's errors. The server writes them; operations only return them. */

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })
export const accepted = (body: unknown): Answer => ({ status: 202, body })
/** Nothing to say: a 204, or another status that the model has without a body. */
export const noContent = (status = 204): Answer => ({ status, body: undefined })

/** Amazon's `ErrorList` with one error, and the error type header of the gateway. */
function failure(status: number, code: string, message: string, details: string, type: string): Answer {
  return { status, body: { errors: [{ code, message, details }] }, headers: { 'x-amzn-ErrorType': type } }
}

export const invalidInput = (message: string, details = ''): Answer =>
  failure(400, 'InvalidInput', message, details, 'InvalidInputException')

export const notFound = (message: string): Answer =>
  failure(404, 'NOT_FOUND', message, '', 'ResourceNotFoundException')

export const conflict = (message: string): Answer =>
  failure(409, 'Conflict', message, '', 'ConflictException')

/** Missing, unknown or expired token, or a token that has no right to this: one code, so only `details` tell. */
export const unauthorized = (details: string): Answer =>
  failure(403, 'Unauthorized', 'Access to requested resource is denied.', details, 'AccessDeniedException')

export const tooLarge = (): Answer =>
  failure(
    413,
    'RequestTooLarge',
    'The request size exceeded the maximum accepted size.',
    '',
    'RequestTooLargeException',
  )

/** The gateway knows no such method and path. */
export const missingAuthenticationToken = (): Answer =>
  failure(
    403,
    'MissingAuthenticationToken',
    'Access to requested resource is denied.',
    '',
    'MissingAuthenticationTokenException',
  )

export const quotaExceeded = (): Answer =>
  failure(
    429,
    'QuotaExceeded',
    'You exceeded your quota for the requested resource.',
    '',
    'TooManyRequestsException',
  )

/** Limits of the Listings Items API have words of their own; only the status is the same (its guide "Rate limits"). */
export const tooManyListings = (limit: string): Answer =>
  failure(
    429,
    'QuotaExceeded',
    `The request rate is greater than what is allowed ${limit}.`,
    '',
    'TooManyRequestsException',
  )

export const internalFailure = (): Answer =>
  failure(
    500,
    'InternalFailure',
    'We encountered an internal error. Please try again.',
    '',
    'InternalFailureException',
  )

export const serviceUnavailable = (): Answer =>
  failure(
    503,
    'ServiceUnavailable',
    'Service is temporarily unavailable. Please try again.',
    '',
    'ServiceUnavailableException',
  )

export const EXPIRED = 'The access token you provided has expired.'
export const INVALID = 'The access token you provided is revoked, malformed or invalid.'
export const MISSING = 'Access token is missing in the request header.'
