import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { openTestDatabase, US } from '#libs/db/testing.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { compareWithTruth, type Truth } from './truth.ts'

const rows = [...generateProducts({ seed: 3, count: 60, asinsPerUpc: 1.1, notFound: 0.1, damaged: 0.1 })]

describeWith(['postgres'], 'the checker of the measurements', () => {
  let database: TestDatabase
  let db: Database
  let nth = 0
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await upsertProducts(db, rows)
    await db.query(
      `update product_syncs s set state = e.state, attempt = 1, synced_at = now()
         from products p join unnest($1::text[], $2::text[]) e (sku, state) using (sku) where p.id = s.product_id`,
      [rows.map(({ sku }) => sku), rows.map(({ expected }) => expected)],
    )
    await db.query(
      `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, observed_at, operation)
         select p.id, $3, e.asin, true, 1, '[]', now(), 'test'
           from products p join unnest($1::text[], $2::text[]) e (sku, asin) using (sku) where e.asin is not null`,
      [rows.map(({ sku }) => sku), rows.map(({ expectedAsin }) => expectedAsin), US],
    )
    await db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, 1, now(), state from product_syncs`,
    )
  })
  afterAll(async () => {
    await db?.close()
    await database.drop()
  })

  const good = {
    wrongProducts: 0,
    lost: 0,
    attempts: 60,
    logRows: 60,
    missingEffects: 0,
    duplicateEffects: 0,
  }
  /** Each time another product that Amazon has. */
  const aProduct = () => rows.filter(({ expectedAsin }) => expectedAsin !== null)[nth++]!.sku

  /** Checks what is found with the harm done, and takes that back. */
  const planted = async (harm: string, skus: readonly string[], difference: Partial<Truth>) => {
    const undo = new Error('undo')
    const checked = db.transaction(async (tx) => {
      await tx.query(harm, [...skus])
      expect(await compareWithTruth(tx, rows)).toMatchObject({ ...good, ...difference })
      throw undo
    })
    await expect(checked).rejects.toBe(undo)
  }

  it('finds nothing where nothing is wrong', async () => {
    expect(await compareWithTruth(db, rows)).toMatchObject(good)
  })

  it.each([
    [
      'a product that is still waited for',
      { wrongProducts: 1, lost: 1 },
      `update product_syncs s set state = 'pending'`,
    ],
    ['an answer that was lost', { wrongProducts: 1 }, 'delete from amazon_market_data s'],
    [
      'yesterday’s item over the one of today',
      { wrongProducts: 1 },
      `update amazon_market_data s set asin = 'B0YESTERDA'`,
    ],
    ['an effect that was lost', { logRows: 59, missingEffects: 1 }, 'delete from sync_logs s'],
    [
      'an effect of an attempt that nobody made',
      { logRows: 61, duplicateEffects: 1 },
      `insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result)
         select product_id, marketplace_id, 2, now(), result from sync_logs s`,
    ],
  ])('catches %s', async (_, difference, plant) => {
    await planted(
      `${plant} where s.product_id = (select id from products where sku = $1)`,
      [aProduct()],
      difference,
    )
  })

  it('does not let an effect that was lost hide one that is there twice', async () => {
    await planted(
      `update sync_logs set product_id = (select id from products where sku = $2), attempt = 2
        where product_id = (select id from products where sku = $1)`,
      [aProduct(), aProduct()],
      { missingEffects: 1, duplicateEffects: 1 },
    )
  })
})
