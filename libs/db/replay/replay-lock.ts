import type { Database } from '../database.ts'

/** 64-bit key of the session lock that the one replay holds. */
const REPLAY_LOCK = 7_243_917

export interface ReplayLock {
  /** Aborts when the lock is lost with its connection; whoever sees it stops at once. */
  readonly lost: AbortSignal
  release(): void
}

/** Who holds the lock. */
export interface ReplayHolder {
  readonly pid: number
  /** What it said it does. */
  readonly name: string
  readonly since: Date
}

/**
 * Tries to become the one replay of this database. The lock belongs to a session: it goes when its process goes.
 *
 * @param name what this one does, for whoever comes second; 63 bytes of it are kept
 */
export async function tryReplayLock(
  db: Database,
  name: string,
): Promise<ReplayLock | { readonly holder: ReplayHolder | null }> {
  const client = await db.reserve()
  const lost = new AbortController()
  const onLost = (error?: Error): void =>
    lost.abort(error ?? new Error('the connection that held the lock of the replay has ended'))
  client.once('error', onLost)
  client.once('end', onLost)
  const release = (): void => {
    client.removeListener('end', onLost)
    client.release(true)
  }
  try {
    await client.query(`select set_config('application_name', $1, false)`, [name])
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      REPLAY_LOCK,
    ])
    if (rows[0]?.locked) return { lost: lost.signal, release }
    const [holder] = await db.query<{ pid: number; name: string; since: string }>(
      `select a.pid, a.application_name as name, to_json(a.backend_start) #>> '{}' as since
         from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1
          and l.database = (select oid from pg_database where datname = current_database())`,
      [REPLAY_LOCK],
    )
    release()
    return { holder: holder ? { ...holder, since: new Date(holder.since) } : null }
  } catch (error) {
    release()
    throw error
  }
}
