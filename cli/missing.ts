import type { Database } from '#libs/db/database.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import type { Backends } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import type { Prepared } from '#libs/service/prepare.ts'
import { topics } from '#schemas/topics.ts'

/** What `prepare` would do, without doing any of it. */
export async function findMissing(config: Config, backends: Backends): Promise<Prepared> {
  return {
    migrations: await pendingMigrations(await backends.database()),
    topics: await missingTopics(config, backends),
  }
}

/** Names of the topics that the log lacks. */
export async function missingTopics(config: Config, backends: Backends): Promise<readonly string[]> {
  const names = topics.map((topic) => topic.name)
  // The log in PostgreSQL creates its tables when it is first asked.
  if (!config.KAFKA_BROKERS && !(await hasLog(await backends.database()))) return names
  const existing = new Set(await backends.log().admin.listTopics())
  return names.filter((name) => !existing.has(name))
}

async function hasLog(db: Database): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    "select to_regclass('event_log.topics') is not null as found",
  )
  return row?.found === true
}
