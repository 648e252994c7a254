import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { claimRedrives, findRedrives, forgetRedrives } from './redrives.ts'

describeWith(['postgres'], 'redrives of dead letters', () => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 3 })
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  const letter = (offset: bigint, timestamp = 1_792_000_000_123) => ({ partition: 0, offset, timestamp })

  it('are claimed once, again on request, and by the record and its time', async () => {
    const letters = [letter(1n), letter(2n)]
    expect(await claimRedrives(db, letters, { again: false })).toEqual(letters)
    expect(await claimRedrives(db, [...letters, letter(3n)], { again: false })).toEqual([letter(3n)])
    expect(await claimRedrives(db, [letter(2n)], { again: true })).toEqual([letter(2n)])
    const anew = letter(1n, 1_792_000_000_124)
    expect(await claimRedrives(db, [anew], { again: false })).toEqual([anew])
    const found = await findRedrives(db, [letter(1n), letter(2n), letter(9n)])
    expect(found.map(({ offset, times }) => [offset, times])).toEqual([
      [1n, 1],
      [2n, 2],
    ])
    expect(found.map(({ lastAt }) => lastAt)).toEqual([expect.any(Date), expect.any(Date)])
  })

  it('are nobody’s when the one who claimed them failed, and a second one waits to know', async () => {
    const claimed = Promise.withResolvers<void>()
    const failing = Promise.withResolvers<void>()
    const first = db.transaction(async (tx) => {
      await claimRedrives(tx, [letter(50n)], { again: false })
      claimed.resolve()
      await failing.promise
    })
    await claimed.promise
    const second = db.transaction((tx) => claimRedrives(tx, [letter(50n)], { again: false }))
    await waitFor(
      async () =>
        (
          await db.query(
            `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).length > 0,
      { what: 'the second claim to wait' },
    )
    failing.reject(new Error('the append failed'))
    await expect(first).rejects.toThrow('the append failed')
    expect(await second).toEqual([letter(50n)])
  })

  it('are forgotten when the log has forgotten the letters', async () => {
    await claimRedrives(db, [letter(70n, Date.now() - 100_000)], { again: false })
    await db.query(
      `update dead_letter_redrives set redriven_at = now() - interval '50 s' where record_offset = 70`,
    )
    await forgetRedrives(db, new Date(Date.now() - 80_000))
    expect(await findRedrives(db, [letter(70n, 0)])).toEqual([])
    const [left] = await db.query<{ n: number }>(
      'select count(*)::int n from dead_letter_redrives where record_offset = 70',
    )
    expect(left?.n).toBe(1)
    await forgetRedrives(db, new Date(Date.now() - 20_000))
    const [none] = await db.query<{ n: number }>(
      'select count(*)::int n from dead_letter_redrives where record_offset = 70',
    )
    expect(none?.n).toBe(0)
  })
})
