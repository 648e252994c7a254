import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { addProducts, openTestDatabase, setReadOnly } from '#libs/db/testing.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import type { RunningService } from '#libs/service/service.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { startProductChange } from './service.ts'

describeWith(['postgres'], 'product-change whose PostgreSQL takes no writes', () => {
  let database: TestDatabase
  let db: Database
  const closers: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await addProducts(db, 20)
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await db.close()
    await database.drop()
  })

  const logger = createLogger({ level: 'silent', service: 'test' })
  const reasonOf = (ready: Promise<void>): Promise<string> =>
    ready.then(
      () => '',
      (error: Error) => error.message,
    )

  it('starts, says why it waits, and goes on when it is over', async () => {
    const config = loadConfig({ DATABASE_URL: database.url, SYNC_SCHEDULE: 'off' })
    const metrics = createMetrics()
    const backends = createBackends({ config, service: 'product-change', logger, metrics })
    closers.push(() => backends.close())
    await prepare(config, backends)
    await setReadOnly(database.url, true)
    const service: RunningService = await startProductChange({ config, backends, logger, metrics })
    closers.push(() => service.stop(1_000))
    let ended: unknown
    void service.finished.then(
      () => (ended = 'stopped'),
      (error) => (ended = error),
    )
    await waitFor(async () => (await reasonOf(service.ready())).includes('read-only'), {
      what: 'product-change to be not ready, with the reason',
    })
    await setReadOnly(database.url, false)
    const queued = async () =>
      (await db.query(`select 1 from product_syncs where state = 'queued'`).catch(() => [])).length
    await waitFor(async () => (await queued()) === 20, { what: 'the claims', timeoutMs: 20_000 })
    await waitFor(async () => (await reasonOf(service.ready())) === '', {
      what: 'product-change to be ready again',
      timeoutMs: 20_000,
    })
    expect(ended).toBeUndefined()
  })
})
