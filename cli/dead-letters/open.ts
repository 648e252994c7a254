import type { Database } from '#libs/db/database.ts'
import { explainDatabaseError } from '#libs/db/errors.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import { type Backends, databaseUrl } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { readConfig } from '../configuration.ts'
import { CommandError } from '../failure.ts'
import { openTools } from '../tools.ts'
import { explainLogError } from './letters.ts'

export interface Opened {
  readonly backends: Backends
  readonly db: Database
}

/** Opens what the environment names, does `work`, and closes it; failures come in words that say what to do. */
export async function withBackends<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  const url = databaseUrl(config)
  await using tools = openTools(config)
  try {
    const db = await tools.backends.database()
    await requireMigrated(db, config)
    return await work({ backends: tools.backends, db })
  } catch (error) {
    const told = explainLogError(error)
    if (
      told instanceof Error &&
      ['CommandError', 'UsageError', 'EventLogError', 'RegistryError'].includes(told.name)
    )
      throw told
    throw isDatabaseError(error)
      ? new CommandError(explainDatabaseError(error, url), { cause: error })
      : error
  }
}

async function requireMigrated(db: Database, { KAFKA_BROKERS }: Config): Promise<void> {
  const missing = await pendingMigrations(db)
  if (missing.length > 0)
    throw new CommandError(`The database lacks ${missing.join(', ')}. Run: npm run migrate`)
  if (KAFKA_BROKERS) return
  // The log in PostgreSQL would create its tables when asked: looking is not to leave anything behind.
  const [row] = await db.query<{ found: boolean }>(
    "select to_regclass('event_log.topics') is not null as found",
  )
  if (!row?.found) throw new CommandError('There is no log in the database yet. Run: npm run migrate')
}

/** PostgreSQL's own errors have a code of five characters, those of the connection one such as ECONNREFUSED. */
function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}
