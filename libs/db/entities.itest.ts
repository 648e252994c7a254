import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Database } from './database.ts'
import { entities, Product, ProductSync } from './entities.ts'
import { addProducts, openTestDatabase, US } from './testing.ts'

describeWith(['postgres'], 'entities', () => {
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

  it('read what the set-based statements write', async () => {
    await addProducts(db, 1, { brand: 'Acme', packQuantity: 2 })
    const em = db.em()
    const product = await em.findOneOrFail(Product, { sku: 'S1' })
    expect(product).toMatchObject({
      brand: 'Acme',
      packQuantity: 2,
      syncStatus: 'pending',
      lastAmazonSync: null,
    })
    const sync = await em.findOneOrFail(ProductSync, { productId: product.id, marketplaceId: US })
    expect(sync).toMatchObject({ state: 'pending', attempt: 0, failures: 0 })
  })

  it('name every column of their tables, and none that is not there', async () => {
    const all = [...db.em().getMetadata().getAll().values()]
    expect(all).toHaveLength(entities.length)
    for (const { tableName, props } of all) {
      const columns = await db.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [tableName],
      )
      const mapped = props.flatMap((property) => property.fieldNames)
      expect(new Set(mapped), tableName).toEqual(new Set(columns.map(({ name }) => name)))
    }
  })
})
