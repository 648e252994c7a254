import type { Database } from '#libs/db/database.ts'
import { type ProductInput, upsertProducts } from '#libs/db/products.ts'
import { generateProducts, sampleOptions } from '#simulator/catalogue/generate-products.ts'

const BATCH = 1_000

/** Whether the database has any product. */
export async function hasProducts(db: Database): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>('select exists (select 1 from products) as found')
  return row?.found === true
}

/** Inserts the first `count` products of the sample catalogue: all of them, or none when the process dies meanwhile. */
export async function seedSample(db: Database, count: number): Promise<void> {
  await db.transaction(async (tx) => {
    let batch: ProductInput[] = []
    for (const { sku, upc, title, brand, supplier, category, packQuantity } of sampleProducts(count)) {
      batch.push({ sku, upc, title, brand, supplier, category, packQuantity })
      if (batch.length < BATCH) continue
      await upsertProducts(tx, batch)
      batch = []
    }
    if (batch.length > 0) await upsertProducts(tx, batch)
  })
}

/** A product that the simulator knows, for examples. */
export function exampleProduct(): { readonly upc: string; readonly brand: string } {
  for (const row of sampleProducts(1)) return row
  throw new Error('the sample catalogue is empty')
}

const sampleProducts = (count: number) => generateProducts({ ...sampleOptions, count })
