import { EventLogError } from './port.ts'

/** Tells kafkajs's errors apart by their names and Kafka's error types, without importing the client. */

interface ClientError extends Error {
  readonly type?: string
  readonly code?: string | number
  readonly retriable?: boolean
}

export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))

/** The error and its causes, outermost first. kafkajs wraps what happened once or twice. */
export function causes(error: unknown): readonly ClientError[] {
  const chain: ClientError[] = []
  for (let at = error; at instanceof Error && !chain.includes(at); at = at.cause) chain.push(at)
  return chain
}

const some = (error: unknown, test: (cause: ClientError) => boolean): boolean => causes(error).some(test)

/** Offset commits are refused like this when the group has moved on without the member. */
const fenced = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
])
export const isFenced = (error: unknown): boolean => some(error, ({ type }) => fenced.has(type ?? ''))

/**
 * The broker and the producer disagree about what was written: kafkajs never asks for a new producer id, so the
 * producer is dead from here on (kafkajs issue 598).
 */
const sequenceLost = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
])
export const isSequenceLost = (error: unknown): boolean =>
  some(error, ({ type }) => sequenceLost.has(type ?? ''))

export const isUnknownTopic = (error: unknown): boolean =>
  some(error, ({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION')

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])
export const isTooLarge = (error: unknown): boolean => some(error, ({ type }) => tooLarge.has(type ?? ''))

const connectionErrors = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
])
/** A commit on a connection that has just been reset: kafkajs throws a plain error, without name or code. */
const NOT_CONNECTED = 'Broker not connected'
export const isConnectionError = (error: unknown): boolean =>
  some(
    error,
    ({ name, code, message }) =>
      connectionErrors.has(name) || code === 'ECONNREFUSED' || message === NOT_CONNECTED,
  )

/** A group's coordinator has just started, or the group has moved to another one: it answers in a moment. */
const coordinatorMoves = new Set([
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_COORDINATOR',
])
export const isCoordinatorMoving = (error: unknown): boolean =>
  some(error, ({ type }) => coordinatorMoves.has(type ?? ''))

const refused = (type: string): boolean => type.endsWith('_AUTHORIZATION_FAILED')
const isRefused = (error: unknown): boolean =>
  some(error, ({ name, type }) => name === 'KafkaJSSASLAuthenticationError' || refused(type ?? ''))

/** Whether trying again with a new client may help. */
export const isRetriable = (error: unknown): boolean =>
  !isRefused(error) &&
  !isUnknownTopic(error) &&
  !some(error, ({ name }) => name === 'KafkaJSNotImplemented') &&
  (isConnectionError(error) ||
    some(error, ({ name, retriable }) => name === 'KafkaJSNumberOfRetriesExceeded' || retriable === true))

/** The innermost reason in a few words; kafkajs's own messages hold no credentials. */
export function reasonOf(error: unknown): string {
  const innermost = causes(error).at(-1)
  if (innermost === undefined) return String(error)
  const kind = innermost.type ?? innermost.code
  return kind === undefined ? innermost.message : `${innermost.message} (${kind})`
}

export const unknownTopic = (topics: readonly string[], cause?: unknown): EventLogError =>
  new EventLogError(
    'UNKNOWN_TOPIC',
    `the log has no topic ${topics.join(', ')}: create it (admin.createTopics) or correct the name`,
    { cause },
  )

/** Kafka can not be reached or refuses us; `doing` is what was asked of it. */
export function unavailable(doing: string, brokers: readonly string[], cause: unknown): EventLogError {
  const hint = isRefused(cause)
    ? 'check the credentials and what they may do'
    : 'check that the brokers run and that their address is right'
  return new EventLogError(
    'LOG_UNAVAILABLE',
    `Kafka at ${brokers.join(', ')} could not ${doing}: ${reasonOf(cause)}; ${hint}`,
    { cause },
  )
}
