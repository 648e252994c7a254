import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '#libs/db/database.ts'
import { isTransientDatabaseError, sqlStateClass } from '#libs/db/errors.ts'
import { type ImportCounts, type ProductInput, upsertProducts } from '#libs/db/products.ts'
import { wakeProductChange } from '#libs/db/wake.ts'
import type { Logger } from '#libs/service/logger.ts'
import { Problem } from '#libs/service/problem.ts'
import type { Row, RowError } from './product-row.ts'

/** What became of an import; `received = inserted + updated + unchanged + rejected`. */
export interface ImportReport {
  readonly received: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly rejected: number
  /** The first 10,000 things that are wrong, in the order of the lines. */
  readonly errors: readonly RowError[]
  readonly errorsOmitted: number
}

export interface ImportOptions {
  readonly logger: Pick<Logger, 'warn'>
  /** Milliseconds; for the pace of notices. */
  readonly clock?: () => number
  /** Waits before a batch is tried again after a transient error, in milliseconds. */
  readonly retryDelaysMs?: readonly number[]
}

/** The knee of the curve: larger batches gain nothing (see `upsertProducts`). */
const BATCH = 1_000
const MAX_ERRORS = 10_000
const WAKE_EVERY_MS = 1_000
const RETRY_DELAYS_MS = [200, 500, 1_000, 2_000, 4_000]

type ProductRow = Extract<Row, { product: ProductInput }>

/**
 * Writes the products of good rows, a batch a transaction, and reports the bad ones. While one batch is written the next
 * is read; no more than that is in memory. When `rows` throws, or the database stays away, what was written stays; a
 * `Problem` then carries the report so far. An import can be repeated: what is stored already is left alone.
 */
export async function importProducts(
  db: Database,
  rows: AsyncIterable<readonly Row[]>,
  options: ImportOptions,
): Promise<ImportReport> {
  const run = new ImportRun(db, options)
  try {
    for await (const some of rows) {
      for (const row of some) await run.take(row)
    }
    await run.finish()
  } catch (error) {
    await run.settle()
    throw error instanceof Problem ? error.with({ imported: run.report() }) : error
  }
  return run.report()
}

class ImportRun {
  readonly #db: Database
  readonly #logger: ImportOptions['logger']
  readonly #clock: () => number
  readonly #retryDelaysMs: readonly number[]
  readonly #counts: ImportCounts = { inserted: 0, updated: 0, unchanged: 0 }
  #received = 0
  #rejected = 0
  readonly #errors: RowError[] = []
  #errorsOmitted = 0
  #batch: ProductRow[] = []
  #writing: Promise<void> = Promise.resolve()
  #unannounced = 0
  #wokenAt: number

  constructor(db: Database, { logger, clock = Date.now, retryDelaysMs = RETRY_DELAYS_MS }: ImportOptions) {
    this.#db = db
    this.#logger = logger
    this.#clock = clock
    this.#retryDelaysMs = retryDelaysMs
    this.#wokenAt = clock()
  }

  async take(row: Row): Promise<void> {
    this.#received += 1
    if ('errors' in row) return this.#reject(row.errors)
    this.#batch.push(row)
    if (this.#batch.length >= BATCH) await this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
    await this.#writing
    await this.#announce()
  }

  /** Leaves nothing under way after a failure; the failure itself is the caller's. */
  async settle(): Promise<void> {
    await this.#writing.catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'the last batch of an import that failed was not written')
    })
    await this.#announce()
  }

  report(): ImportReport {
    return {
      received: this.#received,
      ...this.#counts,
      rejected: this.#rejected,
      errors: this.#errors.toSorted((a, b) => a.line - b.line),
      errorsOmitted: this.#errorsOmitted,
    }
  }

  #reject(errors: readonly RowError[]): void {
    this.#rejected += 1
    const room = MAX_ERRORS - this.#errors.length
    this.#errors.push(...errors.slice(0, room))
    this.#errorsOmitted += Math.max(0, errors.length - room)
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    await this.#writing
    this.#writing = this.#write(batch)
    // It is awaited before the next batch and at the end; until then a failure is not an unhandled one.
    this.#writing.catch(() => {})
  }

  async #write(batch: readonly ProductRow[]): Promise<void> {
    let counts: ImportCounts
    try {
      counts = await this.#upsert(batch)
    } catch (error) {
      const refused = ['22', '23'].includes(sqlStateClass(error) ?? '')
      if (!refused) throw error
      if (batch.length === 1) {
        // PostgreSQL names the value or the rule in its message, and nothing else.
        const [{ line }] = batch as [ProductRow]
        return this.#reject([{ line, message: `PostgreSQL refuses the line: ${(error as Error).message}` }])
      }
      // Something that was not foreseen: halves find the line that it is in, and the others are kept.
      const middle = batch.length >> 1
      await this.#write(batch.slice(0, middle))
      return this.#write(batch.slice(middle))
    }
    this.#counts.inserted += counts.inserted
    this.#counts.updated += counts.updated
    this.#counts.unchanged += counts.unchanged
    this.#unannounced += counts.inserted + counts.updated
    if (this.#clock() - this.#wokenAt >= WAKE_EVERY_MS) await this.#announce()
  }

  async #upsert(batch: readonly ProductRow[]): Promise<ImportCounts> {
    const products = batch.map((row) => row.product)
    for (const delay of this.#retryDelaysMs) {
      try {
        return await this.#db.transaction((tx) => upsertProducts(tx, products))
      } catch (error) {
        if (!isTransientDatabaseError(error)) throw error
        await sleep(delay)
      }
    }
    return this.#db
      .transaction((tx) => upsertProducts(tx, products))
      .catch((error: unknown) => {
        if (!isTransientDatabaseError(error)) throw error
        throw new Problem(
          'unavailable',
          'PostgreSQL went away during the import. What is reported as inserted or updated is stored; send all of it again when /readyz says ok, which repeats nothing.',
          { headers: { 'retry-after': '5' }, cause: error },
        )
      })
  }

  async #announce(): Promise<void> {
    if (this.#unannounced === 0) return
    this.#unannounced = 0
    this.#wokenAt = this.#clock()
    try {
      await wakeProductChange(this.#db)
    } catch (error) {
      // The rows are stored, and product-change finds them by itself a little later.
      this.#logger.warn({ err: error }, 'product-change could not be told of new products')
    }
  }
}
