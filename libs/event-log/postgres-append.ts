import { randomUUID } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import type { NewRecord } from './port.ts'
import { EventLogError } from './port.ts'
import { asError, type Database, identifier, retrying } from './postgres-database.ts'
import { partitionOf } from './postgres-partitioner.ts'

/** Writes records. One transaction is under way at a time; calls that come meanwhile share the next one. */

/** Records and bytes of one statement: 500 to 1,000 rows is where bulk inserts stop gaining (measured), more costs nothing. */
const STATEMENT_RECORDS = 5_000
const STATEMENT_BYTES = 8 * 1024 * 1024
const RETRY_FOR_MS = 30_000
/** SQLSTATE that the SQL function `append` raises for a head that is not there. */
const PARTITION_IS_GONE = 'P0002'

interface Call {
  readonly records: readonly NewRecord[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A record with the id of its partition's row. */
export interface Placed {
  readonly partitionId: number
  readonly record: NewRecord
  readonly headers: Buffer | null
}

export class Appender {
  readonly #database: Database
  readonly #onError: (error: Error) => void
  /** Ids of a topic's partitions, by partition. They never change while the topic exists. */
  readonly #topics = new Map<string, readonly number[]>()
  readonly #writerId = randomUUID()
  readonly #queue: Call[] = []
  #sequence = 0
  #running: Promise<void> | undefined
  #roundRobin: number

  constructor(database: Database, onError: (error: Error) => void, random: () => number = Math.random) {
    this.#database = database
    this.#onError = onError
    this.#roundRobin = Math.floor(random() * 1_000)
  }

  append(records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const calls = this.#takeCalls()
      try {
        await this.#write(calls.flatMap((call) => call.records))
        this.#publish(calls)
        for (const call of calls) call.resolve()
      } catch (error) {
        if (calls.length > 1 && isUnknownTopic(error)) {
          // Only the call that named it is to blame, and nothing has been written.
          for (const call of calls) await this.#write(call.records).then(call.resolve, call.reject)
          this.#publish(calls)
        } else for (const call of calls) call.reject(this.#database.asLogError(error))
      }
    }
    this.#running = undefined
  }

  /** Wakes the consumers of this process; those of others poll. */
  #publish(calls: readonly Call[]): void {
    const topics = new Set(calls.flatMap((call) => call.records.map((record) => record.topic)))
    channel(this.#database.channel).publish({ topics: [...topics] })
  }

  #takeCalls(): Call[] {
    let count = 0
    let taken = 0
    for (const call of this.#queue) {
      count += call.records.length
      if (taken > 0 && count > STATEMENT_RECORDS) break
      taken++
    }
    return this.#queue.splice(0, taken)
  }

  async #write(records: readonly NewRecord[]): Promise<void> {
    const names = new Set(records.map((record) => record.topic))
    await this.#resolveTopics(names)
    try {
      await this.#insert(records)
    } catch (error) {
      if ((error as { code?: unknown }).code !== PARTITION_IS_GONE) throw error
      // The log was made anew under this process: its partitions have other ids, or there are none.
      this.#topics.clear()
      await this.#resolveTopics(names)
      await this.#insert(records)
    }
  }

