import { expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { BucketKey, TokenBucket } from '#libs/rate-limit/port.ts'
import { backlogOf } from './backlog.ts'
import { type QuotaSource, readQuota } from './quota-report.ts'

const source = (bucket: TokenBucket, more: Partial<QuotaSource> = {}): QuotaSource => ({
  survey: () => bucket.survey(),
  shares: false,
  spends: () => true,
  plannedRate: 2,
  ...more,
})
const key = (more: Partial<BucketKey> = {}): BucketKey => ({
  application: 'app',
  seller: 'shop',
  operation: 'searchCatalogItems',
  ...more,
})
const reserve = (bucket: TokenBucket, of: BucketKey, ratePerSecond: number, application?: number) =>
  bucket.reserve({
    key: of,
    plans: {
      seller: { ratePerSecond, burst: 2 },
      ...(application && { application: { ratePerSecond: application, burst: 2 } }),
    },
    slots: 1,
    priority: 'background',
    maxWaitMs: 60_000,
  })

it('shows in one process what its own fetcher spends', async () => {
  const bucket = createMemoryTokenBucket()
  await reserve(bucket, key(), 0.0056)
  const report = await readQuota(source(bucket))
  expect(report).toMatchObject({ scope: 'process', note: null })
  expect(report.quotas).toEqual([
    expect.objectContaining({
      seller: 'shop',
      ratePerSecond: 0.0056,
      granted: 1,
      throttled: 0,
      learned: false,
    }),
  ])
})

it('says that the buckets of a process are not all while Redis is gone', async () => {
  const report = await readQuota(source(createMemoryTokenBucket(), { shares: true }))
  expect(report).toMatchObject({ scope: 'process', note: expect.stringContaining('Redis does not answer') })
})

it('says that it knows nothing of the memory of other processes', async () => {
  const report = await readQuota(source(createMemoryTokenBucket(), { spends: () => false }))
  expect(report).toMatchObject({ scope: 'unknown', note: expect.stringContaining('REDIS_URL') })
})

it('adds up what several sellers may, and no more than their application', async () => {
  const bucket = createMemoryTokenBucket()
  const status = { pending: 90, queued: 10, outcomesPerRequest: 20 }
  await reserve(bucket, key({ seller: 'one' }), 2)
  await reserve(bucket, key({ seller: 'two' }), 2)
  await reserve(bucket, key({ operation: 'getPricing' }), 7)
  expect(backlogOf(status, await bucket.survey(), 9)).toEqual({
    requestsPerSecond: 4,
    rateFrom: 'buckets',
    productsPerRequest: 20,
    secondsLeft: 2,
  })
  await bucket.learnRate(key({ seller: 'two' }), { seller: { ratePerSecond: 2, burst: 2 } }, 0.5)
  expect(backlogOf(status, await bucket.survey(), 9)).toMatchObject({ requestsPerSecond: 2.5 })
  await reserve(bucket, key({ application: 'other', seller: 'one' }), 2, 1)
  await reserve(bucket, key({ application: 'other', seller: 'two' }), 2, 1)
  expect(backlogOf(status, await bucket.survey(), 9)).toMatchObject({ requestsPerSecond: 3.5 })
})

it('is done at once when nothing waits', async () => {
  const status = { pending: 0, queued: 0, outcomesPerRequest: null }
  const survey = await createMemoryTokenBucket().survey()
  expect(backlogOf(status, survey, 2)).toMatchObject({ rateFrom: 'plans', secondsLeft: 0 })
})
