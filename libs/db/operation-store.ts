import {
  type FinalState,
  IN_DOUBT,
  type OperationOutcome,
  type OperationStore,
  type StoredOperation,
  TOO_LATE,
} from '#libs/sp-api/operation-queue/store.ts'
import type { Queryable } from './database.ts'

/** As `ranks.expedited` of the queue. */
const EXPEDITED = 3

/**
 * Operations that wait in PostgreSQL, for processes that come and go. Its clock is the only one; a statement each, fenced
 * by the lease, so that a process that was thought dead changes nothing.
 */
export function createOperationStore(db: Queryable): OperationStore {
  const one = async (sql: string, parameters: readonly unknown[]): Promise<boolean> =>
    (await db.query(sql, parameters)).length > 0

  return {
    async add({ deadlineMs, ...operation }) {
      const { id, idempotencyKey, seller, marketplaceId, parameters, priority, repeatable } = operation
      const rows = await db.query<Row>(
        `with added as (
           insert into queued_operations (id, idempotency_key, seller, operation, marketplace_id, parameters, priority,
                                          repeatable, deadline)
             values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::float8 * interval '1 millisecond')
             on conflict (idempotency_key) do nothing returning *)
         select ${COLUMNS} from added
         union all select ${COLUMNS} from queued_operations where idempotency_key = $2`,
        [
          id,
          idempotencyKey,
          seller,
          operation.operation,
          marketplaceId,
          JSON.stringify(parameters),
          priority,
          repeatable,
          deadlineMs,
        ],
      )
      if (rows[0]) return toOperation(rows[0])
      // Another process added it after this statement had begun.
      const known = await this.find(idempotencyKey)
      if (!known) throw new Error(`the operation ${idempotencyKey} was forgotten as soon as it was kept`)
      return known
    },

    async claim({ owner, leaseMs, lanes }) {
      await db.query(END_SQL, [JSON.stringify(IN_DOUBT), JSON.stringify(TOO_LATE)])
      const rows = await db.query<Row>(
        `with due as (
           select q.id from unnest($3::text[], $4::text[], $5::int[]) as lane (seller, operation, room)
             cross join lateral (
               select id from queued_operations q
                where q.state = 'waiting' and q.seller = lane.seller and q.operation = lane.operation
                order by q.priority desc, q.created_at, q.id limit lane.room for update skip locked) q),
         leased as (
           update queued_operations set state = 'leased', attempts = attempts + 1, sent_at = null, leased_by = $1,
                  leased_until = now() + $2::float8 * interval '1 millisecond'
            where id in (select id from due) returning *)
         select ${COLUMNS} from leased order by priority desc, created_at, id`,
        [
          owner,
          leaseMs,
          lanes.map(({ seller }) => seller),
          lanes.map(({ operation }) => operation),
          lanes.map(({ limit }) => limit),
        ],
      )
      return rows.map(toOperation)
    },

    async renew(owner, ids, leaseMs) {
      const rows = await db.query<{ id: string }>(
        `update queued_operations set leased_until = now() + $3::float8 * interval '1 millisecond'
          where state = 'leased' and leased_by = $1 and id = any ($2::uuid[]) returning id`,
        [owner, ids, leaseMs],
      )
      return rows.map(({ id }) => id)
    },

    sending: (id, owner) =>
      one(`update queued_operations set sent_at = now() where ${HELD} returning id`, [id, owner]),

    async unsent(id, owner) {
      await db.query(`update queued_operations set sent_at = null where ${HELD}`, [id, owner])
    },

    async release(id, owner) {
      await db.query(
        `update queued_operations set state = 'waiting', leased_by = null, leased_until = null, sent_at = null
          where ${HELD}`,
        [id, owner],
      )
    },

    finish: (id, owner, state, outcome) =>
      one(
        `update queued_operations set state = $3, outcome = $4, leased_by = null, leased_until = null, finished_at = now()
          where ${HELD} returning id`,
        [id, owner, state, JSON.stringify(outcome)],
      ),

    async find(idempotencyKey) {
      const rows = await db.query<Row>(
        `select ${COLUMNS} from queued_operations where idempotency_key = $1`,
        [idempotencyKey],
      )
      return rows[0] ? toOperation(rows[0]) : null
    },

    cancel: (idempotencyKey) =>
      one(
        `update queued_operations set state = 'cancelled', finished_at = now()
          where idempotency_key = $1 and state = 'waiting' returning id`,
        [idempotencyKey],
      ),

    expedite: (idempotencyKey) =>
      one(
        `update queued_operations set priority = $2 where idempotency_key = $1 and state = 'waiting' returning id`,
        [idempotencyKey, EXPEDITED],
      ),

    async open() {
      const [row] = await db.query<{ n: string }>(
        `select count(*) as n from queued_operations where state in ('waiting', 'leased')`,
      )
      return Number(row?.n)
    },

    async prune(olderThanMs) {
      const rows = await db.query(
        `delete from queued_operations where finished_at < now() - $1::float8 * interval '1 millisecond' returning id`,
        [olderThanMs],
      )
      return rows.length
    },
  }
}

/** What a process that died held waits again, but for what is in doubt; what waits too long is over. */
const END_SQL = `with orphaned as (
    update queued_operations
       set state = case when sent_at is not null and not repeatable then 'uncertain' else 'waiting' end,
           outcome = case when sent_at is not null and not repeatable then $1::json end,
           finished_at = case when sent_at is not null and not repeatable then now() end,
           leased_by = null, leased_until = null, sent_at = null
     where state = 'leased' and leased_until < now())
  update queued_operations set state = 'failed', outcome = $2::json, finished_at = now()
   where state = 'waiting' and deadline <= now()`

const HELD = `id = $1 and state = 'leased' and leased_by = $2`

const COLUMNS = `id, idempotency_key, seller, operation, marketplace_id, parameters, priority, repeatable, state, attempts,
  extract(epoch from deadline - now())::float8 * 1000 as deadline_ms, outcome, created_at`

interface Row {
  readonly id: string
  readonly idempotency_key: string
  readonly seller: string
  readonly operation: string
  readonly marketplace_id: string | null
  readonly parameters: object
  readonly priority: number
  readonly repeatable: boolean
  readonly state: 'waiting' | 'leased' | FinalState
  readonly attempts: number
  readonly deadline_ms: number | null
  readonly outcome: OperationOutcome | null
}

function toOperation(row: Row): StoredOperation {
  return {
    id: row.id,
    idempotencyKey: row.idempotency_key,
    seller: row.seller,
    operation: row.operation,
    marketplaceId: row.marketplace_id,
    parameters: row.parameters,
    priority: row.priority,
    repeatable: row.repeatable,
    state: row.state,
    attempts: row.attempts,
    deadlineMs: row.deadline_ms,
    outcome: row.outcome,
  }
}