  /** Tries again when the connection breaks: the sequence tells the database what it has already. */
  async #insert(records: readonly NewRecord[]): Promise<void> {
    const statements = split(this.#place(records))
    const sequence = ++this.#sequence
    const text = `select ${identifier(this.#database.schema)}.append($1, $2, $3, $4, $5, $6, $7, $8, $9) as is_new`
    const values = (statement: readonly Placed[], checked: number | null): unknown[] => [
      this.#writerId,
      checked,
      ...encode(statement),
    ]
    await retrying(
      async () => {
        const [first, ...others] = statements
        if (others.length === 0) await this.#database.query('work', text, values(first!, sequence))
        else
          await this.#database.transaction('work', async (query) => {
            const [row] = await query<{ is_new: boolean }>(text, values(first!, sequence))
            if (row?.is_new) for (const statement of others) await query(text, values(statement, null))
          })
      },
      { forMs: RETRY_FOR_MS, onRetry: this.#onError },
    )
  }

  async #resolveTopics(names: ReadonlySet<string>): Promise<void> {
    const missing = [...names].filter((name) => !this.#topics.has(name))
    if (missing.length === 0) return
    const rows = await retrying(
      () =>
        this.#database.query<{ topic: string; ids: number[] }>(
          'work',
          `select topic, array_agg(partition_id order by partition) as ids
           from ${identifier(this.#database.schema)}.partitions where topic = any($1) group by topic`,
          [missing],
        ),
      { forMs: RETRY_FOR_MS, onRetry: this.#onError },
    )
    for (const { topic, ids } of rows) this.#topics.set(topic, ids)
    for (const name of missing) if (!this.#topics.has(name)) throw unknownTopic(name)
  }

  #place(records: readonly NewRecord[]): Placed[] {
    const placed = records.map((record) => {
      const ids = this.#topics.get(record.topic)!
      const partition =
        record.key === null ? this.#roundRobin++ % ids.length : partitionOf(record.key, ids.length)
      return { partitionId: ids[partition]!, record, headers: encodeHeaders(record) }
    })
    // Everybody locks heads in ascending order, so appenders never wait in a circle. The sort is stable: the order
    // of a partition's records stays.
    return placed.sort((a, b) => a.partitionId - b.partitionId)
  }
}

/** Headers are kept as JSON of base64 texts: readable with SQL, and any bytes fit. */
function encodeHeaders({ headers }: NewRecord): Buffer | null {
  if (headers === undefined) return null
  const entries = Object.entries(headers)
  if (entries.length === 0) return null
  return Buffer.from(JSON.stringify(Object.fromEntries(entries.map(([k, v]) => [k, v.toString('base64')]))))
}

function sizeOf({ record, headers }: Placed): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + (headers?.length ?? 0)
}

/** Slices of `placed` that are fit for one statement each. */
export function split(placed: readonly Placed[]): Placed[][] {
  const statements: Placed[][] = []
  let current: Placed[] = []
  let bytes = 0
  for (const one of placed) {
    const size = sizeOf(one)
    if (current.length > 0 && (current.length === STATEMENT_RECORDS || bytes + size > STATEMENT_BYTES)) {
      statements.push(current)
      current = []
      bytes = 0
    }
    current.push(one)
    bytes += size
  }
  statements.push(current)
  return statements
}

/** The arguments of the SQL function `append`: bytes travel in one piece, not as hexadecimal text one by one. */
function encode(placed: readonly Placed[]): unknown[] {
  const heads: number[] = []
  const counts: number[] = []
  const places: number[] = []
  const keyLengths: number[] = []
  const valueLengths: number[] = []
  const headerLengths: number[] = []
  const data: Buffer[] = []
  for (const { partitionId, record, headers } of placed) {
    if (heads.at(-1) !== partitionId) {
      heads.push(partitionId)
      counts.push(0)
    }
    counts[counts.length - 1]!++
    places.push(heads.length)
    keyLengths.push(record.key?.length ?? -1)
    valueLengths.push(record.value?.length ?? -1)
    headerLengths.push(headers?.length ?? -1)
    for (const bytes of [record.key, record.value, headers]) if (bytes !== null) data.push(bytes)
  }
  const numbers = [heads, counts, places, keyLengths, valueLengths, headerLengths]
  return [...numbers.map((list) => `{${list.join()}}`), Buffer.concat(data)]
}

export function unknownTopic(topic: string): EventLogError {
  return new EventLogError(
    'UNKNOWN_TOPIC',
    `The event log has no topic "${topic}": create it first (asinstream migrate creates every topic)`,
  )
}

function isUnknownTopic(error: unknown): boolean {
  const failure = asError(error)
  return failure instanceof EventLogError && failure.code === 'UNKNOWN_TOPIC'
}
