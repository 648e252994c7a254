import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { addProducts, openTestDatabase, setReadOnly } from '#libs/db/testing.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { createPersister } from './persister.ts'
import { claimedAndNotFound } from './testing.ts'

describeWith(['postgres'], 'a persister whose PostgreSQL takes no writes', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await addProducts(db, 20)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const logger = createLogger({ level: 'silent', service: 'test' })
  const reasonOf = (ready: Promise<void>): Promise<string> =>
    ready.then(
      () => '',
      (error: Error) => error.message,
    )

  it('waits, says why, and writes the chunk once when it is over', async () => {
    const records = await claimedAndNotFound(db, 20)
    const persister = createPersister({ db, config: loadConfig({}), logger, metrics: createMetrics() })
    await persister.ready()
    await setReadOnly(database.url, true)
    const processing = persister.process({ key: '', records }, { signal: new AbortController().signal })
    await waitFor(async () => (await reasonOf(persister.ready())).includes('read-only'), {
      what: 'the persister to be not ready, with the reason',
    })
    await setReadOnly(database.url, false)
    expect((await processing).every((verdict) => verdict.kind === 'done')).toBe(true)
    await persister.ready()
    const [counts] = await db.query(
      `select (select count(*)::int from product_syncs where state = 'not_found') as done,
              (select count(*)::int from sync_logs) as logs`,
    )
    expect(counts).toEqual({ done: 20, logs: 20 })
  })
})
