import { describe, expect, test } from 'vitest'
import { isFenced, isRetriable, isSequenceLost, reasonOf, unavailable } from './kafka-errors.ts'

const clientError = (name: string, fields: object = {}, cause?: Error): Error =>
  Object.assign(new Error(`${name} happened`, { cause }), { name }, fields)

const protocolError = (type: string, retriable = false): Error =>
  clientError('KafkaJSProtocolError', { type, retriable })

describe('kafkajs errors', () => {
  test.each([
    ['a connection error', clientError('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), true],
    [
      'one that kafkajs wrapped',
      clientError('KafkaJSNonRetriableError', { retriable: false }, clientError('KafkaJSConnectionError')),
      true,
    ],
    ['a request on a connection that is gone, as kafkajs puts it', new Error('Broker not connected'), true],
    ['retries used up', clientError('KafkaJSNumberOfRetriesExceeded', { retriable: false }), true],
    ['a coordinator that loads', protocolError('GROUP_LOAD_IN_PROGRESS', true), true],
    [
      'a refused group',
      clientError('KafkaJSNumberOfRetriesExceeded', {}, protocolError('GROUP_AUTHORIZATION_FAILED')),
      false,
    ],
    [
      'wrong credentials',
      clientError('KafkaJSSASLAuthenticationError', {}, clientError('KafkaJSConnectionError')),
      false,
    ],
    ['an unknown codec', clientError('KafkaJSNotImplemented', { retriable: false }), false],
    ['a bug', new TypeError('x is not a function'), false],
    ['a missing topic', protocolError('UNKNOWN_TOPIC_OR_PARTITION', true), false],
  ])('%s: worth another client: %s', (_what, error, expected) => {
    expect(isRetriable(error)).toBe(expected)
  })

  test('know a commit of a member that the group has left behind, however wrapped', () => {
    expect(isFenced(clientError('KafkaJSNonRetriableError', {}, protocolError('ILLEGAL_GENERATION')))).toBe(
      true,
    )
    expect(isFenced(protocolError('NOT_COORDINATOR_FOR_GROUP', true))).toBe(false)
  })

  test('know a producer that the broker disagrees with', () => {
    expect(isSequenceLost(protocolError('OUT_OF_ORDER_SEQUENCE_NUMBER'))).toBe(true)
    expect(isSequenceLost(protocolError('REQUEST_TIMED_OUT', true))).toBe(false)
  })

  test('are told by their innermost reason, with the brokers and what to do', () => {
    const refused = clientError(
      'KafkaJSNonRetriableError',
      {},
      clientError('KafkaJSConnectionError', { code: 'ECONNREFUSED' }),
    )
    expect(reasonOf(refused)).toBe('KafkaJSConnectionError happened (ECONNREFUSED)')
    const error = unavailable('append to t', ['a:1', 'b:2'], refused)
    expect(error.code).toBe('LOG_UNAVAILABLE')
    expect(error.message).toContain('Kafka at a:1, b:2 could not append to t')
    expect(error.message).toContain('check that the brokers run')
    expect(unavailable('append', ['a:1'], clientError('KafkaJSSASLAuthenticationError')).message).toContain(
      'check the credentials',
    )
  })

  test('a chain of causes that bites its tail ends', () => {
    const error = new Error('round')
    error.cause = error
    expect(reasonOf(error)).toBe('round')
  })
})
