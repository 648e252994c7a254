import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { giveBackJobs } from '#libs/db/job-holding.ts'
import { endJobs, recordProgress } from '#libs/db/job-progress.ts'
import { addProducts, CA, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { type BesideAmazon, startBesideAmazon } from '../test-amazon.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

describeWith(['postgres'], 'sync job routes', () => {
  let stage: BesideAmazon
  let api: TestReporting
  beforeAll(async () => {
    stage = await startBesideAmazon({ countries: ['US', 'CA'] })
    api = stage.api
  })
  afterAll(() => stage?.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
    await api.db.query('delete from sync_jobs')
  })

  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    body === undefined
      ? api.ask(`/api/sync/${path}`, { method: 'POST', headers })
      : api.post(`/api/sync/${path}`, 'application/json', JSON.stringify(body), headers)
  const expand = async () => {
    while (await expandNextJob(api.db, 1_000)) {}
  }
  const settle = (state: string, where = 'true') =>
    api.db.query(
      `update product_syncs set state = $1, synced_at = now() where state in ('pending', 'queued') and ${where}`,
      [state],
    )
  const statusOf = async (id: string) => (await api.ask(`/api/sync/status/${id}`)).body

  it('starts at once, and shows the fields that clients know beside its own', async () => {
    await addProducts(api.db, 3)
    const answer = await post('start')
    expect(answer.status).toBe(202)
    const { syncId } = answer.body
    expect(answer.headers.get('location')).toBe(`/api/sync/status/${syncId}`)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.body).toMatchObject({
      syncId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'queued',
      progress: 0,
      message: 'waiting for its turn',
      startedAt: null,
      completedAt: null,
      duration: null,
      ordersProcessed: 0,
      totalOrders: 0,
      claimsDetected: 0,
      total: 0,
      done: 0,
      marketplaces: [CA, US],
      requestedBy: 'local',
      links: { self: `/api/sync/status/${syncId}`, events: `/api/sse/sync-progress/${syncId}` },
    })
    await expand()
    await recordProgress(api.db, () => 40)
    await settle('success')
    await endJobs(api.db)
    expect(await statusOf(syncId)).toMatchObject({
      status: 'complete',
      stage: 'ended',
      progress: 100,
      message: 'complete: 6 success',
      startedAt: expect.stringMatching(/Z$/),
      completedAt: expect.stringMatching(/Z$/),
      duration: expect.any(Number),
      total: 6,
      outcomes: { success: 6 },
    })
  })

  it('says what is wrong with Amazon before anything is started', async () => {
    const control = (path: string) =>
      fetch(`${stage.amazon.url}/_simulator/${path}`, {
        method: 'POST',
        body: JSON.stringify({ refreshToken: 'another-token' }),
      })
    const other = await startTestReporting({
      environment: {
        SP_API_ENDPOINT: stage.amazon.url,
        LWA_ENDPOINT: stage.amazon.url,
        SP_API_CLIENT_ID: 'id',
        SP_API_CLIENT_SECRET: 'secret',
        SP_API_REFRESH_TOKEN: 'another-token',
      },
    })
    try {
      expect((await control('revoke')).ok).toBe(true)
      const refused = await other.ask('/api/sync/start', { method: 'POST' })
      expect(refused).toMatchObject({ status: 409, body: { type: 'urn:asinstream:problem:amazon-refused' } })
      expect(JSON.stringify(refused.body)).not.toContain('another-token')
      expect(await other.db.query('select 1 from sync_jobs')).toEqual([])
      const unasked = await other.post('/api/sync/start', 'application/json', '{"checkConnection": false}')
      expect(unasked.status).toBe(202)
    } finally {
      await other.close()
    }
    const without = await startTestReporting()
    try {
      const answer = await without.ask('/api/sync/start', { method: 'POST' })
      expect(answer).toMatchObject({
        status: 409,
        body: { type: 'urn:asinstream:problem:amazon-unconfigured' },
      })
    } finally {
      await without.close()
    }
  })

  it('leaves alone what is fresh, unless it is forced to or told exactly what to ask for', async () => {
    await addProducts(api.db, 2)
    await settle('success')
    const totals = async (path: string, body: unknown) => {
      const { syncId } = (await post(path, body)).body
      await expand()
      const { total, done } = await statusOf(syncId)
      await settle('success')
      await endJobs(api.db)
      return [total, done]
    }
    expect(await totals('start', {})).toEqual([4, 4])
    expect(await totals('force', {})).toEqual([4, 0])
    expect(await totals('start', { filter: { sku: 'S1' }, marketplaces: ['US'] })).toEqual([1, 0])
    expect(await totals('start', { filter: { status: 'success' } })).toEqual([4, 0])
  })

  it('refuses a second sync of the same products, and names the one that runs', async () => {
    await addProducts(api.db, 2, { supplier: 'Acme' })
    const first = await post('start', { filter: { supplier: 'Acme' } })
    const second = await post('force')
    expect(second.status).toBe(409)
    expect(second.headers.get('location')).toBe(`/api/sync/status/${first.body.syncId}`)
    expect(second.body).toMatchObject({
      type: 'urn:asinstream:problem:sync-under-way',
      syncId: first.body.syncId,
    })
    expect((await post('start', { filter: { supplier: 'Best' } })).status).toBe(202)
  })

  it('does a request with an Idempotency-Key once', async () => {
    await addProducts(api.db, 2)
    const key = { 'idempotency-key': randomUUID() }
    const body = { filter: { staleFor: '1h' } }
    const first = await post('start', body, key)
    const again = await post('start', body, key)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again).toMatchObject({ status: 202, body: { syncId: first.body.syncId } })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const other = await post('start', {}, key)
    expect(other).toMatchObject({
      status: 422,
      body: { type: 'urn:asinstream:problem:idempotency-key-reused' },
    })
    expect((await post('force', body, key)).status).toBe(422)
    expect((await post('start', {}, { 'idempotency-key': 'with blanks' })).status).toBe(400)
  })

  it('pauses, resumes and cancels, and says when that can not be', async () => {
    await addProducts(api.db, 2)
    await settle('not_found')
    const { syncId } = (await post('force')).body
    await expand()
    expect(await post(`pause/${syncId}`)).toMatchObject({ status: 202, body: { status: 'paused' } })
    expect(await post(`pause/${syncId}`)).toMatchObject({ status: 202, body: { status: 'paused' } })
    expect(await post(`resume/${syncId}`)).toMatchObject({ status: 202, body: { status: 'running' } })
    const cancelled = await post(`cancel/${syncId}`)
    expect(cancelled).toMatchObject({ status: 202, body: { status: 'cancelling' } })
    expect(cancelled.headers.get('location')).toBe(`/api/sync/status/${syncId}`)
    await giveBackJobs(api.db, 100)
    await endJobs(api.db)
    expect(await post(`cancel/${syncId}`)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(await statusOf(syncId)).toMatchObject({ outcomes: { cancelled: 4 }, progress: 0 })
    expect(await post(`resume/${syncId}`)).toMatchObject({
      status: 409,
      body: {
        type: 'urn:asinstream:problem:wrong-state',
        status: 409,
        state: 'cancelled',
        detail: expect.stringContaining('can not be resumed'),
      },
    })
    for (const action of ['pause', 'resume', 'cancel', 'retry']) {
      expect((await post(`${action}/${randomUUID()}`)).status).toBe(404)
      expect((await post(`${action}/7`)).status).toBe(400)
    }
  })

  it('retries only what failed of a sync that has ended', async () => {
    await addProducts(api.db, 4)
    const { syncId } = (await post('force', { marketplaces: ['US'] })).body
    await expand()
    expect((await post(`retry/${syncId}`)).status).toBe(409)
    await settle('error', `product_id in (select id from products where sku in ('S1', 'S2'))`)
    await settle('not_found')
    await endJobs(api.db)
    const dry = await post(`retry/${syncId}`, { dryRun: true, outcomes: ['error', 'not_found'] })
    expect(dry).toMatchObject({ status: 200, body: { total: 4, codes: 4, requests: 1 } })
    const retry = await post(`retry/${syncId}`)
    expect(retry).toMatchObject({ status: 202, body: { retryOf: syncId } })
    await expand()
    expect(await statusOf(retry.body.syncId)).toMatchObject({ total: 2, done: 0 })
    expect((await post(`retry/${syncId}`, { outcomes: ['success'] })).status).toBe(400)
  })

  it('says what a sync would cost, and starts nothing', async () => {
    await addProducts(api.db, 50)
    await settle('success', `product_id in (select id from products where sku in ('S1', 'S2'))`)
    await api.db.query(`update products set upc = null where sku = 'S3'`)
    await api.db.query(`update products set upc = 'same' where sku in ('S4', 'S5')`)
    const { status, body } = await post('start', { dryRun: true, marketplaces: ['US'] })
    expect(status).toBe(200)
    expect(body).toEqual({
      dryRun: true,
      total: 50,
      fresh: 2,
      withoutCode: 1,
      codes: 46,
      requests: 3,
      requestsPerSecond: 2,
      seconds: 2,
      // 48 wait already.
      secondsWithBacklog: 3,
      marketplaces: [US],
    })
    expect((await post('force', { dryRun: true, marketplaces: ['US'] })).body).toMatchObject({
      fresh: 0,
      codes: 48,
    })
    expect(await api.db.query('select 1 from sync_jobs')).toEqual([])
  })

  it.each([
    ['start', { dryRun: 'yes' }, 'dryRun'],
    ['start', { filter: { suplier: 'x' } }, 'filter.suplier'],
    ['start', { everything: true }, 'everything'],
    ['retry/7', { checkConnection: 1 }, 'not an id'],
  ])('says what is wrong with %s %j', async (path, body, named) => {
    const answer = await post(path, body)
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(named)
  })

  it('answers 304 while nothing has changed', async () => {
    await addProducts(api.db, 2)
    const { syncId } = (await post('start')).body
    const first = await api.ask(`/api/sync/status/${syncId}`)
    const etag = first.headers.get('etag') ?? ''
    const ask = () => api.ask(`/api/sync/status/${syncId}`, { headers: { 'if-none-match': etag } })
    expect(await ask()).toMatchObject({ status: 304, body: '' })
    await expand()
    expect((await ask()).status).toBe(200)
  })

  describe('history', () => {
    it('has pages, newest first, and filters', async () => {
      const ids: string[] = []
      for (let i = 0; i < 5; i++) {
        ids.unshift((await post('start', { marketplaces: [i % 2 ? 'US' : 'CA'] })).body.syncId)
        await expand()
        if (i < 3) await endJobs(api.db)
      }
      const list = async (query: string) =>
        (await api.ask(`/api/sync/history${query}`)).body.items.map((job: { syncId: string }) => job.syncId)
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const { body } = await api.ask(
          `/api/sync/history?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
        )
        seen.push(...body.items.map((job: { syncId: string }) => job.syncId))
        cursor = body.nextCursor
      } while (cursor !== null)
      expect(seen).toEqual(ids)
      expect(await list('?status=running')).toEqual(ids.slice(0, 2))
      expect(await list('?status=complete&status=running')).toEqual(ids)
      expect(await list('?marketplace=us')).toEqual([ids[1], ids[3]])
      expect(await list('?requestedBy=local')).toEqual(ids)
      expect(await list('?requestedBy=nobody')).toEqual([])
      const { createdAt } = await statusOf(ids[2] as string)
      expect(await list(`?since=${createdAt}`)).toEqual(ids.slice(0, 3))
      expect(await list(`?until=${createdAt}`)).toEqual(ids.slice(3))
    })

    it.each(['status=done', 'marketplace=Atlantis', 'since=yesterday', 'order=asc', 'cursor=x'])(
      'refuses %s',
      async (query) => {
        expect((await api.ask(`/api/sync/history?${query}`)).status).toBe(400)
      },
    )
  })
})
