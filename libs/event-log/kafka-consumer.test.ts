import { expect, onTestFinished, test } from 'vitest'
import type { ConsumerHooks, FetchedBatch, OffsetsToCommit } from './kafka-client.ts'
import { KafkaConsumer } from './kafka-consumer.ts'
import type { Batch } from './port.ts'

/** A consumer on a client that does nothing by itself; `deliver` hands it one record of a partition. */
function consumerOnScript(commitOffsetsIfNecessary: FetchedBatch['commitOffsetsIfNecessary']) {
  const running = Promise.withResolvers<(payload: FetchedBatch) => Promise<void>>()
  const consumer = new KafkaConsumer(
    { group: 'group', topics: ['topic'] },
    {
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      createClient: (hooks: ConsumerHooks) => ({
        connect: async () => {},
        subscribe: async () => {},
        run: async (eachBatch) => {
          hooks.onJoining()
          hooks.onJoined({ topic: [0, 1, 2] })
          running.resolve(eachBatch)
        },
        pause: () => {},
        resume: () => {},
        commitOffsets: async () => {},
        seek: () => {},
        disconnect: async () => {},
      }),
      requireTopics: async () => {},
      rebuild: { times: 0, withinMs: 1, firstWaitMs: 1 },
      commitTimeoutMs: 1_000,
      now: () => performance.now(),
      emit: () => {},
      onClosed: () => {},
    },
  )
  onTestFinished(() => consumer.close())
  const batches = consumer[Symbol.asyncIterator]()
  return {
    consumer,
    async deliver(partition: number): Promise<Batch> {
      const eachBatch = await running.promise
      const message = { key: null, value: Buffer.from('value'), timestamp: '0', offset: '0' }
      void eachBatch({
        batch: { topic: 'topic', partition, messages: [message] },
        resolveOffset: () => {},
        commitOffsetsIfNecessary,
      })
      const { value } = await batches.next()
      if (value === undefined) throw new Error('the consumer has ended')
      return value
    },
  }
}

const named = ({ topics }: OffsetsToCommit) =>
  topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => `${topic}/${partition}@${offset}`),
  )

test('commits of one turn share a request; one that comes later has its own', async () => {
  const requests: string[][] = []
  const { consumer, deliver } = consumerOnScript(async (offsets) => void requests.push(named(offsets)))
  const first = await deliver(0)
  const second = await deliver(1)
  await Promise.all([consumer.commit(first, 1n), consumer.commit(second, 1n)])
  await consumer.commit(first, 2n)
  expect(requests).toEqual([['topic/0@1', 'topic/1@1'], ['topic/0@2']])
})

test('a shared request that fails fails for each of its commits, and names them', async () => {
  const { consumer, deliver } = consumerOnScript(() =>
    Promise.reject(Object.assign(new Error('no access'), { retriable: false })),
  )
  const first = await deliver(0)
  const second = await deliver(1)
  const results = await Promise.allSettled([consumer.commit(first, 1n), consumer.commit(second, 4n)])
  for (const result of results)
    expect(result).toMatchObject({
      reason: { message: expect.stringMatching('could not commit topic/0 at 1, topic/1 at 4: no access') },
    })
})

test('close waits for a commit of the same turn', async () => {
  const requests: string[][] = []
  const { consumer, deliver } = consumerOnScript(async (offsets) => void requests.push(named(offsets)))
  const batch = await deliver(2)
  const committed = consumer.commit(batch, 1n)
  await consumer.close()
  expect(requests).toEqual([['topic/2@1']])
  await committed
})
