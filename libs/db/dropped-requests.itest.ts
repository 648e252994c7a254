import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue } from './claims.ts'
import type { Database } from './database.ts'
import { DroppedRequests } from './dropped-requests.ts'
import { steerJob } from './job-actions.ts'
import { expandNextJob } from './job-expansion.ts'
import { giveBackJobs } from './job-holding.ts'
import { endJobs } from './job-progress.ts'
import { createJob } from './jobs.ts'
import { addProducts, openTestDatabase, US } from './testing.ts'

describeWith(['postgres'], 'requests that nobody waits for', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  const open = (more: Partial<ConstructorParameters<typeof DroppedRequests>[0]> = {}) =>
    new DroppedRequests({
      db,
      queuedTimeoutMs: 60_000,
      onError(error) {
        throw error
      },
      ...more,
    })
  const cancelSome = async (): Promise<readonly ClaimedProduct[]> => {
    await addProducts(db, 4)
    await db.query(`update product_syncs set state = 'success'`)
    const id = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    while (await expandNextJob(db, 100)) {}
    const claims: ClaimedProduct[] = []
    await claimDue(db, { limit: 3, queuedTimeoutMs: 60_000 }, async (rows) => void claims.push(...rows))
    await steerJob(db, id, 'cancel')
    await giveBackJobs(db, 100)
    await endJobs(db)
    return claims
  }

  it('are those of a cancelled sync, and of products that are gone; not those of a claim under way', async () => {
    const claims = await cancelSome()
    expect(await open().of(claims)).toEqual(new Set([0, 1, 2]))
    await db.query(`update product_syncs set state = 'pending', next_attempt_at = now()`)
    await claimDue(db, { limit: 10, queuedTimeoutMs: 60_000 }, async (underWay) => {
      expect(await open().of(underWay)).toEqual(new Set())
    })
    const again = claims.map((one) => ({ ...one, attempt: one.attempt + 1 }))
    expect(await open().of(again)).toEqual(new Set())
    expect(await open().of(claims)).toEqual(new Set([0, 1, 2]))
    await db.query('delete from products where id = $1', [claims[1]?.productId])
    expect(await open().of(again)).toEqual(new Set([1]))
  })

  it('are looked for only after a sync was cancelled, and for as long as its requests may be on the log', async () => {
    const claims = await cancelSome()
    const asked: string[] = []
    const watched = {
      query: (sql: string, parameters?: readonly unknown[]) => {
        asked.push(sql)
        return db.query(sql, parameters)
      },
    } as Database
    let now = 0
    const dropped = open({ db: watched, queuedTimeoutMs: 0, now: () => now })
    for (let i = 0; i < 5; i++) expect(await dropped.of(claims)).toEqual(new Set())
    expect(asked).toHaveLength(1)
    now += 1_000
    await dropped.of(claims)
    expect(asked).toHaveLength(2)
  })

  it('are none while the database can not be asked, which is then left alone', async () => {
    let asked = 0
    const errors: unknown[] = []
    const away = {
      query: () => {
        asked++
        return Promise.reject(new Error('away'))
      },
    } as unknown as Database
    const dropped = open({ db: away, onError: (error) => errors.push(error) })
    const request = { productId: '00000000-0000-4000-8000-000000000000', marketplaceId: US, attempt: 1 }
    for (let i = 0; i < 3; i++) expect(await dropped.of([request])).toEqual(new Set())
    expect([asked, errors.length]).toEqual([1, 1])
  })
})
