import { expect, it } from 'vitest'
import type { LogRecord, NewRecord } from '#libs/event-log/port.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import { readDeadLetter, redriven } from '#libs/stream/dead-letter-redrive.ts'

const record: LogRecord = {
  topic: 'in',
  partition: 3,
  offset: 12_345_678_901n,
  key: Buffer.from([0, 255]),
  value: Buffer.from([1, 2, 254]),
  headers: { traceparent: Buffer.from('00-abc'), bytes: Buffer.from([0, 200]) },
  timestamp: 5_000,
}
const about = { topic: 'dead-letters', group: 'g', reason: 'no sense', at: 1_792_000_000_123 }

const taken = ({ topic, key, value, headers = {} }: NewRecord): LogRecord => ({
  topic,
  key,
  value,
  headers,
  partition: 0,
  offset: 7n,
  timestamp: 6_000,
})

it('tells of a dead letter what the runner wrote into its headers', () => {
  expect(readDeadLetter(taken(deadLetter(record, about)))).toMatchObject({
    origin: { topic: 'in', partition: 3, offset: 12_345_678_901n },
    group: 'g',
    reason: 'no sense',
    at: 1_792_000_000_123,
    redriven: 0,
  })
})

it('brings the record back byte for byte, and counts each time', () => {
  const first = redriven(readDeadLetter(taken(deadLetter(record, about))))
  const { topic, key, value, headers } = record
  expect(first).toEqual({ topic, key, value, headers: { ...headers, 'dlq.redriven': Buffer.from('1') } })

  const again = { ...record, headers: first.headers ?? {} }
  const second = readDeadLetter(taken(deadLetter(again, about)))
  expect(second.redriven).toBe(1)
  expect(redriven(second).headers?.['dlq.redriven']?.toString()).toBe('2')
  expect(redriven(readDeadLetter(taken(deadLetter({ ...record, value: null }, about)))).value).toBeNull()
})

it('reads what others wrote to the topic, and refuses to guess where it came from', () => {
  const stranger = readDeadLetter({ ...record, headers: { 'dlq.partition': Buffer.from('-1') } })
  expect(stranger).toMatchObject({ origin: null, group: null, reason: null, at: 5_000, redriven: 0 })
  expect(() => redriven(stranger)).toThrow(/3:12345678901 does not say which topic/)
})
