import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kafka, type KafkaOptions, startKafka } from '#deploy/stack/kafka.ts'
import { type Postgres, startPostgres } from '#deploy/stack/postgres.ts'
import { type Redis, startRedis } from '#deploy/stack/redis.ts'
import { type Registry, startRegistry } from '#deploy/stack/registry.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import { registerAll } from '#schemas/tools/register.ts'

export interface ServersOptions {
  /** For data and logs; removed by whoever made it. */
  readonly folder: string
  /** Base URL of the simulator. */
  readonly amazon: string
  /** Settings of PostgreSQL over its defaults. */
  readonly postgres?: Readonly<Record<string, string>>
  /** Of the environment, over those that name the servers. */
  readonly variables?: Readonly<Record<string, string>>
}

/** What the services run on, migrated and with its topics, and the environment that leads them there. */
export interface Servers {
  readonly environment: Readonly<Record<string, string>>
  readonly postgres: Postgres
  stop(): Promise<void>
}

export interface ClusterServers extends Servers {
  readonly kafka: Kafka
  readonly redis: Redis
  readonly registry: Registry
}

/** PostgreSQL alone: the log is kept there, and token buckets in memory. */
export async function startEmbeddedServers(options: ServersOptions): Promise<Servers> {
  return starting(async (opened) => {
    await mkdir(options.folder, { recursive: true })
    const postgres = await postgresIn(options).then(opened)
    return { postgres, environment: environmentOf(options, postgres, {}) }
  })
}

/** Each server of the cluster mode as a process of its own. */
export async function startClusterServers(
  options: ServersOptions & Pick<KafkaOptions, 'advertised'> & { readonly brokers: 1 | 3 },
): Promise<ClusterServers> {
  const { folder, brokers, advertised } = options
  return starting(async (opened) => {
    await mkdir(folder, { recursive: true })
    // Each is noted as soon as it runs, so that the others end when one does not start.
    const starts = [
      startKafka({ dir: join(folder, 'kafka'), count: brokers, ...(advertised && { advertised }) }).then(
        opened,
      ),
      startRedis({ dir: join(folder, 'redis') }).then(opened),
      startRegistry({ dir: join(folder, 'registry') }).then(opened),
      postgresIn(options).then(opened),
    ] as const
    await Promise.allSettled(starts)
    const [kafka, redis, registry, postgres] = await Promise.all(starts)
    await registerAll(registry.url, () => {})
    const environment = environmentOf(options, postgres, {
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_REPLICATION_FACTOR: String(brokers),
      REDIS_URL: redis.url,
      SCHEMA_REGISTRY_URL: registry.url,
    })
    return { kafka, redis, registry, postgres, environment }
  })
}

type Stoppable = { stop(): Promise<unknown> }

/** Prepares what `start` brought up; ends it all when something fails. */
async function starting<S extends Pick<Servers, 'environment'>>(
  start: (opened: <T extends Stoppable>(server: T) => T) => Promise<S>,
): Promise<S & { stop(): Promise<void> }> {
  const servers: Stoppable[] = []
  const stop = async (): Promise<void> => {
    for (const server of servers.splice(0).reverse()) await server.stop()
  }
  try {
    const started = await start((server) => {
      servers.push(server)
      return server
    })
    await prepareBackends(started.environment)
    return { ...started, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function postgresIn({ folder, postgres }: ServersOptions): Promise<Postgres> {
  return startPostgres({ dir: join(folder, 'postgres'), ...(postgres && { settings: postgres }) })
}

function environmentOf(
  { amazon, variables }: ServersOptions,
  postgres: Postgres,
  cluster: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: postgres.url,
    ...cluster,
    SP_API_ENDPOINT: amazon,
    LWA_ENDPOINT: amazon,
    SP_API_CLIENT_ID: 'client',
    SP_API_CLIENT_SECRET: 'secret',
    SP_API_REFRESH_TOKEN: 'token',
    SYNC_SCHEDULE: 'off',
    // Prices are somebody else's measurement unless it asks for them.
    OFFERS_POLICY: 'off',
    ...variables,
  }
}

async function prepareBackends(environment: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(environment)
  const logger = createLogger({ level: 'warn', service: 'prepare' })
  const backends = createBackends({ config, service: 'prepare', logger, metrics: createMetrics() })
  try {
    await prepare(config, backends)
  } finally {
    await backends.close()
  }
}
