import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { type Database, openDatabase } from './database.ts'
import { tryLead, wakeProductChange } from './wake.ts'

describeWith(['postgres'], 'leading product-change', () => {
  let database: TestDatabase
  let one: Database
  let two: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    one = await openDatabase({ url: database.url, poolSize: 3 })
    two = await openDatabase({ url: database.url, poolSize: 3 })
  })
  afterEach(async () => {
    await one.close()
    await two.close()
    await database.drop()
  })

  it('has one leader; another takes over when it lets go', async () => {
    const first = await tryLead(one)
    expect(first).not.toBeNull()
    expect(await tryLead(two)).toBeNull()
    await first?.release()
    const second = await waitFor(async () => (await tryLead(two)) ?? undefined, {
      what: 'a new leader',
      timeoutMs: 5_000,
    })
    await second.release()
  })

  it('tells a leader whose connection has ended, and lets another lead', async () => {
    const first = await tryLead(one)
    await two.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()`,
    )
    await waitFor(async () => first?.lost.aborted, { what: 'the loss to be noticed', timeoutMs: 5_000 })
    const second = await waitFor(async () => (await tryLead(two)) ?? undefined, {
      what: 'a new leader',
      timeoutMs: 5_000,
    })
    await second.release()
    await first?.release()
  })

  it('hears a wake-up from another connection', async () => {
    const leadership = await tryLead(one)
    let woken = 0
    leadership?.onWake(() => woken++)
    await wakeProductChange(two)
    await waitFor(async () => woken > 0, { what: 'the notice', timeoutMs: 5_000 })
    await leadership?.release()
  })
})
