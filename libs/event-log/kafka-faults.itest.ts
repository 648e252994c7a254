import { randomUUID } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Kafka as Cluster, startKafka } from '#deploy/stack/kafka.ts'
import { backing, describeWith, freePort, scratchFolder, waitFor } from '#tests/support/backing.ts'
import {
  createTopic,
  follow,
  numbered,
  pull,
  readAll,
  record,
  take,
  uniqueName,
  values,
} from './contract-support.ts'
import type { KafkaEvent, KafkaEventLogOptions } from './kafka.ts'
import { createKafkaEventLog } from './kafka.ts'
import { setTopicConfig } from './kafka-topic-config.ts'

/** kafkajs's known defects, and what a cluster does on a bad day: each with the cure that `kafka*.ts` promises. */

const closing: (() => Promise<void>)[] = []
function open(options: Partial<KafkaEventLogOptions> & { brokers: readonly string[] }) {
  const events: KafkaEvent[] = []
  const log = createKafkaEventLog({
    clientId: 'faults',
    sessionTimeoutMs: 3_000,
    onEvent: (event) => events.push(event),
    ...options,
  })
  closing.push(() => log.close())
  return { log, events, kinds: () => events.map(({ kind }) => kind) }
}
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
})

describeWith(['kafka'], 'kafkajs defects, on a broker that is well', () => {
  const shared = () => ({ brokers: backing('kafka').split(',') })

  test('an idle connection arms no timer after another', async () => {
    const { log } = open(shared())
    await log.ping()
    const realTimeout = setTimeout
    const armed = vi.spyOn(globalThis, 'setTimeout')
    await new Promise((resolve) => realTimeout(resolve, 300))
    const count = armed.mock.calls.filter(([, ms]) => (ms ?? 0) <= 10).length
    armed.mockRestore()
    expect(count).toBeLessThan(5) // 270 in kafkajs as it comes
  })

  test('a group that stands past the end, as after a backup was put back, starts over', async () => {
    const { log } = open(shared())
    const topic = await createTopic(log, 1)
    const group = uniqueName('group')
    await log.append(numbered(topic, 3))
    await log.admin.resetGroup(group, topic, new Map([[0, 1_000n]]))
    const consumer = log.consume({ group, topics: [topic] })
    expect(values(await take(consumer[Symbol.asyncIterator](), 3))).toEqual(['0', '1', '2'])
    await consumer.close()
  })

  test('a group that stands before what is kept goes on at the oldest record', async () => {
    const { log } = open(shared())
    const topic = await createTopic(log, 1)
    const group = uniqueName('group')
    await log.append(numbered(topic, 5))
    await log.admin.resetGroup(group, topic, new Map([[0, 1n]]))
    const admin = new Kafka({ brokers: shared().brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic) // kafkajs deletes records of topics only that it has seen
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] })
    await admin.disconnect()
    const consumer = log.consume({ group, topics: [topic] })
    expect(values(await take(consumer[Symbol.asyncIterator](), 2))).toEqual(['3', '4'])
    await consumer.close()
  })

  test('what kafkajs can not decode ends the consumer with CONSUMER_FAILED, at once', async () => {
    const { log, kinds } = open(shared())
    const topic = await createTopic(log, 1)
    await setTopicConfig(shared().brokers[0]!, topic, 'compression.type', 'lz4')
    await log.append([record(topic, 'k', 'x'.repeat(1_000))])
    const group = uniqueName('group')
    const consumer = log.consume({ group, topics: [topic] })
    await expect(consumer[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: expect.stringMatching(new RegExp(`${group}.*LZ4`)),
    })
    // Before it joined it may have been: a coordinator that is still loading breaks a join off.
    expect(kinds().slice(kinds().lastIndexOf('joined'))).not.toContain('rebuilt')
    await expect(consumer[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'CONSUMER_FAILED' })
    await consumer.close()
  })

  test('records that another producer compressed with zstd are read', async () => {
    const { log } = open(shared())
    const topic = await createTopic(log, 1)
    await setTopicConfig(shared().brokers[0]!, topic, 'compression.type', 'zstd')
    await log.append(numbered(topic, 100))
    expect(values(await readAll(log, topic, 100))).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
  })

  test('a record that is too large is named, and its neighbours are appended', async () => {
    const { log } = open(shared())
    const topic = await createTopic(log, 1)
    const [large, small] = await Promise.allSettled([
      log.append([record(topic, 'k', 'x'.repeat(2_000_000))]),
      log.append([record(topic, 'k', 'small')]),
    ])
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'RECORD_TOO_LARGE' } })
    expect(small.status).toBe('fulfilled')
    expect(values(await readAll(log, topic, 1))).toEqual(['small'])
  })

  test('nothing takes new records for the repetition of an append whose answer was lost', async () => {
    const sockets = new Set<Socket>()
    let deaf: boolean = false
    const { log, kinds } = open({
      ...shared(),
      timeoutMs: 2_000,
      socketFactory: ({ host, port, onConnect }) => {
        const socket = connect({ host, port }, onConnect)
        sockets.add(socket)
        const emit = socket.emit.bind(socket)
        socket.emit = (event: string | symbol, ...args: unknown[]) =>
          (deaf && event === 'data') || emit(event as 'data', ...(args as [Buffer]))
        return socket
      },
    })
    const topic = await createTopic(log, 1)
    await log.append(numbered(topic, 3))
    deaf = true
    await expect(log.append([record(topic, 'k', 'lost answer')])).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    })
    deaf = false
    expect(kinds()).toContain('producer-discarded')
    await log.append([record(topic, 'k', 'after')])

    const end = (await log.admin.endOffsets(topic)).get(0)!
    const all = values(await readAll(log, topic, Number(end)))
    expect(all.filter((value) => value === 'after')).toHaveLength(1)
    expect(all.at(-1)).toBe('after')
  })

  test('a closed member leaves its group at once and does not come back', async () => {
    const { log, kinds } = open(shared())
    const topic = await createTopic(log, 1)
    const group = uniqueName('group')
    await log.append(numbered(topic, 1))
    const consumer = log.consume({ group, topics: [topic] })
    await pull(consumer[Symbol.asyncIterator]())
    await consumer.close()
    await log.admin.resetGroup(group, topic, new Map([[0, 0n]])) // GROUP_NOT_EMPTY while a member is left
    expect(kinds().filter((kind) => kind === 'joined')).toHaveLength(1)
  })

  test('closing in the middle of a join leaves no member behind', async () => {
    const { log } = open(shared())
    const topic = await createTopic(log, 1)
    const group = uniqueName('group')
    for (const afterTurns of [0, 1, 5, 50]) {
      const consumer = log.consume({ group, topics: [topic] })
      for (let turn = 0; turn < afterTurns; turn++) await new Promise(setImmediate)
      await consumer.close()
      await log.admin.resetGroup(group, topic, new Map([[0, 0n]]))
    }
  })
})

