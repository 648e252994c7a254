import { Problem, type ProblemCode } from '#libs/service/problem.ts'
import type { Lookup } from '#libs/sp-api/index.ts'

/** Why a lookup brought nothing; the codes are those of problem documents. */
export const failureCodes = [
  'invalid-code',
  'not-found',
  'quota-spent',
  'lookup-timeout',
  'amazon-unavailable',
  'amazon-refused',
  'amazon-unconfigured',
  'amazon-failed',
] as const satisfies readonly ProblemCode[]
export type FailureCode = (typeof failureCodes)[number]

export interface Failure {
  readonly code: FailureCode
  readonly message: string
  /** Null: nobody can say. */
  readonly retryAfterSeconds: number | null
}

/** Those that are not about what was asked for, the one that counts most first. */
const AWAY: readonly FailureCode[] = [
  'amazon-unconfigured',
  'amazon-refused',
  'quota-spent',
  'amazon-unavailable',
  'lookup-timeout',
  'amazon-failed',
]

export const isAway = ({ code }: Failure): boolean => AWAY.includes(code)

type FailedLookup = Lookup & { readonly kind: 'failed' }

/** As Amazon's client tells failures apart. */
const CODES: Readonly<Record<FailedLookup['failure'], FailureCode>> = {
  throttled: 'quota-spent',
  timeout: 'lookup-timeout',
  unavailable: 'amazon-unavailable',
  unauthorized: 'amazon-refused',
  failed: 'amazon-failed',
}
/** Where Amazon does not say when to come again. */
const RETRY_SECONDS: Readonly<Partial<Record<FailureCode, number>>> = {
  'quota-spent': 1,
  'amazon-unavailable': 30,
}

/** What Amazon's client says of a lookup that failed, for whoever asked. */
export function failureOf(
  { failure, reason, retryAfterMs }: Pick<FailedLookup, 'failure' | 'reason' | 'retryAfterMs'>,
  timeoutMs: number,
): Failure {
  const code = CODES[failure]
  const spent = `Amazon's quota for lookups is spent for longer than the ${timeoutMs / 1_000} s that a lookup may take (REQUEST_TIMEOUT): ${reason}`
  return {
    code,
    message: code === 'quota-spent' ? spent : reason,
    retryAfterSeconds:
      retryAfterMs === undefined
        ? (RETRY_SECONDS[code] ?? null)
        : Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  }
}

export const timedOut = (timeoutMs: number): Failure => ({
  code: 'lookup-timeout',
  message: `there was no answer within ${timeoutMs / 1_000} s (REQUEST_TIMEOUT): try again, or ask for fewer at once`,
  retryAfterSeconds: null,
})

/** Amazon refuses this very code or ASIN. */
export const refused = (reason: string): Failure => ({
  code: 'invalid-code',
  message: `Amazon refuses it: ${reason}`,
  retryAfterSeconds: null,
})

/** Nobody is there who could ask Amazon. */
export const unconfigured = (message: string): Failure => ({
  code: 'amazon-unconfigured',
  message,
  retryAfterSeconds: null,
})

/** The failure as the answer to a whole request. */
export function problemOf(
  { code, message, retryAfterSeconds }: Failure,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  return new Problem(code, message, {
    members,
    ...(retryAfterSeconds !== null && { headers: { 'retry-after': String(retryAfterSeconds) } }),
  })
}

/** The problem of a batch of which nothing came: Amazon was away for all of it. Null when it is an answer. */
export function awayFromAll(failures: readonly (Failure | null)[]): Problem | null {
  const away = failures.filter((failure) => failure !== null)
  if (away.length === 0 || away.length < failures.length || !away.every(isAway)) return null
  const [code] = AWAY.filter((one) => away.some((failure) => failure.code === one))
  const counting = away.filter((failure) => failure.code === code)
  const retries = counting.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? [])
  return problemOf({
    ...counting[0]!,
    retryAfterSeconds: retries.length > 0 ? Math.min(...retries) : null,
  })
}
