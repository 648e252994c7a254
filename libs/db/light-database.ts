import pg from 'pg'
import type { Queryable } from './database.ts'

/** A database without the ORM, for services that only look something up now and then. */
export interface LightDatabase extends Queryable {
  close(): Promise<void>
}

const TIMEOUT_MS = 5_000

/** Connects when it is first asked, with one connection at most, and again after it broke. */
export function openLightDatabase(url: string, applicationName: string): LightDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: 1,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    allowExitOnIdle: true,
  })
  // An idle connection that breaks is replaced when it is needed; a query in flight rejects by itself.
  pool.on('error', () => {})
  return {
    query: async (sql, parameters = []) => (await pool.query(sql, parameters as unknown[])).rows,
    close: () => pool.end(),
  }
}
