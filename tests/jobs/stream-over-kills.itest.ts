import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { createJob } from '#libs/db/jobs.ts'
import { openTestDatabase, US } from '#libs/db/testing.ts'
import { followEvents, type SeenEvent } from '#services/reporting/jobs/testing.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'

/** Between one kill and the next. */
const EVENTS = 60
const KILLS = 3

const main = fileURLToPath(new URL('../../services/reporting/main.ts', import.meta.url))

interface Reporting {
  readonly child: ChildProcess
  readonly url: string
}

describeWith(['postgres'], 'a client that follows a job over the deaths of the servers', () => {
  let database: TestDatabase
  let db: Database
  const children: ChildProcess[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
  })
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill))
    await db.close()
    await database.drop()
  })

  /** A reporting process of its own, when it listens. */
  async function startReporting(): Promise<Reporting> {
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (url === undefined) continue
      child.stdout.resume()
      return { child, url }
    }
    throw new Error('reporting ended before it listened')
  }

  it('sees every event once and in order, whichever process it comes back to', {
    timeout: 240_000,
  }, async () => {
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    await db.query(`update sync_jobs set state = 'running' where id = $1`, [id])
    const seen: SeenEvent[] = []
    let done = 0
    const write = async (events: number): Promise<void> => {
      for (let i = 0; i < events; i++)
        await db.query('update sync_jobs set done = $2 where id = $1', [id, ++done])
    }
    const servers = [startReporting(), startReporting()]
    for (let round = 0; round <= KILLS; round++) {
      const at = round % 2
      const { child, url } = await (servers[at] as Promise<Reporting>)
      const following = followEvents(`${url}/api/sse/sync-progress/${id}`, {
        lastEventId: seen.at(-1)?.id ?? 0,
      })
      const known = done
      const written = write(EVENTS)
      if (round < KILLS) {
        await waitFor(() => following.seen.some(({ data }) => Number(data.done) > known), {
          what: 'an event of this round',
          timeoutMs: 60_000,
        })
        await kill(child)
        await following.ended.catch(() => {})
        // Somebody starts it again while the client is with the other one.
        servers[at] = startReporting()
        await written
      } else {
        await written
        await db.query(`update sync_jobs set state = 'complete' where id = $1`, [id])
        await following.ended
      }
      seen.push(...following.seen)
    }
    await Promise.all(servers)
    const all = EVENTS * (KILLS + 1)
    expect(seen.map((event) => event.id)).toEqual(Array.from({ length: all + 3 }, (_, i) => i + 1))
    expect(seen.map((event) => event.data.done)).toEqual([
      0,
      0,
      ...Array.from({ length: all }, (_, i) => i + 1),
      all,
    ])
    expect(seen.at(-1)).toMatchObject({ event: 'complete', data: { status: 'complete' } })
  })
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
