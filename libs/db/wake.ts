import type { Database, Queryable } from './database.ts'

/** Channel on which product-change is told that rows may be due; polling is the truth, this only makes it sooner. */
export const DUE_CHANNEL = 'asinstream_due'

/**
 * Tells product-change to look now. A NOTIFY takes a lock over the whole cluster at commit, so call it once per
 * request or batch, never per row.
 */
export async function wakeProductChange(db: Queryable): Promise<void> {
  await db.query(`select pg_notify($1, '')`, [DUE_CHANNEL])
}

/** 64-bit key of the session lock that the one active product-change holds. */
const LEADER_LOCK = 7_243_902

export interface Leadership {
  /** Aborts when the lock is lost with its connection; whoever sees it stops at once. */
  readonly lost: AbortSignal
  /** Calls back for each wake-up notice. */
  onWake(callback: () => void): void
  release(): Promise<void>
}

/**
 * Tries to become the one active product-change. Resolves to null while another process is. The lock belongs to a
 * session: it goes when that connection goes, so a standby takes over as soon as PostgreSQL notices the death.
 */
export async function tryLead(db: Database): Promise<Leadership | null> {
  // A look at the locks costs no connection of its own, which a try every second would.
  const [held] = await db.query<{ held: boolean }>(
    `select exists (select 1 from pg_locks where locktype = 'advisory' and granted and classid = 0 and objid = $1
       and database = (select oid from pg_database where datname = current_database())) as held`,
    [LEADER_LOCK],
  )
  if (held?.held) return null
  const client = await db.reserve()
  const lost = new AbortController()
  const onLost = (error?: Error): void =>
    lost.abort(error ?? new Error('the connection that held the lock has ended'))
  client.once('error', onLost)
  client.once('end', onLost)
  let leading = false
  try {
    const result = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      LEADER_LOCK,
    ])
    leading = result.rows[0]?.locked === true
    if (!leading) return null
    await client.query(`listen ${DUE_CHANNEL}`)
  } finally {
    if (!leading) {
      client.removeListener('error', onLost)
      client.removeListener('end', onLost)
      client.release(true)
    }
  }
  return {
    lost: lost.signal,
    onWake: (callback) => client.on('notification', callback),
    async release() {
      client.removeListener('end', onLost)
      client.removeAllListeners('notification')
      // Ends the session, and with it the lock and the LISTEN.
      client.release(true)
    },
  }
}
