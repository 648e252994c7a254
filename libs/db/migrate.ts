import { Migrator } from '@mikro-orm/migrations'
import { MikroORM } from '@mikro-orm/postgresql'
import { entities } from './entities.ts'
import { migrationOptions } from './migrations/index.ts'

/** 64-bit key of the advisory lock under which migrations run: two processes that start at once do not race. */
const MIGRATION_LOCK = 7_243_901

/**
 * Brings the database up to date and returns the names of the migrations that it ran. Safe to call from several
 * processes at once. Rejects with PostgreSQL's error; nothing is half-done, as they all run in one transaction.
 */
export async function migrate(connectionString: string): Promise<readonly string[]> {
  return withOrm(connectionString, async (orm) => {
    const client = await (await orm.em.getConnection().getNativeClient()).connect()
    try {
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
      const ran = await orm.migrator.up()
      return ran.map((migration) => migration.name)
    } finally {
      // Ends the session's advisory lock with the session, also when something failed above.
      client.release(true)
    }
  })
}

/** Names of the migrations that the database lacks; empty when it is up to date. */
export async function pendingMigrations(connectionString: string): Promise<readonly string[]> {
  return withOrm(connectionString, async (orm) => (await orm.migrator.getPending()).map((m) => m.name))
}

async function withOrm<T>(connectionString: string, work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await MikroORM.init({
    clientUrl: connectionString,
    entities: [...entities],
    extensions: [Migrator],
    migrations: migrationOptions,
    pool: { min: 0, max: 3 },
    logger: () => {},
  })
  try {
    return await work(orm)
  } finally {
    await orm.close(true)
  }
}
