import { ranks } from './port.ts'
import {
  type FinalState,
  finalStates,
  IN_DOUBT,
  type OperationOutcome,
  type OperationStore,
  type StoredOperation,
  TOO_LATE,
} from './store.ts'

interface Row extends Omit<StoredOperation, 'deadlineMs'> {
  readonly sequence: number
  readonly deadlineAt: number | null
  readonly owner: string | null
  readonly leasedUntil: number
  readonly sent: boolean
  readonly finishedAt: number
}

/** Operations for one process without PostgreSQL: they wait as long as it lives. `now`: a monotonic clock in milliseconds. */
export function createMemoryOperationStore(now: () => number = () => performance.now()): OperationStore {
  /** By idempotency key. */
  const rows = new Map<string, Row>()
  let sequence = 0

  function view(row: Row): StoredOperation {
    const {
      sequence: _,
      deadlineAt,
      owner: __,
      leasedUntil: ___,
      sent: ____,
      finishedAt: _____,
      ...rest
    } = row
    return { ...rest, deadlineMs: deadlineAt === null ? null : deadlineAt - now() }
  }
  const isOver = ({ state }: Row): boolean => finalStates.some((final) => final === state)
  const byId = (id: string): Row | undefined => [...rows.values()].find((row) => row.id === id)
  const keep = (row: Row): void => void rows.set(row.idempotencyKey, row)

  function held(id: string, owner: string): Row | null {
    const row = byId(id)
    return row?.state === 'leased' && row.owner === owner ? row : null
  }

  function end(row: Row, state: FinalState, outcome: OperationOutcome): void {
    keep({ ...row, state, outcome, owner: null, finishedAt: now() })
  }

  return {
    async add({ deadlineMs, ...operation }) {
      const known = rows.get(operation.idempotencyKey)
      if (known) return view(known)
      const row: Row = {
        ...operation,
        sequence: sequence++,
        state: 'waiting',
        attempts: 0,
        outcome: null,
        deadlineAt: deadlineMs === null ? null : now() + deadlineMs,
        owner: null,
        leasedUntil: 0,
        sent: false,
        finishedAt: 0,
      }
      keep(row)
      return view(row)
    },
    async claim({ owner, leaseMs, lanes }) {
      for (const row of rows.values()) {
        const orphaned = row.state === 'leased' && row.leasedUntil < now()
        if (!orphaned && row.state !== 'waiting') continue
        if (orphaned && row.sent && !row.repeatable) end(row, 'uncertain', IN_DOUBT)
        else if (row.deadlineAt !== null && row.deadlineAt <= now()) end(row, 'failed', TOO_LATE)
        else if (orphaned) keep({ ...row, state: 'waiting', owner: null })
      }
      const waiting = [...rows.values()]
        .filter((row) => row.state === 'waiting')
        .sort((a, b) => b.priority - a.priority || a.sequence - b.sequence)
      const due = lanes.flatMap(({ seller, operation, limit }) =>
        waiting.filter((row) => row.seller === seller && row.operation === operation).slice(0, limit),
      )
      return due.map((row) => {
        const leased: Row = {
          ...row,
          state: 'leased',
          attempts: row.attempts + 1,
          owner,
          leasedUntil: now() + leaseMs,
          sent: false,
        }
        keep(leased)
        return view(leased)
      })
    },
    async renew(owner, ids, leaseMs) {
      return ids.filter((id) => {
        const row = held(id, owner)
        if (row) keep({ ...row, leasedUntil: now() + leaseMs })
        return row !== null
      })
    },
    async sending(id, owner) {
      const row = held(id, owner)
      if (row) keep({ ...row, sent: true })
      return row !== null
    },
    async unsent(id, owner) {
      const row = held(id, owner)
      if (row) keep({ ...row, sent: false })
    },
    async release(id, owner) {
      const row = held(id, owner)
      if (row) keep({ ...row, state: 'waiting', owner: null })
    },
    async finish(id, owner, state, outcome) {
      const row = held(id, owner)
      if (row) end(row, state, outcome)
      return row !== null
    },
    async find(idempotencyKey) {
      const row = rows.get(idempotencyKey)
      return row ? view(row) : null
    },
    async cancel(idempotencyKey) {
      const row = rows.get(idempotencyKey)
      if (row?.state !== 'waiting') return false
      end(row, 'cancelled', { httpStatus: null, requestId: null })
      return true
    },
    async expedite(idempotencyKey) {
      const row = rows.get(idempotencyKey)
      if (row?.state !== 'waiting') return false
      keep({ ...row, priority: ranks.expedited })
      return true
    },
    open: async () => [...rows.values()].filter((row) => !isOver(row)).length,
    async prune(olderThanMs) {
      const old = [...rows.values()].filter((row) => isOver(row) && row.finishedAt < now() - olderThanMs)
      for (const { idempotencyKey } of old) rows.delete(idempotencyKey)
      return old.length
    },
  }
}
