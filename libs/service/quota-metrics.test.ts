import { expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { observedBucket } from './quota-metrics.ts'

const key = { application: 'app', seller: 'shop', operation: 'getItemOffersBatch' }
const plans = { seller: { ratePerSecond: 0.1, burst: 1 } }
const LABELS = 'application="app",seller="shop",operation="getItemOffersBatch"'

function setup() {
  const metrics = createMetrics()
  const lines: string[] = []
  const logger = createLogger({
    level: 'debug',
    service: 'test',
    destination: { write: (line) => void lines.push(line) },
  })
  const memory = createMemoryTokenBucket()
  return { metrics, lines, memory, bucket: observedBucket(memory, metrics, logger) }
}

it('shows tokens, queue, wait, 429s and the rate of every bucket that the process spends from', async () => {
  const { metrics, bucket } = setup()
  const request = { key, plans, slots: 1, priority: 'background', maxWaitMs: 600_000 } as const
  await bucket.reserve(request)
  await bucket.reserve({ ...request, ticket: 'one' })
  await bucket.throttled(key, plans)
  await bucket.learnRate(key, plans, 0.05)
  const { body } = await metrics.expose()
  expect(body).toContain(`asinstream_quota_plan_rate{${LABELS}} 0.1`)
  expect(body).toContain(`asinstream_quota_rate{${LABELS}} 0.05`)
  expect(body).toContain(`asinstream_quota_tokens{${LABELS}} 0`)
  expect(body).toContain(`asinstream_quota_queued{${LABELS}} 1`)
  expect(body).toContain(`asinstream_quota_throttled_total{${LABELS}} 1`)
  const wait = /asinstream_quota_wait_seconds\{.*\} ([\d.]+)/.exec(body)?.[1]
  expect(Number(wait)).toBeGreaterThan(20)
})

it('serves the other metrics when the bucket does not answer, and says so in the log', async () => {
  const { metrics, bucket, memory, lines } = setup()
  await bucket.reserve({ key, plans, slots: 1, priority: 'urgent', maxWaitMs: 600_000 })
  memory.state = () => Promise.reject(new Error('Redis is gone'))
  expect((await metrics.expose()).body).toContain('asinstream_token_bucket_degraded')
  expect(lines.join()).toContain('Redis is gone')
})
