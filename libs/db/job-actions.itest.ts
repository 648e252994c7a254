import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { startJob, steerJob } from './job-actions.ts'
import { expandNextJob } from './job-expansion.ts'
import { giveBackJobs, wakeJobs } from './job-holding.ts'
import { endJobs, recordProgress } from './job-progress.ts'
import { createJob, getJob, type NewJob } from './jobs.ts'
import { enableMarketplaces } from './marketplaces.ts'
import { applyOutcomes, type Transition } from './outcomes.ts'
import { addProducts, CA, openTestDatabase, outcome, syncRow, US } from './testing.ts'

const SUCCESS: Transition = { state: 'success', failures: 0, retryInMs: null }

describeWith(['postgres'], 'steering jobs', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url, ['US', 'CA'])
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const expandAll = async (): Promise<void> => {
    while (await expandNextJob(db, 100)) {}
  }
  const claim = async (limit = 1_000): Promise<readonly ClaimedProduct[]> => {
    const claimed: ClaimedProduct[] = []
    await claimDue(db, { limit, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
    return claimed
  }
  const settle = (claims: readonly ClaimedProduct[], transition = SUCCESS) =>
    db.transaction((tx) =>
      applyOutcomes(
        tx,
        claims.map((one) => outcome(one)),
        () => transition,
      ),
    )
  const settleAll = async (transition = SUCCESS): Promise<void> => {
    for (let claims = await claim(); claims.length > 0; claims = await claim())
      await settle(claims, transition)
  }
  const newJob = (more: Partial<NewJob> = {}): NewJob => ({
    filter: {},
    marketplaces: [US],
    requestedBy: 'test',
    ...more,
  })
  const start = async (more: Partial<NewJob> = {}): Promise<string> => {
    const id = await createJob(db, newJob(more))
    await expandAll()
    return id
  }
  const states = async () =>
    Object.fromEntries(
      (
        await db.query<{ state: string; n: number }>(
          'select state, count(*)::int as n from product_syncs where marketplace_id = $1 group by 1',
          [US],
        )
      ).map(({ state, n }) => [state, n]),
    )
  const attempts = async (): Promise<number> =>
    (await db.query<{ n: number }>('select sum(attempt)::int as n from product_syncs'))[0]?.n ?? 0

  describe('cancel', () => {
    it('gives products their state back, drops what is queued, and counts what it came to', async () => {
      await addProducts(db, 10)
      await settleAll()
      await db.query(
        `update product_syncs set state = 'error', failures = 5 where marketplace_id = $1
            and product_id in (select id from products where sku in ('S1', 'S2'))`,
        [US],
      )
      const id = await start()
      const first = await claim(3)
      await settle(first)
      const inFlight = await claim(3)
      expect(await steerJob(db, id, 'cancel')).toEqual({ kind: 'done' })
      expect(await claim()).toEqual([])
      // What the claim has held is given back with the others.
      expect(await giveBackJobs(db, 2)).toBe(7)
      expect(await endJobs(db)).toEqual([id])
      const job = await getJob(db, id)
      expect(job).toMatchObject({ state: 'cancelled', total: 10, outcomes: { success: 3, cancelled: 7 } })
      expect(job?.finishedAt).not.toBeNull()
      const after = await states()
      expect((after.success ?? 0) + (after.error ?? 0)).toBe(10)
      // Of the two errors, those that were not among the first three are errors again.
      expect(after.error ?? 0).toBeLessThanOrEqual(2)
      const before = await states()
      // The answers to what was under way come late, and count for nothing.
      expect(await settle(inFlight, { state: 'not_found', failures: 0, retryInMs: null })).toEqual([])
      expect(await states()).toEqual(before)
      expect(await claim()).toEqual([])
    })

    it('leaves products due, or in flight, that were so by themselves', async () => {
      await addProducts(db, 4)
      await claim(2)
      const id = await start()
      await steerJob(db, id, 'cancel')
      await claim()
      await giveBackJobs(db, 100)
      expect(await endJobs(db)).toEqual([id])
      expect((await getJob(db, id))?.outcomes).toEqual({ cancelled: 4 })
      const { queued = 0, pending = 0 } = await states()
      expect(queued + pending).toBe(4)
      // They are asked for in their own right.
      await settleAll()
      await db.query(`update product_syncs set next_attempt_at = now() where state = 'queued'`)
      await settleAll()
      expect(await states()).toEqual({ success: 4 })
    })

    it('asks for the new code of a product whose code changed while the job had it', async () => {
      await addProducts(db, 1)
      await settleAll()
      const id = await start()
      await db.query(`update products set upc = 'new'`)
      await steerJob(db, id, 'cancel')
      await giveBackJobs(db, 100)
      await endJobs(db)
      expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', job_id: null, due: true })
    })

    it('does not wait for a product that somebody holds, and gives it back when it is free', async () => {
      await addProducts(db, 3)
      await settleAll()
      const id = await start()
      await steerJob(db, id, 'cancel')
      await db.transaction(async (tx) => {
        await tx.query(`update products set title = 'held' where sku = 'S2'`)
        expect(await giveBackJobs(db, 100)).toBe(2)
        expect(await endJobs(db)).toEqual([])
      })
      expect(await giveBackJobs(db, 100)).toBe(1)
      expect(await endJobs(db)).toEqual([id])
      expect(await states()).toEqual({ success: 3 })
    })

    it('ends a job at once that has taken nothing in, and takes nothing in any more', async () => {
      await addProducts(db, 3)
      const id = await createJob(db, newJob())
      await steerJob(db, id, 'cancel')
      await expandAll()
      expect(await endJobs(db)).toEqual([id])
      expect(await getJob(db, id)).toMatchObject({ state: 'cancelled', total: 0, outcomes: {} })
    })

    it('does not take a product for fresh that nobody answered for', async () => {
      await addProducts(db, 1)
      await settleAll()
      await db.query(
        `update product_syncs set synced_at = now() - interval '2 days', queued_at = now() - interval '2 days'`,
      )
      const cancelled = await start()
      await claim()
      await steerJob(db, cancelled, 'cancel')
      await giveBackJobs(db, 100)
      await endJobs(db)
      const since = new Date(Date.now() - 86_400_000).toISOString()
      const id = await start({ freshSince: since })
      expect(await getJob(db, id)).toMatchObject({ total: 1, done: 0 })
    })
  })

  describe('pause', () => {
    it('asks for nothing more, lets what is in flight finish, and goes on where it was', async () => {
      await addProducts(db, 10)
      await settleAll()
      const before = await attempts()
      const id = await start()
      const inFlight = await claim(4)
      expect(await steerJob(db, id, 'pause')).toEqual({ kind: 'done' })
      expect(await claim()).toEqual([])
      await settle(inFlight)
      expect(await getJob(db, id)).toMatchObject({ state: 'paused', total: 10, done: 4 })
      // A service that starts again does not wake them.
      await enableMarketplaces(db, [
        { marketplaceId: US, countryCode: 'US' },
        { marketplaceId: CA, countryCode: 'CA' },
      ])
      expect(await claim()).toEqual([])
      expect(await steerJob(db, id, 'resume')).toEqual({ kind: 'done' })
      let woken = 0
      for (let n = await wakeJobs(db, 4); n > 0; n = await wakeJobs(db, 4)) woken += n
      expect(woken).toBe(6)
      await settleAll()
      expect(await endJobs(db)).toEqual([id])
      expect(await getJob(db, id)).toMatchObject({ state: 'complete', outcomes: { success: 10 } })
      expect((await attempts()) - before).toBe(10)
    })

    it('holds what failed and is due again, and does not hold up others', async () => {
      await addProducts(db, 2, { supplier: 'held' })
      await settleAll()
      const id = await start({ filter: { supplier: ['held'] } })
      const inFlight = await claim()
      await steerJob(db, id, 'pause')
      await settle(inFlight, { state: 'pending', failures: 1, retryInMs: 0 })
      await db.query(`insert into products (sku, upc) values ('other', '9')`)
      expect((await claim()).map((one) => one.upc)).toEqual(['9', '9'])
      expect(await getJob(db, id)).toMatchObject({ total: 2, done: 0 })
    })

    it('stops a job that is still choosing its products', async () => {
      await addProducts(db, 5)
      const id = await createJob(db, newJob())
      await expandNextJob(db, 2)
      await steerJob(db, id, 'pause')
      expect(await expandNextJob(db, 2)).toBe(false)
      expect(await getJob(db, id)).toMatchObject({ total: 2, expanded: false })
      await steerJob(db, id, 'resume')
      await expandAll()
      expect(await getJob(db, id)).toMatchObject({ total: 5, expanded: true, state: 'running' })
    })

    it('is over when the job is cancelled', async () => {
      await addProducts(db, 3)
      await settleAll()
      const id = await start()
      await steerJob(db, id, 'pause')
      await claim()
      await steerJob(db, id, 'cancel')
      await giveBackJobs(db, 100)
      expect(await endJobs(db)).toEqual([id])
      expect(await states()).toEqual({ success: 3 })
    })
  })

  it('says what is so already, what can not be, and what is not there', async () => {
    const id = await createJob(db, newJob())
    expect(await steerJob(db, id, 'resume')).toEqual({ kind: 'already', state: 'queued' })
    await expandAll()
    await endJobs(db)
    for (const action of ['pause', 'resume', 'cancel'] as const) {
      expect(await steerJob(db, id, action)).toEqual({ kind: 'impossible', state: 'complete' })
      expect(await steerJob(db, '00000000-0000-4000-8000-000000000000', action)).toEqual({ kind: 'unknown' })
    }
  })

  it.each([
    ['complete', 'running'],
    ['failed', 'queued'],
    ['cancelled', 'cancelling'],
  ])('%s is final for whoever writes SQL', async (state, next) => {
    const id = await createJob(db, newJob())
    const path = {
      complete: ['running', 'complete'],
      failed: ['failed'],
      cancelled: ['cancelling', 'cancelled'],
    }
    for (const step of path[state as keyof typeof path])
      await db.query('update sync_jobs set state = $2 where id = $1', [id, step])
    for (const change of [`state = '${next}'`, `outcomes = '{"success": 1}'`, 'total = 7', `error = 'x'`]) {
      await expect(db.query(`update sync_jobs set ${change} where id = $1`, [id])).rejects.toThrow(
        'does not change any more',
      )
    }
    expect(await getJob(db, id)).toMatchObject({ state, stage: 'ended', finishedAt: expect.any(String) })
  })

  it('refuses a step that no job takes', async () => {
    const id = await createJob(db, newJob())
    await expect(db.query(`update sync_jobs set state = 'complete' where id = $1`, [id])).rejects.toThrow(
      'is queued: it can not become complete',
    )
  })

  it('keeps what a job came to when its products are changed by hand later', async () => {
    await addProducts(db, 2)
    const id = await start()
    await settleAll()
    await endJobs(db)
    await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
    expect(await getJob(db, id)).toMatchObject({ total: 2, outcomes: { success: 2 }, progress: 100 })
  })

  it('fails with its products given back when its filter breaks half-way', async () => {
    await addProducts(db, 4)
    await settleAll()
    const id = await createJob(db, newJob())
    await expandNextJob(db, 2)
    await db.query(`update sync_jobs set filter = '{"supplier": {"is": "Acme"}}' where id = $1`, [id])
    await expandNextJob(db, 2)
    expect(await getJob(db, id)).toMatchObject({
      state: 'cancelling',
      error: expect.stringMatching(/supplier/),
    })
    await giveBackJobs(db, 100)
    expect(await endJobs(db)).toEqual([id])
    expect(await getJob(db, id)).toMatchObject({ state: 'failed', total: 2, outcomes: { cancelled: 2 } })
    expect(await states()).toEqual({ success: 4 })
  })

  it('retries only what failed, and leaves alone what another job has taken over', async () => {
    await addProducts(db, 5)
    const first = await start()
    await settle(await claim(20))
    const fail = (skus: string[], state: string) =>
      db.query(
        `update product_syncs s set state = $2 from products p
          where p.id = s.product_id and p.sku = any ($1) and s.marketplace_id = $3`,
        [skus, state, US],
      )
    await fail(['S1', 'S2', 'S3'], 'error')
    await fail(['S4'], 'not_found')
    await endJobs(db)
    await start({ filter: { sku: ['S3'] } })
    const retry = await start({ retry: { of: first, outcomes: ['error'] } })
    expect(await getJob(db, retry)).toMatchObject({ total: 2, retryOf: first, expanded: true })
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', job_id: retry, due: true })
    expect(await syncRow(db, 'S4')).toMatchObject({ state: 'not_found', job_id: first })
    const more = await start({ retry: { of: first, outcomes: ['error', 'not_found'] } })
    expect(await getJob(db, more)).toMatchObject({ total: 1 })
    await settleAll()
    expect(await endJobs(db)).toEqual(expect.arrayContaining([retry, more]))
  })

  it('counts what Amazon has answered for lately as it is, and asks for the rest', async () => {
    await addProducts(db, 6)
    await settleAll()
    await db.query(
      `update product_syncs set synced_at = now() - interval '2 days', queued_at = now() - interval '2 days'
        where product_id in (select id from products where sku in ('S1', 'S2'))`,
    )
    const id = await start({ freshSince: new Date(Date.now() - 86_400_000).toISOString() })
    expect(await getJob(db, id)).toMatchObject({ total: 6, outcomes: { success: 4 } })
    expect(await claim()).toHaveLength(2)
  })

  describe('start', () => {
    it('refuses a job for products that an open one has to do still, and no other', async () => {
      await addProducts(db, 4, { supplier: 'Acme' })
      await db.query(`insert into products (sku, upc, supplier) values ('B1', '7', 'Best')`)
      const first = await startJob(db, newJob({ filter: { supplier: ['Acme'] } }))
      expect(first.kind).toBe('started')
      const overlap = { kind: 'overlaps', id: first.id }
      // Before its products are chosen, and after.
      for (let round = 0; round < 2; round++) {
        expect(await startJob(db, newJob())).toEqual(overlap)
        expect(await startJob(db, newJob({ filter: { sku: ['S1', 'B1'] } }))).toEqual(overlap)
        expect(await startJob(db, newJob({ filter: { sku: ['B0'] } }))).toMatchObject({ kind: 'started' })
        expect(await startJob(db, newJob({ marketplaces: [CA] }))).toMatchObject({ kind: 'started' })
        await db.query(`delete from sync_jobs where id <> $1`, [first.id])
        await expandAll()
      }
      await steerJob(db, first.id, 'pause')
      expect(await startJob(db, newJob())).toEqual(overlap)
      await steerJob(db, first.id, 'resume')
      while ((await wakeJobs(db, 100)) > 0) {}
      await settleAll()
      await endJobs(db)
      expect(await startJob(db, newJob())).toMatchObject({ kind: 'started' })
    })

    it('starts one of many that come at the same time', async () => {
      await addProducts(db, 3)
      const results = await Promise.all(Array.from({ length: 6 }, () => startJob(db, newJob())))
      expect(results.filter(({ kind }) => kind === 'started')).toHaveLength(1)
      expect(results.filter(({ kind }) => kind === 'overlaps')).toHaveLength(5)
    })

    it('starts a request with a key once, and refuses the key for another', async () => {
      await addProducts(db, 3)
      const job = newJob({ idempotency: { key: 'k1', requestHash: 'a' } })
      const results = await Promise.all([startJob(db, job), startJob(db, job), startJob(db, job)])
      expect(results.map(({ kind }) => kind).sort()).toEqual(['repeated', 'repeated', 'started'])
      expect(new Set(results.map(({ id }) => id)).size).toBe(1)
      const other = newJob({ idempotency: { key: 'k1', requestHash: 'b' } })
      expect(await startJob(db, other)).toMatchObject({ kind: 'key-reused', id: results[0]?.id })
    })
  })

  it('records where each step has led, without a gap', async () => {
    await addProducts(db, 4)
    const id = await createJob(db, newJob())
    const permitted = () => 40
    await recordProgress(db, permitted)
    await expandAll()
    await recordProgress(db, permitted)
    await settle(await claim(2))
    await recordProgress(db, permitted)
    await steerJob(db, id, 'pause')
    await steerJob(db, id, 'resume')
    await steerJob(db, id, 'cancel')
    await giveBackJobs(db, 10)
    await endJobs(db)
    const events = await db.query<{ id: number; event: string }>(
      'select id::int as id, event from sync_progress where job_id = $1 order by id',
      [id],
    )
    expect(events.map((one) => one.id)).toEqual(events.map((_, index) => index + 1))
    expect(events.map((one) => one.event).filter((event) => event !== 'progress')).toEqual([
      'queued',
      'running',
      'paused',
      'running',
      'cancelling',
      'cancelled',
    ])
  })
})
