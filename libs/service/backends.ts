import type { Database } from '#libs/db/database.ts'
import { createKafkaEventLog, type KafkaEvent } from '#libs/event-log/kafka.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { TokenBucket } from '#libs/rate-limit/port.ts'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { sentinelOptions } from '#libs/rate-limit/redis-connection.ts'
import { createRedisTokenStore } from '#libs/sp-api/tokens/redis-store.ts'
import { createMemoryTokenStore, type TokenStore } from '#libs/sp-api/tokens/store.ts'
import { createLocalCodec, createRegistryCodec, type SchemaCodec } from '#schemas/codec.ts'
import { type Config, ConfigError } from './config.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { observedBucket } from './quota-metrics.ts'

/**
 * Which backend serves which part. The choice follows from which variables are set, and it is made here and nowhere
 * else. Each backend is opened when it is first asked for, and once.
 */
export interface Backends {
  database(): Promise<Database>
  log(): EventLog
  codec(): SchemaCodec
  bucket(): TokenBucket
  /** Where access tokens are shared: by the processes with Redis, by the clients of this one without. */
  tokenStore(): TokenStore
  /** Closes what was opened; idempotent. */
  close(): Promise<void>
}

export interface BackendsOptions {
  readonly config: Config
  /** Shown to PostgreSQL and Kafka as the name of this client. */
  readonly service: string
  readonly logger: Logger
  readonly metrics: Metrics
}

export function createBackends({ config, service, logger, metrics }: BackendsOptions): Backends {
  const closers: (() => Promise<void>)[] = []
  const opened = <T extends { close(): Promise<void> }>(backend: T): T => {
    closers.push(() => backend.close())
    return backend
  }
  const database = once(async () => {
    // A fetcher asks for none, and the ORM takes a fifth of a service's memory and half of its start.
    const { openDatabase } = await import('#libs/db/database.ts')
    return opened(
      await openDatabase({
        url: databaseUrl(config),
        poolSize: config.DATABASE_POOL_SIZE,
        applicationName: `asinstream-${service}`,
      }),
    )
  })
  const log = once(() =>
    opened(
      config.KAFKA_BROKERS
        ? createKafkaEventLog({
            brokers: config.KAFKA_BROKERS,
            clientId: `asinstream-${service}`,
            sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
            onEvent: (event) => logKafkaEvent(logger, event),
          })
        : createPostgresEventLog({
            connectionString: databaseUrl(config),
            onError: (error) =>
              logger.warn({ err: error, part: 'event-log' }, 'the log in PostgreSQL stumbled'),
          }),
    ),
  )
  const codec = once(() =>
    config.SCHEMA_REGISTRY_URL
      ? createRegistryCodec({ url: config.SCHEMA_REGISTRY_URL })
      : createLocalCodec(),
  )
  const bucket = once(() => observedBucket(opened(openBucket()), metrics, logger))
  function openBucket(): TokenBucket {
    metrics.bucketDegraded.set(0)
    if (!config.REDIS_URL) return createMemoryTokenBucket()
    return createRedisTokenBucket({
      url: config.REDIS_URL,
      ...(config.REDIS_SENTINELS && {
        redis: sentinelOptions(config.REDIS_URL, config.REDIS_SENTINELS),
      }),
      share: config.FETCHERS,
      onDegraded: (reason) => {
        metrics.bucketDegraded.set(1)
        logger.warn({ reason }, `Redis is gone: this process keeps to 1/${config.FETCHERS} of each rate`)
      },
      onRecovered: () => {
        metrics.bucketDegraded.set(0)
        logger.info('Redis is back: token buckets are shared again')
      },
    })
  }
  const tokenStore = once(() => {
    metrics.tokenStoreDegraded.set(0)
    if (!config.REDIS_URL) return opened(createMemoryTokenStore())
    return opened(
      createRedisTokenStore({
        url: config.REDIS_URL,
        ...(config.REDIS_SENTINELS && {
          redis: sentinelOptions(config.REDIS_URL, config.REDIS_SENTINELS),
        }),
        onDegraded: (reason) => {
          metrics.tokenStoreDegraded.set(1)
          logger.warn({ reason }, 'Redis is gone: this process fetches its own access tokens')
        },
        onRecovered: () => {
          metrics.tokenStoreDegraded.set(0)
          logger.info('Redis is back: access tokens are shared again')
        },
      }),
    )
  })
  return {
    database,
    log,
    codec,
    bucket,
    tokenStore,
    close: once(async () => {
      // The last one opened goes first; one that can not be closed does not keep the others open.
      const results = await Promise.allSettled(closers.reverse().map((close) => close()))
      for (const result of results) {
        if (result.status === 'rejected')
          logger.warn({ err: result.reason }, 'a backend did not close cleanly')
      }
    }),
  }
}

function logKafkaEvent(logger: Logger, event: KafkaEvent): void {
  switch (event.kind) {
    case 'log':
      logger[event.level]({ ...event.details, part: 'kafka' }, event.message)
      break
    case 'joined':
      logger.info({ group: event.group, assignment: event.assignment }, 'joined the group')
      break
    case 'revoked':
      logger.info({ group: event.group }, 'partitions revoked')
      break
    case 'rebuilt':
      logger.warn({ group: event.group, err: event.reason }, 'the consumer broke down and is built anew')
      break
    case 'producer-discarded':
      logger.warn({ err: event.reason }, 'the producer was thrown away and is built anew')
      break
  }
}

/** The database's address, or a `ConfigError` that says how to get one. */
export function databaseUrl(config: Config): string {
  if (config.DATABASE_URL === undefined) {
    throw new ConfigError([
      'DATABASE_URL must be set: a URL postgres://host:5432/database with user and password. (`asinstream dev` starts a database of its own.)',
    ])
  }
  return config.DATABASE_URL
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
