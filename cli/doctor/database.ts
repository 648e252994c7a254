import { postgresBinaries } from '#libs/db/embedded-binaries.ts'
import { describeDatabaseUrl, explainDatabaseError } from '#libs/db/errors.ts'
import { pendingMigrations, unknownMigrations } from '#libs/db/migrate.ts'
import type { Config } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import type { Tools } from '../tools.ts'
import { compareClock } from './clock.ts'

/** The oldest release that its makers still maintain. */
const OLDEST_MAJOR = 14
export const MIGRATE = 'Run: npm run migrate'
/** A service has so many connections, and there are five services. */
const FEW_CONNECTIONS = 10

export async function* checkDatabase(config: Config, { backends }: Tools): AsyncGenerator<Finding> {
  const { DATABASE_URL: url } = config
  if (url === undefined) {
    yield await checkEmbedded()
    return
  }
  try {
    const db = await backends.database()
    const [row] = await db.query<{ version: number; replica: boolean; free: number }>(
      `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as replica,
              current_setting('max_connections')::int - (select count(*)::int from pg_stat_activity) as free`,
    )
    const major = Math.floor((row?.version ?? 0) / 10_000)
    const message = `${major} at ${describeDatabaseUrl(url)}`
    yield major >= OLDEST_MAJOR
      ? { check: 'PostgreSQL', status: 'ok', message }
      : { check: 'PostgreSQL', status: 'failed', message, advice: `Use ${OLDEST_MAJOR} or newer.` }
    if (row?.replica)
      yield {
        check: 'PostgreSQL',
        status: 'failed',
        message: 'it is a replica, which takes no writes',
        advice: 'Name the primary in DATABASE_URL.',
      }
    if (row && row.free < FEW_CONNECTIONS)
      yield {
        check: 'PostgreSQL',
        status: 'warning',
        message: `${row.free} connections are free; a process takes up to DATABASE_POOL_SIZE (${config.DATABASE_POOL_SIZE})`,
        advice: 'Raise max_connections, or lower DATABASE_POOL_SIZE.',
      }
    yield await compareClock('PostgreSQL', async () => {
      const [now] = await db.query<{ ms: number }>(
        'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
      )
      return { theirMs: now?.ms ?? Number.NaN }
    })
    const newer = await unknownMigrations(db)
    if (newer.length > 0)
      yield {
        check: 'Migrations',
        status: 'failed',
        message: `the database has ${newer.join(', ')}, which this release does not know`,
        advice:
          'Run the newer release that brought them: an older one may damage what it does not understand.',
      }
    const missing = await pendingMigrations(db)
    yield missing.length === 0
      ? { check: 'Migrations', status: 'ok', message: 'the database is up to date' }
      : { check: 'Migrations', status: 'failed', message: `missing: ${missing.join(', ')}`, advice: MIGRATE }
  } catch (error) {
    yield { check: 'PostgreSQL', status: 'failed', message: explainDatabaseError(error, url) }
  }
}

async function checkEmbedded(): Promise<Finding> {
  try {
    const { major } = await postgresBinaries()
    const message = `DATABASE_URL is not set: npm start brings PostgreSQL ${major} along; the other commands need the variable`
    return { check: 'PostgreSQL', status: 'info', message }
  } catch (error) {
    const advice = 'Set DATABASE_URL to a PostgreSQL of your own.'
    return { check: 'PostgreSQL', status: 'failed', message: (error as Error).message, advice }
  }
}
