import type { Database } from '#libs/db/database.ts'
import { explainDatabaseError } from '#libs/db/errors.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import { type Backends, databaseUrl } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { readConfig } from './configuration.ts'
import { CommandError } from './failure.ts'
import { openTools } from './tools.ts'

export interface Opened {
  readonly backends: Backends
  readonly db: Database
  readonly config: Config
}

/** Opens the database that the environment names, does `work`, and closes it; failures come in words that say what to do. */
export async function withDatabase<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  const url = databaseUrl(config)
  await using tools = openTools(config)
  try {
    const db = await tools.backends.database()
    const missing = await pendingMigrations(db)
    if (missing.length > 0)
      throw new CommandError(`The database lacks ${missing.join(', ')}. Run: npm run migrate`)
    return await work({ backends: tools.backends, db, config })
  } catch (error) {
    throw isDatabaseError(error)
      ? new CommandError(explainDatabaseError(error, url), { cause: error })
      : error
  }
}

/** PostgreSQL's own errors have a code of five characters, those of the connection one such as ECONNREFUSED. */
function isDatabaseError(error: unknown): boolean {
  const ours = ['CommandError', 'UsageError', 'EventLogError', 'RegistryError']
  return (
    error instanceof Error &&
    !ours.includes(error.name) &&
    typeof (error as { code?: unknown }).code === 'string'
  )
}
