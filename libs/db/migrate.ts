import { Migrator } from '@mikro-orm/migrations'
import { MikroORM } from '@mikro-orm/postgresql'
import { openDatabase, type Queryable } from './database.ts'
import { entities } from './entities.ts'
import { migrationOptions, migrationsList } from './migrations/index.ts'

/** 64-bit key of the advisory lock under which migrations run: two processes that start at once do not race. */
const MIGRATION_LOCK = 7_243_901

/**
 * Brings the database up to date and returns the names of the migrations that it ran. Safe to call from several
 * processes at once. Rejects with PostgreSQL's error; nothing is half-done, as they all run in one transaction. `upTo` names
 * the last one to run; without it they all do.
 */
export async function migrate(connectionString: string, upTo?: string): Promise<readonly string[]> {
  return withOrm(connectionString, async (orm) => {
    const client = await (await orm.em.getConnection().getNativeClient()).connect()
    try {
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
      const ran = await orm.migrator.up(upTo === undefined ? undefined : { to: upTo })
      return ran.map((migration) => migration.name)
    } finally {
      // Ends the session's advisory lock with the session, also when something failed above.
      client.release(true)
    }
  })
}

/**
 * Names of the migrations that the database lacks; empty when it is up to date. Only reads: the migrator's own question
 * creates its table, which two processes that start at once do not survive.
 */
export async function pendingMigrations(target: string | Queryable): Promise<readonly string[]> {
  if (typeof target !== 'string') return pendingIn(target)
  const db = await openDatabase({ url: target, poolSize: 1 })
  try {
    return await pendingIn(db)
  } finally {
    await db.close()
  }
}

/** Names of migrations that the database has and this release does not know: a newer release has been there. */
export async function unknownMigrations(db: Queryable): Promise<readonly string[]> {
  const known = new Set(migrationsList.map((migration) => migration.name))
  return (await ranIn(db)).filter((name) => !known.has(name))
}

async function pendingIn(db: Queryable): Promise<readonly string[]> {
  const ran = new Set(await ranIn(db))
  return migrationsList.map((migration) => migration.name).filter((name) => !ran.has(name))
}

async function ranIn(db: Queryable): Promise<readonly string[]> {
  const [table] = await db.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    migrationOptions.tableName,
  ])
  if (!table?.found) return []
  const rows = await db.query<{ name: string }>(
    `select name from ${migrationOptions.tableName} order by name`,
  )
  return rows.map((row) => row.name)
}

async function withOrm<T>(connectionString: string, work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await MikroORM.init({
    clientUrl: connectionString,
    entities: [...entities],
    extensions: [Migrator],
    migrations: migrationOptions,
    // A typing error in DATABASE_URL makes no database.
    ensureDatabase: false,
    pool: { min: 0, max: 3 },
    logger: () => {},
  })
  try {
    return await work(orm)
  } finally {
    await orm.close(true)
  }
}
