import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { endJobs } from '#libs/db/job-progress.ts'
import { addProducts, CA, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

const SYNC = '/marketplace/amazon/sync'
const JOBS = '/marketplace/amazon/sync-jobs'
const NOW = Date.parse('2026-03-04T12:00:00Z')

describeWith(['postgres'], 'sync routes', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'], reporting: { clock: () => NOW } })
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
    await api.db.query('delete from sync_jobs')
    await api.db.query('delete from sync_job_counts')
  })

  const sync = (body: unknown) => api.post(SYNC, 'application/json', JSON.stringify(body))
  const messages = (body: { errors: { field: string; message: string }[] }) =>
    Object.fromEntries(body.errors.map((error) => [error.field, error.message]))

  it('starts a job for all products when the body is empty', async () => {
    const answer = await api.ask(SYNC, { method: 'POST' })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(`${JOBS}/${answer.body.id}`)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.body).toMatchObject({
      state: 'queued',
      filter: {},
      marketplaces: [CA, US],
      requestedBy: 'api',
      total: 0,
      done: 0,
      progress: 0,
    })
  })

  it('takes every field of the filter, durations, and marketplaces by id or country', async () => {
    const filter = {
      supplier: 'Acme',
      category: ['a', 'b'],
      brand: 'B',
      sku: ['1'],
      upc: '2',
      status: 'error',
    }
    const { status, body } = await sync({ filter: { ...filter, staleFor: '24h' }, marketplaces: ['ca', CA] })
    expect(status).toBe(202)
    expect(body.filter).toEqual({
      supplier: ['Acme'],
      category: ['a', 'b'],
      brand: ['B'],
      sku: ['1'],
      upc: ['2'],
      status: ['error'],
      notSyncedSince: '2026-03-03T12:00:00.000Z',
    })
    expect(body.marketplaces).toEqual([CA])
    expect((await sync({ filter: { notSyncedSince: '2026-01-01T00:00:00Z' } })).status).toBe(202)
  })

  it('says everything that is wrong, by field', async () => {
    const { status, body } = await sync({
      filter: { suplier: 'Acme', status: ['done'], sku: [], brand: 7, notSyncedSince: 'yesterday' },
      marketplace: 'US',
    })
    expect(status).toBe(400)
    const wrong = messages(body)
    expect(wrong['filter.suplier']).toContain(
      'use supplier, category, brand, sku, upc, status, notSyncedSince',
    )
    expect(wrong['filter.status.0']).toContain('pending, queued, success')
    expect(wrong['filter.sku']).toContain('must not be empty')
    expect(wrong['filter.brand']).toBe('must be a string')
    expect(wrong['filter.notSyncedSince']).toContain('2026-01-31T12:00:00Z')
    expect(wrong.marketplace).toContain('filter, marketplaces')
    expect(await api.db.query('select 1 from sync_jobs')).toEqual([])
  })

  it('names the enabled marketplaces when another is asked for', async () => {
    for (const name of ['DE', 'Atlantis']) {
      const { status, body } = await sync({ marketplaces: ['US', name] })
      expect(status).toBe(400)
      expect(body.detail).toContain(`"${name}"`)
      expect(body.detail).toContain(`CA (${CA}), US (${US})`)
    }
  })

  it.each([
    ['a list', '[]', 400],
    ['no JSON', '{"filter"', 400],
    ['a wrong duration', '{"filter":{"staleFor":"soon"}}', 400],
    ['a duration beyond all time', '{"filter":{"staleFor":"99999999999d"}}', 400],
    ['both ways to say stale', '{"filter":{"staleFor":"1h","notSyncedSince":"2026-01-01T00:00:00Z"}}', 400],
    ['a NUL character', '{"filter":{"sku":"a\\u0000"}}', 400],
    ['half a character', '{"filter":{"sku":"\\ud800"}}', 400],
  ])('refuses %s', async (_, text, status) => {
    const answer = await api.post(SYNC, 'application/json', text)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
  })

  it('tells those who forget the content type, or put the filter into the address', async () => {
    const form = await api.post(SYNC, 'application/x-www-form-urlencoded', '{"filter":{}}')
    expect(form.status).toBe(415)
    expect(form.body.detail).toContain('content-type: application/json')
    expect((await api.ask(`${SYNC}?supplier=Acme`, { method: 'POST' })).body.detail).toContain('body')
  })

  it('shows how far a job is', async () => {
    await addProducts(api.db, 3, { supplier: 'Acme' })
    const { body: job } = await sync({ filter: { supplier: 'Acme' }, marketplaces: ['US'] })
    await api.db.query('update product_syncs set job_id = $1 where marketplace_id = $2', [job.id, US])
    await api.db.query(`update sync_jobs set state = 'running', expanded = true where id = $1`, [job.id])
    await api.db.query(
      `update product_syncs set state = 'success' where marketplace_id = $1 and product_id in (select id from products where sku = 'S1')`,
      [US],
    )
    const read = async () => (await api.ask(`${JOBS}/${job.id}`)).body
    expect(await read()).toMatchObject({
      state: 'running',
      total: 3,
      done: 1,
      progress: 33,
      expanded: true,
      outcomes: { success: 1 },
    })
    await api.db.query(`update product_syncs set state = 'error' where state = 'pending'`)
    await endJobs(api.db)
    expect(await read()).toMatchObject({
      state: 'complete',
      progress: 100,
      outcomes: { success: 1, error: 2 },
      finishedAt: expect.stringMatching(/Z$/),
    })
  })

  it('answers 404 for a job that is not, 400 for what is no id', async () => {
    expect((await api.ask(`${JOBS}/${randomUUID()}`)).status).toBe(404)
    expect((await api.ask(`${JOBS}/7`)).body).toMatchObject({
      status: 400,
      detail: expect.stringContaining('UUID'),
    })
  })

  it('lists jobs newest first, page by page, each once', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await sync({})).body.id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body } = await api.ask(`${JOBS}?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...body.items.map((job: { id: string }) => job.id))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(ids)
  })

  it('reports the sync status as a whole and by marketplace', async () => {
    await addProducts(api.db, 3)
    const { body } = await api.ask('/marketplace/amazon/sync-status')
    expect(body).toMatchObject({ products: 3, total: 6, pending: 6, synced: 0, errors: 0, ratePerSecond: 0 })
    expect(body.marketplaces).toMatchObject([
      { marketplaceId: CA, countryCode: 'CA', total: 3 },
      { marketplaceId: US, countryCode: 'US', total: 3 },
    ])
  })

  it('lists the newest exceptions with their reasons', async () => {
    await addProducts(api.db, 3)
    const fail = (sku: string, state: string, minutes: number) =>
      api.db.query(
        `update product_syncs s set state = $2::text, last_reason = $2::text || ' it is', next_attempt_at = now() - $3 * interval '1 minute'
           from products p where p.id = s.product_id and p.sku = $1 and s.marketplace_id = $4`,
        [sku, state, minutes, US],
      )
    await fail('S1', 'ambiguous', 3)
    await fail('S2', 'error', 1)
    await fail('S3', 'not_found', 2)
    const { body } = await api.ask('/marketplace/amazon/sync-exceptions')
    expect(body.items).toMatchObject([
      { sku: 'S2', state: 'error', lastReason: 'error it is', countryCode: 'US' },
      { sku: 'S1', state: 'ambiguous' },
    ])
    expect((await api.ask('/marketplace/amazon/sync-exceptions?limit=1')).body.items).toHaveLength(1)
  })

  it('says what to do while no marketplace is enabled', async () => {
    await api.db.query('update marketplaces set enabled = false')
    try {
      const { status, body } = await api.ask(SYNC, { method: 'POST' })
      expect(status).toBe(409)
      expect(body.detail).toContain('MARKETPLACES')
    } finally {
      await api.db.query('update marketplaces set enabled = true')
    }
  })
})
