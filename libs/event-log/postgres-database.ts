import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { EventLogError } from './port.ts'

/** Connections to the log's database, which failures of it pass by themselves, and how long to wait for that. */

export type Query = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** `work` carries records; `control` carries heartbeats and commits, which must never wait behind them. */
export type Lane = 'work' | 'control'

export interface DatabaseOptions {
  readonly connectionString: string
  readonly schema: string
  readonly poolSize: number
  readonly onError: (error: Error) => void
}

const CONNECT_TIMEOUT_MS = 5_000
const QUERY_TIMEOUT_MS = { work: 60_000, control: 5_000 } as const
const CONTROL_CONNECTIONS = 2

export class Database {
  readonly schema: string
  /** Host, port and database, for messages: never a password. */
  readonly name: string
  /** Names this log within the process: appends through one instance wake consumers of another. */
  readonly channel: string
  readonly #pools: Record<Lane, pg.Pool>
  #ended: Promise<void> | undefined

  constructor(options: DatabaseOptions) {
    this.schema = options.schema
    this.name = targetOf(options.connectionString)
    this.channel = `asinstream.event-log:${this.name}/${options.schema}`
    const pool = (lane: Lane, max: number): pg.Pool => {
      const made = new pg.Pool({
        connectionString: options.connectionString,
        max,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: QUERY_TIMEOUT_MS[lane],
        keepAlive: true,
        application_name: `asinstream event log (${lane})`,
      })
      // A connection that breaks while idle: the pool replaces it, but without a listener the process would end.
      made.on('error', options.onError)
      return made
    }
    this.#pools = { work: pool('work', options.poolSize), control: pool('control', CONTROL_CONNECTIONS) }
  }

  async query<Row>(lane: Lane, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const result = await this.#pools[lane].query(text, [...values])
    return result.rows as Row[]
  }

  async transaction<T>(lane: Lane, work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.#pools[lane].connect()
    // Between two queries nobody else listens, and an error event without a listener ends the process; the next
    // query rejects with the reason.
    const ignore = (): void => {}
    client.on('error', ignore)
    let failure: Error | undefined
    try {
      await client.query('begin')
      const result = await work(async (text, values = []) => {
        const { rows } = await client.query(text, [...values])
        return rows
      })
      await client.query('commit')
      return result
    } catch (error) {
      failure = asError(error)
      if (isTransient(failure)) throw failure // The connection is given up below: that rolls back.
      await client.query('rollback').then(
        () => {
          failure = undefined
        },
        () => {}, // Given up as well.
      )
      throw error
    } finally {
      client.off('error', ignore)
      client.release(failure ?? false)
    }
  }

  end(): Promise<void> {
    this.#ended ??= Promise.all([this.#pools.work.end(), this.#pools.control.end()]).then(() => {})
    return this.#ended
  }

  /** `error` as callers of the port see it. */
  asLogError(error: unknown): Error {
    const cause = asError(error)
    if (cause instanceof EventLogError) return cause
    const advice = isTransient(cause)
      ? 'does not answer: check that it is running and that DATABASE_URL names it'
      : isRefusal(cause)
        ? 'refuses: check user, password and database of DATABASE_URL, and that the user may create a schema'
        : undefined
    if (advice === undefined) return cause
    const message = `PostgreSQL at ${this.name}, which holds the event log, ${advice} (${reasonOf(cause)})`
    return new EventLogError('LOG_UNAVAILABLE', message, { cause })
  }
}

/** Host, port and database of a connection string, without its secrets. Throws RangeError when it is none. */
function targetOf(connectionString: string): string {
  try {
    const { host, port, database } = new pg.Client({ connectionString })
    return `${host}:${port}/${database ?? ''}`
  } catch {
    // Without the cause: it would carry the password.
    throw new RangeError(
      'The event log needs a PostgreSQL connection string such as postgres://user:password@host:5432/database',
    )
  }
}

/** An error that stands for several, one per address tried, has no message of its own. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError
    ? error.errors.map((one) => asError(one).message).join(', ')
    : error.message
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** Quotes a name for SQL text. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function sqlState(error: Error): string | undefined {
  const { code } = error as { code?: unknown }
  return error instanceof pg.DatabaseError && typeof code === 'string' ? code : undefined
}

/**
 * SQLSTATE classes that pass: 08 connection, 40 deadlock and serialisation, 53 out of resources, 55P03 lock not
 * available, 57 operator intervention such as a restart, 25006 read-only for now (PostgreSQL manual, appendix A).
 */
export function isTransient(error: Error): boolean {
  const state = sqlState(error)
  if (state !== undefined) return /^(08|40|53|57)/.test(state) || state === '55P03' || state === '25006'
  return isNetworkFailure(error)
}

/** 28 authorisation, 3D000 no such database, 42501 insufficient privilege; SASL: a password is missing. */
function isRefusal(error: Error): boolean {
  return /^(28|3D000|42501)/.test(sqlState(error) ?? '') || error.message.startsWith('SASL')
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // A Unix socket that is not there.
])
/** What pg and pg-pool say without a code. */
const NETWORK_MESSAGES =
  /Connection terminated|Query read timeout|not queryable|timeout exceeded when trying to connect|timeout expired/

function isNetworkFailure(error: Error): boolean {
  const all = error instanceof AggregateError ? error.errors : [error]
  return (
    all.some(({ code }: { code?: unknown }) => NETWORK_CODES.has(String(code))) ||
    NETWORK_MESSAGES.test(error.message)
  )
}

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 2_000

export interface RetryOptions {
  /** Gives up when nothing has worked for this long, in milliseconds; default: never. */
  readonly forMs?: number
  readonly retriable?: (error: Error) => boolean
  /** Gives up at once, with the last error. */
  readonly signal?: AbortSignal
  readonly onRetry: (error: Error) => void
}

/** Runs `work` until it succeeds, waiting 50 ms to 2 s between tries; rejects with the last error when it gives up. */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const retriable = options.retriable ?? isTransient
  const start = performance.now()
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work()
    } catch (thrown) {
      const error = asError(thrown)
      const spent = performance.now() - start
      if (!retriable(error) || options.signal?.aborted || spent + waitMs > (options.forMs ?? Infinity))
        throw error
      options.onRetry(error)
      await delay(waitMs, undefined, { signal: options.signal }).catch(() => {
        throw error // Woken by the signal: what went wrong is still the database.
      })
    }
  }
}
