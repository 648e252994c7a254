import type { Database } from '#libs/db/database.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import type { Backends } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { type Prepared, prepare } from '#libs/service/prepare.ts'
import { createRegistryCodec } from '#schemas/codec.ts'
import { registerAll } from '#schemas/tools/register.ts'
import { topics } from '#schemas/topics.ts'

/** What a deployment does once before its services start: migrations, topics, and the schemas where there is a registry. */
export interface UpToDate extends Prepared {
  /** What the registry holds now, a line per subject and version; null without a registry. */
  readonly schemas: readonly string[] | null
}

/** Idempotent, and safe when several processes do it at once. Rejects with the error of the part that failed. */
export async function bringUpToDate(config: Config, backends: Backends): Promise<UpToDate> {
  const prepared = await prepare(config, backends)
  if (config.SCHEMA_REGISTRY_URL === undefined) return { ...prepared, schemas: null }
  const schemas: string[] = []
  await registerAll(config.SCHEMA_REGISTRY_URL, (line) => schemas.push(line))
  return { ...prepared, schemas }
}

/** What `bringUpToDate` would have to do. */
export interface Missing extends Prepared {
  /** What the registry lacks, in words; null when it lacks nothing, or there is none. */
  readonly schemas: string | null
}

/** Looks, and changes nothing. Rejects with the error of the part that can not be looked at. */
export async function findMissing(config: Config, backends: Backends): Promise<Missing> {
  return {
    migrations: await pendingMigrations(await backends.database()),
    topics: await missingTopics(config, backends),
    schemas: await missingSchemas(config),
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

/** Why the registry can not serve this release: it does not answer, or lacks a schema; null when it can. */
export async function missingSchemas(config: Config): Promise<string | null> {
  if (config.SCHEMA_REGISTRY_URL === undefined) return null
  try {
    await createRegistryCodec({ url: config.SCHEMA_REGISTRY_URL }).ready()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

async function hasLog(db: Database): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    "select to_regclass('event_log.topics') is not null as found",
  )
  return row?.found === true
}
