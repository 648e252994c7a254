import type { Database } from '#libs/db/database.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import { migrationOptions, migrationsList } from '#libs/db/migrations/index.ts'
import { type Backends, databaseUrl } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import type { Prepared } from '#libs/service/prepare.ts'
import { topics } from '#schemas/topics.ts'

/** What `prepare` would do, without doing any of it: neither are tables of migrations or of the log created. */
export async function findMissing(config: Config, backends: Backends): Promise<Prepared> {
  return {
    migrations: await missingMigrations(config, await backends.database()),
    topics: await missingTopics(config, backends),
  }
}

/** Names of the migrations that the database lacks. Rejects with PostgreSQL's error. */
export async function missingMigrations(config: Config, db: Database): Promise<readonly string[]> {
  // The migrator creates its table when it is asked: a database without one has none of the migrations.
  const migratedOnce = await hasTable(db, `public.${migrationOptions.tableName}`)
  if (!migratedOnce) return migrationsList.map((migration) => migration.name)
  return pendingMigrations(databaseUrl(config))
}

/** Names of the topics that the log lacks. */
export async function missingTopics(config: Config, backends: Backends): Promise<readonly string[]> {
  const names = topics.map((topic) => topic.name)
  // The log in PostgreSQL creates its tables at first use.
  if (!config.KAFKA_BROKERS && !(await hasTable(await backends.database(), 'event_log.topics'))) return names
  const existing = new Set(await backends.log().admin.listTopics())
  return names.filter((name) => !existing.has(name))
}

async function hasTable(db: Database, name: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>('select to_regclass($1) is not null as found', [name])
  return row?.found === true
}
