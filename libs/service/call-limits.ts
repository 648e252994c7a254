import { defaultRetryPolicy, type RetryPolicy } from '#libs/sp-api/retry.ts'
import type { RateLimit } from '#libs/sp-api/usage-plans.ts'
import type { Config } from './config.ts'

/** A limit of one's own on the calls to Amazon; undefined: the usage plans alone. */
export function rateLimitOf({ RATE_LIMIT_CALLS, RATE_LIMIT_WINDOW }: Config): RateLimit | undefined {
  if (RATE_LIMIT_CALLS === undefined || RATE_LIMIT_WINDOW === undefined) return undefined
  return { calls: RATE_LIMIT_CALLS, windowMs: RATE_LIMIT_WINDOW }
}

/**
 * How a request to Amazon is repeated. A back-off of products is often longer than any pause within a call: then the
 * connector's own pause stays.
 */
export function retryOf({ MAX_RETRIES, RETRY_DELAY_BASE }: Config): Partial<RetryPolicy> {
  const isPause = RETRY_DELAY_BASE <= defaultRetryPolicy.longestPauseMs
  return { attempts: MAX_RETRIES + 1, ...(isPause && { firstPauseMs: RETRY_DELAY_BASE }) }
}
