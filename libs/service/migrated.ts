import type { Database } from '#libs/db/database.ts'
import { explainDatabaseError } from '#libs/db/errors.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import { databaseUrl } from './backends.ts'
import type { Config } from './config.ts'

/** Rejects, with what to do, when the database can not be reached or lacks a migration. */
export async function requireMigrated(db: Database, config: Config): Promise<void> {
  const url = databaseUrl(config)
  let pending: readonly string[]
  try {
    await db.ping()
    pending = await pendingMigrations(db)
  } catch (error) {
    throw new Error(explainDatabaseError(error, url), { cause: error })
  }
  if (pending.length > 0) {
    throw new Error(
      `the database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run: npm run migrate`,
    )
  }
}
