import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LogRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import example from '#schemas/catalog.sync-results/v1.example-not-found.json' with { type: 'json' }
import { createLocalCodec } from '#schemas/codec.ts'
import { DEAD_LETTERS, SYNC_RESULTS, topics } from '#schemas/topics.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

describeWith(['postgres'], 'dead letters over the API', () => {
  let api: TestReporting
  let log: ReturnType<typeof createPostgresEventLog>
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_RATE_LIMIT: '100000' } })
  })
  afterAll(async () => {
    await log?.close()
    await api?.close()
  })

  const list = async (query = '') => {
    const { status, body } = await api.ask(`/api/review/dead-letters?${query}`)
    expect(status).toBe(200)
    return body
  }
  const redrive = (body: unknown) =>
    api.post('/api/review/dead-letters/redrive', 'application/json', JSON.stringify(body))

  it('says that there are none where there is no log yet, and makes none', async () => {
    expect(await list()).toMatchObject({ items: [], groups: [], read: { of: 0, complete: true } })
    expect((await redrive({ filter: {} })).status).toBe(404)
    const [made] = await api.db.query(`select to_regclass('event_log.topics') as found`)
    expect(made).toEqual({ found: null })
  })

  it('lists and groups them by cause, and brings them back once, as they came', async () => {
    log = createPostgresEventLog({ connectionString: api.databaseUrl })
    await log.admin.createTopics(topics)
    const codec = createLocalCodec()
    const good = await codec.encode(SYNC_RESULTS, example)
    const appended = async () =>
      [...(await log.admin.endOffsets(SYNC_RESULTS)).values()].reduce((sum, n) => sum + Number(n), 0)
    const raw = (i: number, value: Buffer): LogRecord => ({
      topic: SYNC_RESULTS,
      partition: 0,
      offset: BigInt(i),
      key: Buffer.from('key'),
      value,
      headers: {},
      timestamp: Date.now(),
    })
    const about = (reason: string) => ({ topic: DEAD_LETTERS, group: 'persister', reason, at: Date.now() })
    await log.append([
      deadLetter(raw(1, good), about('observedAt 17 is not a time')),
      deadLetter(raw(2, good), about('observedAt 4711 is not a time')),
      deadLetter(raw(3, Buffer.from('nonsense')), about('schema id 9 is not known')),
    ])

    const found = await list()
    expect(found.groups).toMatchObject([
      {
        topic: SYNC_RESULTS,
        group: 'persister',
        cause: 'observedAt N is not a time',
        count: 2,
        sample: '0:1',
      },
      { cause: 'schema id N is not known', count: 1 },
    ])
    expect(found).toMatchObject({ read: { records: 3, of: 3, complete: true }, groupsOmitted: 0 })
    expect(found.items).toHaveLength(3)
    const cause = encodeURIComponent('observedAt N is not a time')
    expect((await list(`cause=${cause}&topic=${SYNC_RESULTS}&since=1h&limit=1`)).items).toMatchObject([
      { origin: { topic: SYNC_RESULTS, offset: expect.stringMatching(/^[12]$/) }, redrivenAt: null },
    ])
    expect((await api.ask('/api/review/dead-letters?topic=elsewhere&since=now')).status).toBe(400)

    const preview = await redrive({ filter: {}, dryRun: true })
    expect(preview.body).toMatchObject({ dryRun: true, chosen: 3, redriven: 2, complete: true })
    expect(await appended()).toBe(0)
    const done = await redrive({ filter: { cause: 'observedAt N is not a time' }, note: 'mended' })
    expect(done.body).toMatchObject({ chosen: 2, redriven: 2, left: [] })
    expect(await appended()).toBe(2)
    const again = await redrive({ places: ['0:0', '0:2'] })
    expect(again.body).toMatchObject({
      redriven: 0,
      left: [
        { place: '0:2', because: 'undecodable' },
        { place: '0:0', because: 'redriven-before' },
      ],
    })
    expect((await list('redriven=no')).items).toHaveLength(1)
    expect((await list('redriven=yes')).items).toHaveLength(2)
    expect((await redrive({ places: ['0:99'] })).status).toBe(404)
    expect((await redrive({})).status).toBe(400)
    expect((await redrive({ places: ['0:1'], filter: {} })).status).toBe(400)
    const { body: audit } = await api.ask('/api/audit?action=dead-letters.redrive')
    expect(audit.items).toMatchObject([
      {
        details: {
          count: 2,
          letters: ['0:0', '0:1'],
          note: 'mended',
          filter: { cause: 'observedAt N is not a time' },
        },
      },
    ])
  })
})