describeWith(['kafka'], 'a broker that is not well', () => {
  let kafka: Cluster
  beforeAll(async () => {
    kafka = await startKafka({ dir: scratchFolder('faulty-kafka') })
  })
  afterAll(() => kafka.stop())
  const own = () => ({ brokers: kafka.brokers.split(',') })

  test('a broker that is killed and comes back: nothing lost, nothing skipped, the same consumer goes on', async () => {
    const { log, events } = open(own())
    const topic = await createTopic(log, 2)
    const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
    const following = follow(consumer)
    await log.append(numbered(topic, 20, 20))
    await waitFor(() => following.deliveries.length >= 20, { what: 'first records' })

    await kafka.nodes[0]!.kill()
    const during = log.append(Array.from({ length: 20 }, (_, i) => record(topic, `key-${i}`, `during-${i}`)))
    await kafka.nodes[0]!.restart()
    await during
    await log.append(Array.from({ length: 20 }, (_, i) => record(topic, `key-${i}`, `after-${i}`)))
    const seen = (prefix: string) =>
      new Set(following.deliveries.map(({ value }) => value).filter((value) => value.startsWith(prefix)))
    await waitFor(() => seen('during-').size === 20 && seen('after-').size === 20, {
      what: `the records after the restart (${JSON.stringify(events.slice(-5))})`,
      timeoutMs: 60_000,
    })
    await consumer.close()
    await following.done
  }, 120_000)

  test('a broker that says nothing is noticed, and the consumer goes on when it speaks again', async () => {
    const { log, events } = open({ ...own(), timeoutMs: 4_000 })
    const topic = await createTopic(log, 1)
    const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
    const following = follow(consumer)
    await log.append([record(topic, 'k', 'before')])
    await waitFor(() => following.deliveries.length === 1, { what: 'first record' })
    kafka.nodes[0]!.pause()
    try {
      await waitFor(() => events.some(({ kind }) => kind === 'revoked'), {
        what: 'revocation',
        timeoutMs: 30_000,
      })
      await expect(log.ping()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    } finally {
      kafka.nodes[0]!.resume()
    }
    await log.append([record(topic, 'k', 'again')])
    await waitFor(() => following.deliveries.some(({ value }) => value === 'again'), {
      what: 'record after the silence',
      timeoutMs: 60_000,
    })
    await consumer.close()
    await following.done
  }, 120_000)

  test('a broker that stays away ends the consumer, with the brokers named to who appends', async () => {
    const { log, kinds } = open({
      ...own(),
      timeoutMs: 3_000,
      rebuild: { times: 1, withinMs: 600_000, firstWaitMs: 100 },
    })
    const topic = await createTopic(log, 1)
    const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
    const batches = consumer[Symbol.asyncIterator]()
    await log.append(numbered(topic, 1))
    const batch = await pull(batches)
    await kafka.nodes[0]!.kill()
    try {
      await expect(log.append(numbered(topic, 1))).rejects.toMatchObject({
        code: 'LOG_UNAVAILABLE',
        message: expect.stringContaining(kafka.brokers),
      })
      await expect(batches.next()).rejects.toMatchObject({ code: 'CONSUMER_FAILED' })
      expect(kinds().filter((kind) => kind === 'rebuilt')).toHaveLength(1)
      expect(batch.revoked.aborted).toBe(true)
      await consumer.commit(batch, 1n)
      await consumer.close()
      await log.close()
    } finally {
      await kafka.nodes[0]!.restart()
    }
  }, 120_000)
})

describeWith([], 'no broker at all', () => {
  test('append, ping and consume say so, and which brokers were asked', async () => {
    const brokers = [`127.0.0.1:${await freePort()}`]
    const { log } = open({ brokers, timeoutMs: 3_000 })
    const unavailable = { code: 'LOG_UNAVAILABLE', message: expect.stringContaining(brokers[0]!) }
    const topic = `topic.${randomUUID()}`
    await expect(log.ping()).rejects.toMatchObject(unavailable)
    await expect(log.append([record(topic, 'k', 'v')])).rejects.toMatchObject(unavailable)
    const consumer = log.consume({ group: 'group', topics: [topic] })
    await expect(consumer[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable)
    await consumer.close()
  })

  test('a server that accepts and says nothing counts as no broker', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { log } = open({ brokers: [`127.0.0.1:${port}`], timeoutMs: 1_000 })
    await expect(log.ping()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await log.close()
    server.close()
  })

  test('closing while the brokers can not be reached takes no longer than a moment', async () => {
    const { log } = open({ brokers: [`127.0.0.1:${await freePort()}`] })
    const batches = log.consume({ group: 'group', topics: ['topic'] })[Symbol.asyncIterator]()
    const waiting = batches.next()
    await log.close()
    expect((await waiting).done).toBe(true)
  })
})
