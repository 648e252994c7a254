import { expect, it } from 'vitest'
import type { BucketState } from '#libs/rate-limit/port.ts'
import { type Topic, topics } from '#schemas/topics.ts'
import { compareClock } from './clock.ts'
import { topicFindings } from './event-log.ts'
import { bucketFindings } from './quota.ts'

const [topic] = topics as readonly [Topic]
const asWanted = { ...topic, replicationFactor: 3 }
const cluster = { KAFKA_BROKERS: ['a:9092', 'b:9092', 'c:9092'], KAFKA_REPLICATION_FACTOR: 3 }

it.each([
  [{}, []],
  [{ retentionMs: -1, partitions: 12 }, []],
  [{ partitions: 1 }, [/has 1 partition, this release makes 6/]],
  [{ retentionMs: 3_600_000 }, [/keeps records for 1 h, this release for 48 h/]],
  [{ replicationFactor: 2 }, [/has 2 copies/]],
  [{ replicationFactor: 1 }, [/has 1 copy/]],
])('a topic with %j', (difference, expected) => {
  const found = topicFindings(topic, { ...asWanted, ...difference }, cluster)
  expect(found.map(({ message }) => message)).toEqual(expected.map((one) => expect.stringMatching(one)))
  expect(found.every(({ status, advice }) => status === 'warning' && advice !== undefined)).toBe(true)
})

it('one copy is right where there is one broker, and none is counted in PostgreSQL', () => {
  const single = { KAFKA_BROKERS: ['a:9092'], KAFKA_REPLICATION_FACTOR: 1 }
  expect(topicFindings(topic, { ...asWanted, replicationFactor: 1 }, single)).toEqual([])
  const none = { KAFKA_BROKERS: undefined, KAFKA_REPLICATION_FACTOR: 1 }
  expect(topicFindings(topic, { ...asWanted, replicationFactor: null }, none)).toEqual([])
})

it.each([
  [0, 0, 'ok'],
  [1_900, 0, 'ok'],
  [3_000, 0, 'warning'],
  [-3_000, 0, 'warning'],
  [3_000, 1_500, 'ok'],
  [90_000, 500, 'failed'],
])('a clock that is %i ms off, known to %i ms, is %s', async (offMs, exactMs, status) => {
  const finding = await compareClock('Redis', async () => ({ theirMs: Date.now() + offMs, exactMs }))
  expect(finding).toMatchObject({ check: 'Clock', status, message: expect.stringContaining('Redis') })
})

const bucket: BucketState = {
  ratePerSecond: 2,
  planRatePerSecond: 2,
  announcedRatePerSecond: 2,
  brake: 1,
  burst: 2,
  tokens: 2,
  granted: 100,
  throttled: 0,
  throttledAgoMs: null,
  learned: false,
  application: null,
  nextSlotMs: 0,
  queued: 0,
  queueWaitMs: 0,
}

it.each([
  [{}, []],
  [{ throttled: 3, throttledAgoMs: 60_000 }, [['warning', /429 1 min ago, 3 in all/]]],
  [{ throttled: 3, throttledAgoMs: 7_200_000 }, []],
  [{ brake: 0.5, ratePerSecond: 1 }, [['warning', /slowed to 50 %/]]],
  [{ ratePerSecond: 1, announcedRatePerSecond: 1 }, [['info', /announced 1 a second where 2 are planned/]]],
])('a token bucket with %j', (difference, expected) => {
  const key = { application: 'app', seller: 'shop', operation: 'searchCatalogItems' }
  const found = bucketFindings(key, { ...bucket, ...difference })
  expect(found.map(({ status, message }) => [status, message])).toEqual(
    expected.map(([status, message]) => [
      status,
      expect.stringMatching(new RegExp(`^searchCatalogItems of shop: .*${(message as RegExp).source}`)),
    ]),
  )
})
