import { MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql'
import type { Pool, PoolClient, QueryResultRow } from 'pg'
import { entities } from './entities.ts'
import { isUnanswered } from './errors.ts'
import { migrationOptions } from './migrations/index.ts'

/** What runs SQL: the pool, or a client inside a transaction. Parameters are `$1`, `$2`, …; arrays go to `unnest`. */
export interface Queryable {
  query<R extends QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<readonly R[]>
}

/**
 * One connection pool, MikroORM's. Entities and migrations use it through the entity manager; the statements of the
 * hot path use it directly, because the ORM writes parameters into the SQL text, which for arrays of a thousand rows
 * costs more than the statement itself.
 */
export interface Database extends Queryable {
  /** A fresh entity manager: an identity map of its own. */
  em(): SqlEntityManager
  /** Runs `work` in one transaction on one connection: commits when it returns, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** A connection outside the pool's rotation, for locks and LISTEN; the caller releases it. */
  reserve(): Promise<PoolClient>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Rejects, with the reason, when the database takes no writes: a standby, or one that was made read-only. */
  checkWritable(): Promise<void>
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  /** Connections at most; default 8. */
  readonly poolSize?: number
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string
  /** Longest statement, in milliseconds; default 60,000. */
  readonly statementTimeoutMs?: number
  /**
   * Longest wait for the answer to a statement, in milliseconds; default: 10 s more than the statement may take. It is
   * the network that is given up then, and the connection with it.
   */
  readonly queryTimeoutMs?: number
  /** Longest wait for a row lock, in milliseconds; default 15,000. */
  readonly lockTimeoutMs?: number
}

const ANSWER_MS = 10_000

/** How soon the server takes a silent client for gone, and lets go of its locks: product-change's lead is one of them. */
const SERVER_KEEPALIVE = '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

/** Opens the pool lazily: an unreachable server shows at the first query (see `explainDatabaseError`). */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000
  const orm = await MikroORM.init({
    clientUrl: options.url,
    entities: [...entities],
    migrations: migrationOptions,
    // A typing error in DATABASE_URL makes no database.
    ensureDatabase: false,
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: options.poolSize ?? 8 },
    driverOptions: {
      application_name: options.applicationName ?? 'asinstream',
      statement_timeout: statementTimeoutMs,
      query_timeout: options.queryTimeoutMs ?? statementTimeoutMs + ANSWER_MS,
      lock_timeout: options.lockTimeoutMs ?? 15_000,
      idle_in_transaction_session_timeout: 60_000,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: SERVER_KEEPALIVE,
    },
    // The pool reports a dropped connection here; the query in flight rejects by itself.
    logger: () => {},
  })
  const pool = (await orm.em.getConnection().getNativeClient()) as unknown as Pool

  return {
    em: () => orm.em.fork(),
    query: (sql, parameters) => runOn(pool, sql, parameters),
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query('begin')
        const result = await work({ query: (sql, parameters) => runOn(client, sql, parameters) })
        await client.query('commit')
        return result
      } catch (error) {
        // A connection that can not even roll back is thrown away, which rolls back as well; to ask one that does not
        // answer would be to wait once more.
        if (isUnanswered(error)) broken = error as Error
        else {
          await client.query('rollback').catch((rollbackError: Error) => {
            broken = rollbackError
          })
        }
        throw error
      } finally {
        client.release(broken)
      }
    },
    reserve: () => pool.connect(),
    async ping() {
      await pool.query('select 1')
    },
    async checkWritable() {
      const { rows } = await pool.query<{ standby: boolean; readOnly: boolean }>(
        `select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::bool as "readOnly"`,
      )
      if (rows[0]?.standby) throw new Error('PostgreSQL is read-only: a standby, which takes no writes')
      if (rows[0]?.readOnly)
        throw new Error('PostgreSQL is read-only: default_transaction_read_only is on for this database')
    },
    close: once(async () => {
      await orm.close(true)
      // The ORM ends the pool only when it has itself asked something.
      if (!pool.ending) await pool.end()
    }),
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

async function runOn<R extends QueryResultRow>(
  target: Pool | PoolClient,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly R[]> {
  return (await target.query<R>(sql, parameters as unknown[])).rows
}
