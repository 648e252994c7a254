import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import example from '#schemas/catalog.sync-results/v1.example-not-found.json' with { type: 'json' }
import { createLocalCodec } from '#schemas/codec.ts'
import { DEAD_LETTERS, SYNC_RESULTS, topics } from '#schemas/topics.ts'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { runToEnd } from '../testing.ts'

describeWith(['postgres'], 'asinstream dead-letters', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting()
    const log = createPostgresEventLog({ connectionString: api.databaseUrl })
    await log.admin.createTopics(topics)
    const value = await createLocalCodec().encode(SYNC_RESULTS, example)
    const at = { topic: SYNC_RESULTS, partition: 0, offset: 1n, key: null, value, headers: {}, timestamp: 0 }
    await log.append([
      deadLetter(at, {
        topic: DEAD_LETTERS,
        group: 'persister',
        reason: 'attempt 17 is none',
        at: Date.now(),
      }),
    ])
    await log.close()
  })
  afterAll(() => api?.close())

  const run = (...args: string[]) => runToEnd(['dead-letters', ...args], { DATABASE_URL: api.databaseUrl })

  it('brings letters back, writes down who did, and shows when', async () => {
    expect(await run('redrive', '--all', '--yes')).toMatchObject({
      code: 0,
      stdout: '1 dead letter was brought back.\n',
    })
    expect((await api.ask('/api/audit')).body.items).toMatchObject([
      {
        caller: expect.stringMatching(/^command line of ./),
        action: 'dead-letters.redrive',
        details: { count: 1, letters: ['0:0'], again: false },
      },
    ])
    const listed = JSON.parse((await run('list', '--json')).stdout)
    expect(listed.letters).toMatchObject([{ place: '0:0', redrivenAt: expect.stringMatching(/^\d{4}-.*Z$/) }])
    expect((await run('show', '0:0')).stdout).toContain('It was brought back on ')
    const again = await run('redrive', '0:0', '--yes')
    expect(again).toMatchObject({ code: 1, stdout: expect.stringContaining('--again does it again') })
  })
})
