import { afterAll, beforeAll, expect, it } from 'vitest'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { giveBackJobs } from '#libs/db/job-holding.ts'
import { endJobs } from '#libs/db/job-progress.ts'
import { addProducts } from '#libs/db/testing.ts'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { asinstream, runToEnd } from '../testing.ts'

describeWith(['postgres'], 'asinstream sync and jobs', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_RATE_LIMIT: '100000' } })
    await addProducts(api.db, 30, { supplier: 'Acme' })
  })
  afterAll(() => api?.close())

  const run = (...args: string[]) => runToEnd(args, { ASINSTREAM_URL: api.origin })
  // What product-change does.
  const expand = async () => {
    while (await expandNextJob(api.db, 1_000)) {}
  }
  const end = async (state: string) => {
    await expand()
    await api.db.query(
      `update product_syncs set state = $1, synced_at = now() where state in ('pending', 'queued')`,
      [state],
    )
    await endJobs(api.db)
  }

  it('starts, shows, steers and ends a sync, for people and for scripts', async () => {
    const refused = await run('sync')
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('SP_API_CLIENT_ID'),
    })
    const dry = await run('sync', '--supplier', 'Acme', '--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(
      /^30 products: 30 to ask for, 0 fresh, 0 without a code\.\n2 requests for 30 codes: /,
    )
    const key = ['--idempotency-key', 'first', '--no-check', '--json']
    const started = await run('sync', '--supplier', 'Acme', ...key)
    expect(started).toMatchObject({ code: 0, stderr: '' })
    const { syncId } = JSON.parse(started.stdout)
    expect(JSON.parse((await run('sync', '--supplier', 'Acme', ...key)).stdout).syncId).toBe(syncId)
    const second = await run('sync', '--force', '--no-check')
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(syncId) })
    await expand()

    const paused = await run('jobs', 'pause', syncId)
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining(`Sync ${syncId} is paused`) })
    const listed = await run('jobs', 'list', '--status', 'paused')
    expect(listed.stdout).toMatch(new RegExp(`^${syncId} +paused +0 % +30 .* supplier Acme$`, 'm'))
    expect((await run('jobs', 'list', '--status', 'failed')).stdout).toBe('No sync is like that.\n')
    expect((await run('jobs', 'resume', syncId)).stdout).toContain('is running')

    const waiting = asinstream(['jobs', 'cancel', syncId, '--wait'], { ASINSTREAM_URL: api.origin })
    await waitFor(async () => (await api.ask(`/api/sync/status/${syncId}`)).body.status === 'cancelling', {
      what: 'the wish to arrive',
    })
    await giveBackJobs(api.db, 100)
    await endJobs(api.db)
    expect(await waiting.exited).toBe(0)
    expect(waiting.stdout).toBe(`Sync ${syncId} is cancelled: 30 cancelled.\n`)
    const shown = await run('jobs', 'show', syncId)
    expect(shown.stdout).toMatch(/^state +cancelled \(0 %\)\n/m)
    expect(JSON.parse((await run('jobs', 'show', syncId, '--json')).stdout)).toMatchObject({
      outcomes: { cancelled: 30 },
    })
    expect(await run('jobs', 'resume', syncId)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it can not be resumed'),
    })
  })

  it('says by its exit code that products ended in error, and retries them', async () => {
    const waiting = asinstream(['sync', '--force', '--no-check', '--wait', '--json'], {
      ASINSTREAM_URL: api.origin,
    })
    const job = await waitFor(
      async () =>
        (await api.ask('/api/sync/history?status=queued')).body.items[0] as { syncId: string } | undefined,
      { what: 'the sync', timeoutMs: 60_000 },
    )
    await end('error')
    expect(await waiting.exited).toBe(1)
    expect(JSON.parse(waiting.stdout)).toMatchObject({ status: 'complete', outcomes: { error: 30 } })
    const dry = await run('jobs', 'retry', job.syncId, '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('30 to ask for') })
    const retry = await run('jobs', 'retry', job.syncId, '--no-check', '--json')
    await end('success')
    const { syncId } = JSON.parse(retry.stdout)
    expect(await run('jobs', 'show', syncId, '--watch')).toMatchObject({
      code: 0,
      stdout: `Sync ${syncId} is complete: 30 products: 30 success.\n`,
    })
    expect((await run('jobs', 'show', syncId)).stdout).toMatch(new RegExp(`^retry of +${job.syncId}$`, 'm'))
  })

  it('passes on what is wrong', async () => {
    expect(await run('jobs', 'show', 'nonsense')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not an id'),
    })
    expect(await run('jobs', 'list', '--status', 'done')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('queued, running, paused'),
    })
  })
})
