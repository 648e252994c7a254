import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { KafkaEvent, ProducerHooks, TopicMessages } from './kafka-client.ts'
import { unavailable } from './kafka-errors.ts'
import { KafkaProducer } from './kafka-producer.ts'
import type { NewRecord } from './port.ts'

/**
 * How appends become requests, and what becomes of them when requests fail in ways that a broker can not be asked for.
 * `kafka.itest.ts` and `kafka-faults.itest.ts` have the real one.
 */

type Script = (messages: readonly TopicMessages[], client: number) => void | Promise<void>

function scripted(script: Script = () => {}, now: () => number = () => performance.now()) {
  const sent: { client: number; values: string[] }[] = []
  const events: KafkaEvent[] = []
  let clients = 0
  const producer = new KafkaProducer({
    createClient: (hooks: ProducerHooks) => {
      const client = ++clients
      return {
        connect: async () => {},
        disconnect: async () => {},
        sendBatch: async (messages) => {
          for (const { topic } of messages) hooks.onPartition(topic, 0)
          sent.push({ client, values: messages.flatMap((m) => m.messages.map(({ value }) => String(value))) })
          await script(messages, client)
          return messages.map(({ topic }) => ({ topicName: topic, partition: 0 }))
        },
      }
    },
    unavailable: (doing, cause) => unavailable(doing, ['broker:9092'], cause),
    emit: (event) => events.push(event),
    timeoutMs: 5_000,
    now,
  })
  return { producer, sent, events }
}

const record = (value: string, topic = 'topic'): NewRecord => ({
  topic,
  key: null,
  value: Buffer.from(value),
})
const protocolError = (type: string): Error => Object.assign(new Error(type), { type, retriable: false })

describe('the producer', () => {
  test('sends one request at a time; calls that come meanwhile share the next', async () => {
    let out = 0
    const { producer, sent } = scripted(async () => {
      expect(++out).toBe(1)
      await new Promise(setImmediate)
      out--
    })
    const first = producer.append([record('a')])
    await new Promise(setImmediate)
    await Promise.all([first, producer.append([record('b')]), producer.append([record('c'), record('d')])])
    expect(sent.map(({ values }) => values)).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('while appends come faster than requests, a request waits for more of them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const turn = () => new Promise<void>(setImmediate)
    const { producer, sent } = scripted(turn, () => 0)
    // The second request has two appends: there is reason to expect more.
    await Promise.all([producer.append([record('a')]), producer.append([record('b')])])
    const appends = [producer.append([record('c')])]
    for (const value of ['d', 'e', 'f']) {
      await turn()
      appends.push(producer.append([record(value)]))
    }
    expect(sent).toHaveLength(1)
    vi.runAllTimers()
    await turn()
    expect(sent).toHaveLength(2)
    await turn()
    vi.useRealTimers()
    await Promise.all(appends)
    expect(sent.map(({ values }) => values)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e', 'f'],
    ])
  })

  test('a request with many records does not wait for more, nor does one when the producer is closed', async () => {
    const { producer, sent } = scripted(undefined, () => 0)
    const shared = () => Promise.all([producer.append([record('a')]), producer.append([record('b')])])
    await shared()
    await producer.append(Array.from({ length: 1_000 }, (_, index) => record(String(index))))
    await shared()
    const last = producer.append([record('c')])
    await producer.close()
    await last
    expect(sent.map(({ values }) => values.length)).toEqual([2, 1_000, 2, 1])
  })

  test('splits what no request can hold, in order', async () => {
    const { producer, sent } = scripted()
    const large = (name: string) => record(name + 'x'.repeat(400_000))
    await producer.append([large('a'), large('b'), large('c'), record('d')])
    expect(sent.map(({ values }) => values.map((value) => value[0]))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  test.each(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'])(
    '%s: a new producer sends again',
    async (type) => {
      const { producer, sent, events } = scripted((_messages, client) => {
        if (client === 1) throw protocolError(type)
      })
      await producer.append([record('a')])
      expect(sent).toEqual([
        { client: 1, values: ['a'] },
        { client: 2, values: ['a'] },
      ])
      expect(events).toMatchObject([{ kind: 'producer-discarded', reason: { message: type } }])
    },
  )

  test('a partition that nobody acknowledged is sent again', async () => {
    const producerOf = { client: 0 }
    let acknowledged = 0
    const producer = new KafkaProducer({
      createClient: (hooks) => {
        const client = ++producerOf.client
        return {
          connect: async () => {},
          disconnect: async () => {},
          sendBatch: async () => {
            hooks.onPartition('topic', 0)
            hooks.onPartition('topic', 1)
            acknowledged++
            const both = [0, 1].map((partition) => ({ topicName: 'topic', partition }))
            return client === 1 ? both.slice(0, 1) : both // kafkajs, when a leader moved between its attempts
          },
        }
      },
      unavailable: (doing, cause) => unavailable(doing, ['broker:9092'], cause),
      emit: () => {},
      timeoutMs: 5_000,
      now: () => performance.now(),
    })
    await producer.append([record('a'), record('b')])
    expect([acknowledged, producerOf.client]).toEqual([2, 2])
  })

  test('a failure is told to those whose records were in the request, and to nobody after them', async () => {
    const { producer, sent } = scripted((_messages, client) => {
      if (client === 1) throw protocolError('TOPIC_AUTHORIZATION_FAILED')
    })
    await expect(producer.append([record('a')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await producer.append([record('b')])
    expect(sent.at(-1)).toEqual({ client: 2, values: ['b'] })
  })

  test('a record that is too large fails alone', async () => {
    const { producer } = scripted((messages) => {
      if (messages.some((m) => m.messages.some(({ value }) => String(value) === 'large')))
        throw protocolError('MESSAGE_TOO_LARGE')
    })
    const appends = await Promise.allSettled([
      producer.append([record('a')]),
      producer.append([record('large', 'other')]),
      producer.append([record('c')]),
    ])
    expect(appends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(appends[1]).toMatchObject({ reason: { code: 'RECORD_TOO_LARGE' } })
  })

  test('close waits for what is being sent', async () => {
    const { producer, sent } = scripted(() => new Promise(setImmediate))
    const appending = producer.append([record('a')])
    await producer.close()
    expect(sent).toHaveLength(1)
    await appending
  })
})
