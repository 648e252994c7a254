import type { BucketKey, BucketPlans, TokenBucket } from '#libs/rate-limit/port.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/**
 * The same bucket, seen by Prometheus: the 429s that this process meets, and at each scrape the state of every bucket
 * that it has spent from.
 */
export function observedBucket(bucket: TokenBucket, metrics: Metrics, logger: Logger): TokenBucket {
  const spent = new Map<string, { readonly key: BucketKey; readonly plans: BucketPlans }>()

  metrics.onScrape(async () => {
    try {
      await Promise.all([...spent.values()].map(observe))
    } catch (error) {
      // The other metrics are wanted most when Redis is away.
      logger.warn({ err: error }, 'the quotas could not be read for /metrics')
    }
  })

  async function observe({ key, plans }: { key: BucketKey; plans: BucketPlans }): Promise<void> {
    const state = await bucket.state(key, plans)
    const labels = { ...key }
    metrics.quotaPlanRate.set(labels, state.planRatePerSecond)
    metrics.quotaRate.set(labels, state.ratePerSecond)
    metrics.quotaTokens.set(labels, state.tokens)
    metrics.quotaQueued.set(labels, state.queued)
    metrics.quotaWaitSeconds.set(labels, state.queueWaitMs / 1_000)
  }

  return {
    reserve(request) {
      const { key, plans } = request
      spent.set(JSON.stringify([key.application, key.operation, key.seller]), { key, plans })
      return bucket.reserve(request)
    },
    throttled(key, plans, retryAfterMs) {
      metrics.quotaThrottled.inc({ ...key })
      return bucket.throttled(key, plans, retryAfterMs)
    },
    leave: (key, plans, ticket) => bucket.leave(key, plans, ticket),
    learnRate: (key, plans, ratePerSecond) => bucket.learnRate(key, plans, ratePerSecond),
    state: (key, plans) => bucket.state(key, plans),
    survey: () => bucket.survey(),
    ping: () => bucket.ping(),
    close: () => bucket.close(),
  }
}
