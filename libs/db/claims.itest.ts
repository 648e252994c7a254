import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { type ClaimedProduct, claimDue, countQueued, nextDueInMs } from './claims.ts'
import type { Database } from './database.ts'
import { addProducts, openTestDatabase, syncRow } from './testing.ts'

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}
const removed = (node: PlanNode): number => node['Rows Removed by Filter'] ?? 0

describeWith(['postgres'], 'claims', () => {
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

  const claim = async (limit = 100, queuedTimeoutMs = 60_000): Promise<ClaimedProduct[]> => {
    const all: ClaimedProduct[] = []
    await claimDue(db, { limit, queuedTimeoutMs }, async (claimed) => void all.push(...claimed))
    return all
  }

  it('claims new products once, with what matching needs', async () => {
    await addProducts(db, 3, { brand: 'Acme', packQuantity: 2 })
    const claimed = await claim()
    expect(claimed).toHaveLength(3)
    expect(claimed[0]).toMatchObject({ attempt: 1, brand: 'Acme', packQuantity: 2, requeued: false })
    expect(await claim()).toEqual([])
    expect(await countQueued(db)).toBe(3)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'queued', sync_status: 'queued', attempt: 1 })
  })

  it('marks nothing when the append fails', async () => {
    await addProducts(db, 2)
    const failing = claimDue(db, { limit: 10, queuedTimeoutMs: 60_000 }, async () => {
      throw new Error('the log is away')
    })
    await expect(failing).rejects.toThrow('the log is away')
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'pending', attempt: 0 })
    expect(await claim()).toHaveLength(2)
  })

  it('claims a row again when its lease has run out, as a new attempt', async () => {
    await addProducts(db, 1)
    await claim(1, 0)
    const again = await claim()
    expect(again).toMatchObject([{ attempt: 2, requeued: true }])
  })

  it('shares due rows between claimers and gives none to both', async () => {
    await addProducts(db, 40)
    const claims = await Promise.all(Array.from({ length: 4 }, () => claim(15)))
    const ids = claims.flat().map((claimed) => claimed.productId)
    const rest = await claim()
    expect(new Set([...ids, ...rest.map((claimed) => claimed.productId)]).size).toBe(40)
    expect(ids.length + rest.length).toBe(40)
  })

  it('claims what is due with the same code along with it, side by side, so that one lookup serves them all', async () => {
    await addProducts(db, 60)
    await db.query(`update products set upc = '100001' where sku in ('S40', 'S60')`)
    await db.query(`update product_syncs set next_attempt_at = now() - interval '1 hour' where product_id =
      (select id from products where sku = 'S2')`)
    const codes = (await claim(2)).map(({ upc }) => upc)
    expect(codes.filter((code) => code === '100001')).toHaveLength(3)
    expect(codes).toEqual(codes.toSorted(compare))
    const rest = (await claim()).map(({ upc }) => upc)
    expect(rest).toHaveLength(56)
    expect(rest).toEqual(rest.toSorted(compare))
  })

  it('takes of a code that very many carry no more than as many again', async () => {
    await addProducts(db, 50, { upc: '000000000000' })
    expect(await claim(5)).toHaveLength(10)
    expect(await claim(100)).toHaveLength(40)
  })

  it('does not read all that carry a code when very many do: "N/A" is one in many lists', async () => {
    await db.query(`insert into products (sku, upc) select 'S' || i, 'N/A' from generate_series(1, 6000) i`)
    await db.query(`update product_syncs set state = 'invalid' where product_id not in
      (select id from products order by id limit 200)`)
    let read = 0
    const count = (node: PlanNode): void => {
      if (node['Relation Name']) read += node['Actual Loops'] * (node['Actual Rows'] + removed(node))
      for (const part of node.Plans ?? []) count(part)
    }
    const explained: Database = {
      ...db,
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            async query(sql, parameters) {
              if (sql.startsWith('set ')) return tx.query(sql)
              const rows = await tx.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
                `explain (analyze, format json) ${sql}`,
                parameters,
              )
              for (const row of rows) count(row['QUERY PLAN'][0].Plan)
              return []
            },
          }),
        ),
    }
    await claimDue(explained, { limit: 100, queuedTimeoutMs: 60_000 }, async () => {})
    expect(read).toBeGreaterThan(100)
    expect(read).toBeLessThan(2_000)
  })

  it('leaves those of the same code alone that are not due, or due in another marketplace only', async () => {
    await addProducts(db, 3, { upc: '036000291452' })
    await db.query(`update product_syncs set next_attempt_at = now() + interval '1 hour' where product_id =
      (select id from products where sku = 'S2')`)
    await db.query(
      `update product_syncs set state = 'success' where product_id = (select id from products where sku = 'S3')`,
    )
    expect(await claim(1)).toHaveLength(1)
    expect(await syncRow(db, 'S2')).toMatchObject({ state: 'pending' })
    expect(await syncRow(db, 'S3')).toMatchObject({ state: 'success' })
  })

  it('skips a product that somebody has locked and takes it later', async () => {
    await addProducts(db, 2)
    await db.transaction(async (tx) => {
      await tx.query(`update products set title = 'being edited' where sku = 'S1'`)
      expect(await claim()).toHaveLength(1)
    })
    expect(await claim()).toHaveLength(1)
  })

  it('makes a product due again when its code changes, whoever writes it, and not when the title does', async () => {
    await addProducts(db, 1)
    await claim()
    await db.query(`update products set title = 'new title'`)
    expect(await syncRow(db, 'S1')).toMatchObject({ state: 'queued', attempt: 1 })
    await db.query(`update products set upc = '036000291452'`)
    expect(await syncRow(db, 'S1')).toMatchObject({
      state: 'pending',
      sync_status: 'pending',
      attempt: 2,
      due: true,
    })
    expect(await claim()).toMatchObject([{ upc: '036000291452', attempt: 3 }])
  })

  it('says when the next row is due', async () => {
    expect(await nextDueInMs(db)).toBeNull()
    await addProducts(db, 1)
    expect(await nextDueInMs(db)).toBe(0)
    await db.query(`update product_syncs set next_attempt_at = now() + interval '10 minutes'`)
    expect(await nextDueInMs(db)).toBeGreaterThan(500_000)
  })
})

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '', 'en')
}
