import type { Ledger, LedgerEntry, LedgerState } from '#libs/sp-api/documents/ledger.ts'
import type { Queryable } from './database.ts'
import { sqlState } from './errors.ts'

const UNIQUE_VIOLATION = '23505'

/**
 * The ledger of reports and feeds in PostgreSQL: what it says outlives processes, and all of them go by it. `owner`
 * names the seller and the application, whose ids at Amazon mean nothing to others. Old entries are forgotten whoever's
 * they are, so that those of a seller who left do not stay for ever.
 */
export function createDocumentLedger(db: Queryable, owner: string): Ledger {
  return {
    async read(key) {
      const rows = await db.query<Row>(`select ${COLUMNS} from document_jobs where owner = $1 and key = $2`, [
        owner,
        key,
      ])
      return rows[0] ? toEntry(rows[0]) : null
    },

    async write(entry) {
      try {
        const rows = await db.query(entry.version === 1 ? INSERT : UPDATE, [
          owner,
          entry.key,
          entry.lane,
          entry.version,
          entry.state,
          JSON.stringify(entry.wish),
          entry.askedAt,
          entry.id,
          entry.documentId,
          entry.finishedAt,
          entry.notBefore,
          entry.reason,
        ])
        return rows.length === 1
      } catch (error) {
        // Another one of the lane is being asked for.
        if (sqlState(error) === UNIQUE_VIOLATION) return false
        throw error
      }
    },

    async asking(lane) {
      const rows = await db.query<Row>(
        `select ${COLUMNS} from document_jobs where owner = $1 and lane = $2 and state = 'asking'`,
        [owner, lane],
      )
      return rows[0] ? toEntry(rows[0]) : null
    },

    async known(ids) {
      const rows = await db.query<{ id: string }>(
        'select amazon_id as id from document_jobs where owner = $1 and amazon_id = any ($2::text[])',
        [owner, ids],
      )
      return new Set(rows.map(({ id }) => id))
    },

    async delete(key, version) {
      const rows = await db.query(
        'delete from document_jobs where owner = $1 and key = $2 and version = $3 returning key',
        [owner, key, version],
      )
      return rows.length === 1
    },

    async forget({ finished, asked }) {
      const rows = await db.query<{ count: number }>(
        `with gone as (
           delete from document_jobs
            where coalesce(finished_at, asked_at) < ${time('greatest($1::float8, $2::float8)')}
              and (finished_at < ${time('$1')} or (finished_at is null and asked_at < ${time('$2')}))
            returning 1)
         select count(*)::int as count from gone`,
        [finished, asked],
      )
      return rows[0]!.count
    },
  }
}

interface Row {
  readonly key: string
  readonly lane: string
  readonly version: number
  readonly state: LedgerState
  readonly wish: Record<string, unknown>
  readonly asked_at: number
  readonly amazon_id: string | null
  readonly document_id: string | null
  readonly finished_at: number | null
  readonly not_before: number | null
  readonly reason: string | null
}

/** From milliseconds since the epoch, and back. */
const time = (parameter: string) => `to_timestamp(${parameter}::float8 / 1000)`
const milliseconds = (column: string) => `round(extract(epoch from ${column}) * 1000)::float8 as ${column}`

const COLUMNS = `key, lane, version, state, wish, amazon_id, document_id, reason,
  ${['asked_at', 'finished_at', 'not_before'].map(milliseconds).join(', ')}`

const INSERT = `insert into document_jobs
    (owner, key, lane, version, state, wish, asked_at, amazon_id, document_id, finished_at, not_before, reason)
  values ($1, $2, $3, $4, $5, $6, ${time('$7')}, $8, $9, ${time('$10')}, ${time('$11')}, $12)
  on conflict do nothing returning key`

const UPDATE = `update document_jobs
    set lane = $3, version = $4, state = $5, wish = $6, asked_at = ${time('$7')}, amazon_id = $8, document_id = $9,
        finished_at = ${time('$10')}, not_before = ${time('$11')}, reason = $12
  where owner = $1 and key = $2 and version = $4 - 1
  returning key`

function toEntry(row: Row): LedgerEntry {
  return {
    key: row.key,
    lane: row.lane,
    version: row.version,
    state: row.state,
    wish: row.wish,
    askedAt: row.asked_at,
    id: row.amazon_id,
    documentId: row.document_id,
    finishedAt: row.finished_at,
    notBefore: row.not_before,
    reason: row.reason,
  }
}
