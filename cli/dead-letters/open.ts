import { type Opened, withDatabase } from '../database.ts'
import { CommandError } from '../failure.ts'
import { explainLogError } from './letters.ts'

export type { Opened } from '../database.ts'

/** As `withDatabase`, for a command that reads the log. */
export async function withBackends<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  return withDatabase(async (opened) => {
    await requireLog(opened)
    try {
      return await work(opened)
    } catch (error) {
      throw explainLogError(error)
    }
  })
}

/** The log in PostgreSQL would create its tables when asked: looking is not to leave anything behind. */
export async function requireLog({ db, config }: Opened): Promise<void> {
  if (config.KAFKA_BROKERS) return
  const [row] = await db.query<{ found: boolean }>(
    "select to_regclass('event_log.topics') is not null as found",
  )
  if (!row?.found) throw new CommandError('There is no log in the database yet. Run: npm run migrate')
}
