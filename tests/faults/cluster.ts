import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kafka, startKafka } from '#deploy/stack/kafka.ts'
import { type Redis, startRedis } from '#deploy/stack/redis.ts'
import { startRegistry } from '#deploy/stack/registry.ts'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import { registerAll } from '#schemas/tools/register.ts'
import { type SimulatorProcess, spawnSimulator } from '#tests/support/simulator-process.ts'
import { installAudit } from './audit.ts'
import { Supervisor } from './supervisor.ts'

export interface ClusterOptions {
  /** For data and logs; removed by whoever made it. */
  readonly folder: string
  readonly brokers: 1 | 3
  /** Flags of the simulator. */
  readonly simulator: Readonly<Record<string, string | number>>
  readonly variables?: Readonly<Record<string, string>>
}

/** Every server of a cluster as a process of its own that a scenario may kill, and the services under a supervisor. */
export interface Cluster {
  readonly kafka: Kafka
  readonly redis: Redis
  readonly simulator: SimulatorProcess
  readonly supervisor: Supervisor
  /** For the checker: no service uses these. */
  readonly db: Database
  readonly log: EventLog
  killPostgres(): Promise<void>
  startPostgres(): Promise<void>
  stop(): Promise<void>
}

export async function startCluster({
  folder,
  brokers,
  simulator: flags,
  variables,
}: ClusterOptions): Promise<Cluster> {
  await mkdir(folder, { recursive: true })
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  const opened = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    stops.push(() => server.stop())
    return server
  }
  const openPostgres = () => startEmbeddedPostgres({ dir: join(folder, 'postgres') })
  try {
    // Each is noted as soon as it runs, so that the others end when one does not start.
    let postgres!: EmbeddedPostgres
    const starts = [
      spawnSimulator(flags).then(opened),
      startKafka({ dir: join(folder, 'kafka'), count: brokers }).then(opened),
      startRedis({ dir: join(folder, 'redis') }).then(opened),
      startRegistry({ dir: join(folder, 'registry') }).then(opened),
      openPostgres().then((server) => {
        postgres = server
        stops.push(() => postgres.stop())
      }),
    ] as const
    await Promise.allSettled(starts)
    const [simulator, kafka, redis, registry] = await Promise.all(starts)
    await registerAll(registry.url, () => {})
    const environment = {
      DATABASE_URL: postgres.url,
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_REPLICATION_FACTOR: String(brokers),
      REDIS_URL: redis.url,
      SCHEMA_REGISTRY_URL: registry.url,
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
      SP_API_CLIENT_ID: `faults-${randomUUID()}`,
      SP_API_CLIENT_SECRET: 'secret',
      SP_API_REFRESH_TOKEN: 'token',
      SYNC_SCHEDULE: 'off',
      ...variables,
    }
    await prepareBackends(environment)
    const db = await openDatabase({ url: postgres.url, poolSize: 2, applicationName: 'fault-checker' })
    stops.push(() => db.close())
    await installAudit(db)
    const log = createKafkaEventLog({ brokers: kafka.brokers.split(','), clientId: 'fault-checker' })
    stops.push(() => log.close())
    const supervisor = opened(new Supervisor({ environment, folder: join(folder, 'services') }))
    return {
      kafka,
      redis,
      simulator,
      supervisor,
      db,
      log,
      async killPostgres() {
        process.kill(postgres.pid, 'SIGKILL')
        await postgres.ended
      },
      async startPostgres() {
        const { url } = postgres
        postgres = await openPostgres()
        if (postgres.url !== url) throw new Error('PostgreSQL came back at another address')
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function prepareBackends(environment: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(environment)
  const logger = createLogger({ level: 'warn', service: 'faults' })
  const backends = createBackends({ config, service: 'faults', logger, metrics: createMetrics() })
  await prepare(config, backends)
  await backends.close()
}
