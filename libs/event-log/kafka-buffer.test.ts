import { expect, test } from 'vitest'
import { BatchBuffer } from './kafka-buffer.ts'
import type { Batch } from './port.ts'

const batch = (count: number): Batch => ({
  topic: 'topic',
  partition: 0,
  revoked: new AbortController().signal,
  records: Array.from({ length: count }, (_, i) => ({
    topic: 'topic',
    partition: 0,
    offset: BigInt(i),
    key: null,
    value: null,
    headers: {},
    timestamp: 0,
  })),
})

test('gives batches in the order they came, and counts the records that it holds', async () => {
  const held: number[] = []
  const buffer: BatchBuffer = new BatchBuffer(() => held.push(buffer.records))
  const [first, second] = [batch(2), batch(3)]
  buffer.push(first)
  buffer.push(second)
  expect(buffer.records).toBe(5)
  expect((await buffer.next()).value).toBe(first)
  expect((await buffer.next()).value).toBe(second)
  expect(held).toEqual([3, 0])
})

test('hands a batch to who waits, without holding it', async () => {
  const buffer = new BatchBuffer(() => {})
  const [first, second] = [buffer.next(), buffer.next()]
  const [one, two] = [batch(1), batch(1)]
  buffer.push(one)
  expect(buffer.records).toBe(0)
  buffer.push(two)
  expect([(await first).value, (await second).value]).toEqual([one, two])
})

test('forgets what it holds when the partitions are lost', async () => {
  const buffer = new BatchBuffer(() => {})
  buffer.push(batch(4))
  buffer.drop()
  expect(buffer.records).toBe(0)
  const next = buffer.next()
  const fresh = batch(1)
  buffer.push(fresh)
  expect((await next).value).toBe(fresh)
})

test('ends for who waits and for who comes later, and takes nothing more', async () => {
  const buffer = new BatchBuffer(() => {})
  const waiting = buffer.next()
  buffer.end()
  buffer.push(batch(1))
  expect((await waiting).done).toBe(true)
  expect((await buffer.next()).done).toBe(true)
  expect(buffer.records).toBe(0)
})

test('fails for who waits and for who comes later, and drops what it holds', async () => {
  const buffer = new BatchBuffer(() => {})
  const waiting = buffer.next()
  const failure = new Error('the consumer is gone')
  buffer.fail(failure)
  await expect(waiting).rejects.toBe(failure)
  await expect(buffer.next()).rejects.toBe(failure)
})

test('a failure after the end is no failure: the caller has closed', async () => {
  const buffer = new BatchBuffer(() => {})
  buffer.end()
  buffer.fail(new Error('too late'))
  expect((await buffer.next()).done).toBe(true)
})
