import type { ConsumeOptions, Consumer, EventLog, EventLogAdmin, NewRecord } from './port.ts'
import { EventLogError } from './port.ts'
import { createPostgresAdmin } from './postgres-admin.ts'
import { Appender } from './postgres-append.ts'
import { PostgresConsumer } from './postgres-consumer.ts'
import { asError, Database } from './postgres-database.ts'
import { expireRecords } from './postgres-retention.ts'
import { migrate } from './postgres-schema.ts'

/**
 * The log in PostgreSQL tables: the embedded default. Durable, with partitions, groups, leases and retention.
 *
 * Offsets of a partition come from its head row, locked by whoever appends until the commit: records become visible
 * in order and without gaps. Members hold partitions by leases with epochs (`postgres-membership.ts`). Consumers
 * poll, woken at once by appends of the same process; LISTEN/NOTIFY is not used, as a commit with NOTIFY takes a
 * lock that is global to the database.
 */

export interface PostgresEventLogOptions {
  readonly connectionString: string
  /** Connections for records; two more carry heartbeats and commits. Default 4. */
  readonly poolSize?: number
  /** How long a member that says nothing keeps its partitions, in milliseconds. Default 10,000. */
  readonly leaseMs?: number
  /** The schema that holds the tables. Default `event_log`. */
  readonly schema?: string
  /** A consumer fails when the database has been lost for this long, in milliseconds. Default 120,000. */
  readonly unavailableAfterMs?: number
  /** How often records past their retention are deleted, in milliseconds. Default 60,000. */
  readonly retentionIntervalMs?: number
  /** Failures that are being tried again or do no harm. Default: a warning of the process. */
  readonly onError?: (error: Error) => void
}

const DEFAULTS = {
  poolSize: 4,
  leaseMs: 10_000,
  schema: 'event_log',
  unavailableAfterMs: 120_000,
  retentionIntervalMs: 60_000,
  onError: (error: Error): void => process.emitWarning(error),
} as const

/**
 * Connects at first use, and then creates the tables if they are missing (see `migrateEventLog`). Throws RangeError for
 * options out of range.
 */
export function createPostgresEventLog(options: PostgresEventLogOptions): EventLog {
  return new PostgresEventLog(options)
}

/** Creates the log's tables or brings them up to date; safe when several processes do it at once. */
export async function migrateEventLog(
  connectionString: string,
  options: Pick<PostgresEventLogOptions, 'schema' | 'onError'> = {},
): Promise<void> {
  const { schema, onError } = { ...DEFAULTS, ...options }
  const database = new Database({ connectionString, schema, poolSize: 1, onError })
  try {
    await migrate(database)
  } catch (error) {
    throw database.asLogError(error)
  } finally {
    await database.end()
  }
}

class PostgresEventLog implements EventLog {
  readonly admin: EventLogAdmin
  readonly #settings: Required<PostgresEventLogOptions>
  readonly #database: Database
  readonly #appender: Appender
  readonly #consumers = new Set<Consumer>()
  readonly #closing = new AbortController()
  #migrated: Promise<void> | undefined
  #retention: NodeJS.Timeout | undefined
  #expiring: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(options: PostgresEventLogOptions) {
    this.#settings = { ...DEFAULTS, ...options }
    checkOptions(this.#settings)
    const { connectionString, schema, poolSize, onError } = this.#settings
    this.#database = new Database({ connectionString, schema, poolSize, onError })
    this.#appender = new Appender(this.#database, onError)
    this.admin = createPostgresAdmin(this.#database, () => this.#ready())
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    try {
      await this.#ready()
      await this.#appender.append(records)
    } catch (error) {
      throw this.#database.asLogError(error)
    }
  }

  consume(options: ConsumeOptions): Consumer {
    this.#refuseWhenClosed()
    const { leaseMs, unavailableAfterMs, onError } = this.#settings
    const consumer = new PostgresConsumer(options, {
      database: this.#database,
      leaseMs,
      unavailableAfterMs,
      onError,
      ready: () => this.#ready(),
      onClosed: (closed) => this.#consumers.delete(closed),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async ping(): Promise<void> {
    try {
      await this.#ready()
      await this.#database.query('work', 'select 1')
    } catch (error) {
      throw this.#database.asLogError(error)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#retention)
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    await this.#appender.idle()
    await this.#expiring
    await this.#database.end()
  }

  async #ready(): Promise<void> {
    this.#refuseWhenClosed()
    this.#migrated ??= migrate(this.#database).catch((error: unknown) => {
      this.#migrated = undefined
      throw error
    })
    await this.#migrated
    if (this.#retention !== undefined || this.#closing.signal.aborted) return
    this.#retention = setInterval(() => this.#expire(), this.#settings.retentionIntervalMs).unref()
  }

  #expire(): void {
    this.#expiring ??= expireRecords(this.#database, this.#closing.signal)
      .then(() => {})
      .catch((error: unknown) => this.#settings.onError(asError(error)))
      .finally(() => {
        this.#expiring = undefined
      })
  }

  #refuseWhenClosed(): void {
    if (this.#closing.signal.aborted)
      throw new EventLogError('LOG_UNAVAILABLE', 'The event log has been closed: open a new one')
  }
}

function checkOptions(settings: Required<PostgresEventLogOptions>): void {
  const least = { poolSize: 1, leaseMs: 100, unavailableAfterMs: 1, retentionIntervalMs: 1 } as const
  for (const [name, minimum] of Object.entries(least)) {
    const value = settings[name as keyof typeof least]
    if (!Number.isInteger(value) || value < minimum)
      throw new RangeError(`${name} of the event log is a whole number from ${minimum}, not ${value}`)
  }
  if (settings.schema === '') throw new RangeError('schema of the event log must not be empty')
}
