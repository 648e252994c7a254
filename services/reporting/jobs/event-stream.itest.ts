import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createJob } from '#libs/db/jobs.ts'
import { US } from '#libs/db/testing.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import { JobEvents } from './event-stream.ts'
import { followEvents, type SeenEvent } from './testing.ts'

describeWith(['postgres'], 'the stream of a job', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
  })
  afterAll(() => api?.close())

  let id: string
  const move = (set: string) => api.db.query(`update sync_jobs set ${set} where id = $1`, [id])
  const path = () => `${api.origin}/api/sse/sync-progress/${id}`
  const ids = (events: readonly SeenEvent[]) => events.map((event) => event.id)
  beforeEach(async () => {
    id = await createJob(api.db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
  })

  it('tells what has happened and what happens, by name, and ends with the job', async () => {
    await move(`state = 'running'`)
    const following = followEvents(path())
    await waitFor(() => following.seen.length === 2, { what: 'what has happened' })
    await move('total = 10, done = 4, progress = 40')
    await waitFor(() => following.seen.length === 3, { what: 'the progress' })
    await move(`state = 'complete', progress = 100`)
    await following.ended
    expect(following.headers()?.get('content-type')).toContain('text/event-stream')
    expect(following.headers()?.get('cache-control')).toBe('no-store')
    expect(following.text()).toContain('retry: 3000\n')
    expect(following.seen.map(({ event }) => event)).toEqual(['queued', 'running', 'progress', 'complete'])
    expect(ids(following.seen)).toEqual([1, 2, 3, 4])
    expect(following.seen[2]?.data).toMatchObject({
      syncId: id,
      status: 'running',
      progress: 40,
      total: 10,
      done: 4,
      ordersProcessed: 0,
    })
  })

  it('goes on after the event that the client names, from any of its ways to name it', async () => {
    for (const step of [`state = 'running'`, 'done = 1', 'done = 2', `state = 'complete'`]) await move(step)
    const byHeader = followEvents(path(), { lastEventId: 2 })
    await byHeader.ended
    expect(ids(byHeader.seen)).toEqual([3, 4, 5])
    const byQuery = followEvents(`${path()}?lastEventId=4`)
    await byQuery.ended
    expect(ids(byQuery.seen)).toEqual([5])
    // Nothing is left to tell: a browser does not come again after 204.
    const all = await api.ask(`/api/sse/sync-progress/${id}`, { headers: { 'last-event-id': '5' } })
    expect(all.status).toBe(204)
  })

  it('answers 404 for a job that is not, and 400 for what is no id', async () => {
    expect((await api.ask('/api/sse/sync-progress/00000000-0000-4000-8000-000000000000')).status).toBe(404)
    expect((await api.ask('/api/sse/sync-progress/7')).status).toBe(400)
    const wrong = await api.ask(`/api/sse/sync-progress/${id}`, { headers: { 'last-event-id': 'x' } })
    expect(wrong.status).toBe(400)
  })

  it('ends when the server stops, so that clients go elsewhere, and leaves the job alone', async () => {
    const other = await startTestReporting()
    const job = await createJob(other.db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    const following = followEvents(`${other.origin}/api/sse/sync-progress/${job}`)
    await waitFor(() => following.seen.length === 1, { what: 'the first event' })
    await other.close()
    await following.ended
    expect(following.seen.map(({ event }) => event)).toEqual(['queued'])
  })

  it('keeps a quiet connection open, and takes no more clients than it can serve', async () => {
    const events = new JobEvents({
      db: api.db,
      logger: { warn() {} } as never,
      pollMs: 5,
      heartbeatMs: 20,
      maxStreams: 2,
    })
    const streams = [events.open(id, 0), events.open(id, 1)]
    expect(() => events.open(id, 0)).toThrow('follows as many jobs')
    let text = ''
    streams[1]?.on('data', (chunk: Buffer) => {
      text += chunk
    })
    await waitFor(() => text.split(': still there\n\n').length > 2, { what: 'heartbeats' })
    const gone = new Promise((resolve) => streams[0]?.once('close', resolve))
    streams[0]?.destroy()
    await gone
    events.open(id, 0).destroy()
    events.close()
  })

  it('leaves a client alone that does not read, and tells it everything when it does', async () => {
    const events = new JobEvents({ db: api.db, logger: { warn() {} } as never, pollMs: 5 })
    const stream = events.open(id, 0)
    await move(`state = 'running'`)
    const MANY = 400
    for (let done = 1; done <= MANY; done++) await move(`done = ${done}, message = repeat('x', 500)`)
    // It has had time to be sent all of it, had it taken more than the stream's buffer.
    await waitFor(async () => stream.readableLength > 10_000, { what: 'a full buffer' })
    await sleep(50)
    expect(stream.readableLength).toBeLessThan(600_000)
    await move(`state = 'complete'`)
    let text = ''
    for await (const chunk of stream) text += chunk
    const seen = [...text.matchAll(/^id: (\d+)$/gm)].map(([, n]) => Number(n))
    expect(seen).toEqual(Array.from({ length: MANY + 3 }, (_, i) => i + 1))
    events.close()
  })

  it('goes on when the database is away for a while', async () => {
    const network = { away: false }
    const events = new JobEvents({
      db: {
        ...api.db,
        query: (sql, parameters) =>
          network.away ? Promise.reject(new Error('away')) : api.db.query(sql, parameters),
      },
      logger: { warn() {} } as never,
      pollMs: 5,
    })
    const stream = events.open(id, 0)
    let text = ''
    stream.on('data', (chunk: Buffer) => {
      text += chunk
    })
    await waitFor(() => text.includes('id: 1\n'), { what: 'the first event' })
    network.away = true
    await move(`state = 'running'`)
    await sleep(30)
    expect(text).not.toContain('id: 2\n')
    network.away = false
    await waitFor(() => text.includes('id: 2\n'), { what: 'the event that came meanwhile' })
    events.close()
  })
})
