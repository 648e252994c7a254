import { expect, test } from 'vitest'
import { createKafkaEventLog } from './kafka.ts'

const options = { brokers: ['localhost:9092'], clientId: 'test' }

test.each([
  [{ ...options, brokers: [] }, /brokers is empty/],
  [{ ...options, brokers: ['localhost'] }, /"localhost" is not host:port/],
  [{ ...options, brokers: ['localhost:9092', 'kafka://b:9092/x'] }, /is not host:port/],
  [{ ...options, clientId: '' }, /clientId is empty/],
  [{ ...options, sessionTimeoutMs: 10 }, /sessionTimeoutMs is 10/],
])('options that make no sense are refused with what to do: %j', (wrong, message) => {
  expect(() => createKafkaEventLog(wrong)).toThrow(message)
})

test('opens no connection before it is used', async () => {
  let connections = 0
  const log = createKafkaEventLog({
    ...options,
    socketFactory: () => {
      connections++
      throw new Error('no connection expected')
    },
  })
  await log.append([])
  await log.close()
  expect(connections).toBe(0)
})

test.each([
  [{ group: '', topics: ['t'] }, /group is empty/],
  [{ group: 'g', topics: [] }, /group g has no topics/],
  [{ group: 'g', topics: ['t'], maxBuffered: 0 }, /maxBuffered is 0/],
])('a consumer that makes no sense is refused: %j', (wrong, message) => {
  expect(() => createKafkaEventLog(options).consume(wrong)).toThrow(message)
})
