import { postgresBinaries } from '#libs/db/embedded-binaries.ts'
import { describeDatabaseUrl, explainDatabaseError } from '#libs/db/errors.ts'
import { pendingMigrations } from '#libs/db/migrate.ts'
import type { Config } from '#libs/service/config.ts'
import { missingTopics } from '../bring-up-to-date.ts'
import type { Finding } from '../commands/doctor.ts'
import type { Tools } from '../tools.ts'

/** The oldest release that its makers still maintain. */
const OLDEST_MAJOR = 14
const MIGRATE = 'Run: npm run migrate'

export async function* checkDatabase(config: Config, { backends }: Tools): AsyncGenerator<Finding> {
  const { DATABASE_URL: url } = config
  if (url === undefined) {
    yield await checkEmbedded()
    return
  }
  try {
    const db = await backends.database()
    const [row] = await db.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    const major = Math.floor((row?.version ?? 0) / 10_000)
    const message = `${major} at ${describeDatabaseUrl(url)}`
    yield major >= OLDEST_MAJOR
      ? { check: 'PostgreSQL', status: 'ok', message }
      : { check: 'PostgreSQL', status: 'failed', message, advice: `Use ${OLDEST_MAJOR} or newer.` }
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

export async function* checkEventLog(config: Config, { backends }: Tools): AsyncGenerator<Finding> {
  if (config.KAFKA_BROKERS === undefined) {
    yield {
      check: 'Event log',
      status: 'info',
      message: 'KAFKA_BROKERS is not set: the log is kept in PostgreSQL',
    }
    if (config.DATABASE_URL === undefined) return
  }
  const where = config.KAFKA_BROKERS ? `Kafka at ${config.KAFKA_BROKERS.join(', ')}` : 'PostgreSQL'
  try {
    if (config.KAFKA_BROKERS) {
      await backends.log().ping()
      yield { check: 'Event log', status: 'ok', message: `${where} answers` }
    }
    const missing = await missingTopics(config, backends)
    yield missing.length === 0
      ? { check: 'Topics', status: 'ok', message: `all of them are in ${where}` }
      : {
          check: 'Topics',
          status: 'failed',
          message: `missing in ${where}: ${missing.join(', ')}`,
          advice: MIGRATE,
        }
  } catch (error) {
    yield {
      check: 'Event log',
      status: 'failed',
      message: error instanceof Error ? error.message : String(error),
      advice: config.KAFKA_BROKERS
        ? 'Check KAFKA_BROKERS, and that the brokers run and let this host in.'
        : 'Mend PostgreSQL first: the log is in it.',
    }
  }
}
