import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { US } from './testing.ts'

describeWith(['postgres'], 'migrations of a database in use', () => {
  let database: TestDatabase
  let db: Database
  let url: string
  beforeEach(async () => {
    database = await createTestDatabase()
    const empty = `${new URL(database.url).pathname.slice(1)}_before`
    const admin = await openDatabase({ url: database.url })
    await admin.query(`create database ${empty}`)
    await admin.close()
    url = Object.assign(new URL(database.url), { pathname: `/${empty}` }).href
    db = await openDatabase({ url })
  })
  afterEach(async () => {
    await db.close()
    const admin = await openDatabase({ url: database.url })
    await admin.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`)
    await admin.close()
    await database.drop()
  })

  it('m0006 keeps every attempt of the log, where new ones go too', async () => {
    await migrate(url, 'm0005-code-change-drops-market-data')
    await db.query(`insert into marketplaces (marketplace_id, country_code) values ($1, 'US')`, [US])
    await db.query(`insert into products (sku) select 'S' || n from generate_series(1, 50) n`)
    await db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result, duration_ms)
         select product_id, marketplace_id, n, now() - n * interval '1 day', 'success', 1000
           from product_syncs cross join generate_series(1, 3) n`,
    )
    const logs = () =>
      db.query(`select product_id, attempt, occurred_at, result from sync_logs order by product_id, attempt`)
    const before = await logs()
    expect(await migrate(url)).toContain('m0006-bounded-logs')
    expect(await logs()).toEqual(before)
    const [row] = await db.query<{ early: number; strays: number }>(
      `select count(*) filter (where queued_at = occurred_at - interval '1 second')::int as early,
              (select count(*)::int from sync_logs_default) as strays from sync_logs`,
    )
    expect(row).toEqual({ early: 150, strays: 0 })
    await db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, 4, now(), 'success' from product_syncs`,
    )
    expect(await db.query('select 1 from sync_logs_default')).toEqual([])
  })
})
