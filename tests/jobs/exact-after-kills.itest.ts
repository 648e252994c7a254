import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import {
  createTestDatabase,
  describeWith,
  scratchFolder,
  type TestDatabase,
  waitFor,
} from '#tests/support/backing.ts'
import { addKnownProducts, auditJobs, Stage } from './stage.ts'

const PRODUCTS = 600
/** Requests a second: the catalogue takes four seconds at the least, so that kills strike in the middle. */
const RATE = 8

describeWith(['postgres'], 'syncs over the deaths of all services', () => {
  let database: TestDatabase
  let db: Database
  let amazon: Simulator
  let stage: Stage
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 2 })
    amazon = await startSimulator({ rate: RATE, burst: RATE, seed: 1 })
    stage = await Stage.open({
      databaseUrl: database.url,
      amazon: amazon.url,
      rate: RATE,
      folder: scratchFolder('jobs'),
    })
    await addKnownProducts(db, PRODUCTS)
  })
  afterEach(async () => {
    await stage?.end('SIGKILL')
    await amazon?.stop()
    await db.close()
    await database.drop()
  })

  it('count every product once, whether they complete or are cancelled', { timeout: 600_000 }, async () => {
    await stage.start()
    const first = await stage.ask<JobDocument>('/api/sync/force', {})
    for (const done of [100, 300]) {
      await stage.until(first.syncId, `${done} done`, (job) => job.done >= done)
      await stage.end('SIGKILL')
      await stage.start()
    }
    const complete = await stage.until(first.syncId, 'complete', (job) => job.completedAt !== null)
    expect(complete).toMatchObject({ status: 'complete', total: PRODUCTS, done: PRODUCTS, progress: 100 })
    expect(await auditJobs(db)).toEqual([])
    const states = () => db.query('select state, count(*)::int as n from product_syncs group by 1 order by 1')
    const before = await states()

    const second = await stage.ask<JobDocument>('/api/sync/force', {})
    await stage.until(second.syncId, '60 done', (job) => job.done >= 60)
    await stage.ask(`/api/sync/cancel/${second.syncId}`, {})
    await stage.end('SIGKILL')
    await stage.start()
    const cancelled = await stage.until(second.syncId, 'cancelled', (job) => job.completedAt !== null)
    expect(cancelled).toMatchObject({ status: 'cancelled', total: PRODUCTS, done: PRODUCTS })
    expect(cancelled.outcomes.cancelled).toBeGreaterThan(0)
    expect(await states()).toEqual(before)
    expect(await auditJobs(db)).toEqual([])
    await waitFor(async () => (await stage.dropped()) > 0, {
      what: 'requests on the log to be left out',
      timeoutMs: 60_000,
    })
  })
})
