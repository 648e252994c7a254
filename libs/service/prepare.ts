import { migrate } from '#libs/db/migrate.ts'
import { migrateEventLog } from '#libs/event-log/postgres.ts'
import { topics } from '#schemas/topics.ts'
import { type Backends, databaseUrl } from './backends.ts'
import type { Config } from './config.ts'

/** What `prepare` did. */
export interface Prepared {
  /** Names of the migrations that it ran. */
  readonly migrations: readonly string[]
  /** Names of the topics that it created. */
  readonly topics: readonly string[]
}

/** Brings database and log up to date: migrations and topics. Idempotent, and safe when several processes do it at once. */
export async function prepare(config: Config, backends: Pick<Backends, 'log'>): Promise<Prepared> {
  const migrations = await migrate(databaseUrl(config))
  if (!config.KAFKA_BROKERS) await migrateEventLog(databaseUrl(config))
  const { admin } = backends.log()
  const existing = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !existing.has(topic.name))
  await admin.createTopics(
    missing.map((topic) => ({ ...topic, replicationFactor: config.KAFKA_REPLICATION_FACTOR })),
  )
  return { migrations, topics: missing.map((topic) => topic.name) }
}
