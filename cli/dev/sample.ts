import type { Database } from '#libs/db/database.ts'
import { type ProductInput, upsertProducts } from '#libs/db/products.ts'
import { generateProducts, sampleOptions } from '#simulator/catalogue/generate-products.ts'
import { UsageError } from '../failure.ts'
import type { Amazon } from './amazon.ts'
import { DEFAULT_PRODUCTS } from './options.ts'

const BATCH = 1_000
/** Kept as the comment of the table, so that it is where the data is, whatever folder or host that is moved to. */
const SIMULATED = 'asinstream dev: answered by the simulator, not by Amazon'

export interface SampleReport {
  /** Products of the sample catalogue that went in. */
  readonly seeded: number
  /** What people should know about the data that was there. */
  readonly note: string | null
}

/**
 * Fills an empty database with the sample catalogue, unless Amazon itself is asked.
 * @param wanted size of the sample catalogue
 * @throws UsageError when the simulator would invent answers for products of somebody's own
 */
export async function seedSample(
  db: Database,
  amazon: Amazon['kind'],
  wanted: number | undefined,
): Promise<SampleReport> {
  const [found] = await db.query<{ products: boolean; simulated: boolean }>(
    `select exists (select 1 from products) as products,
            obj_description('products'::regclass, 'pg_class') is not distinct from $1 as simulated`,
    [SIMULATED],
  )
  const { products = false, simulated = false } = found ?? {}
  if (amazon === 'amazon') {
    const note = 'The database has data of the simulator: --fresh, or another --data-dir, begins without it.'
    return { seeded: 0, note: products && simulated ? note : null }
  }
  if (products && !simulated) {
    throw new UsageError(
      "the database has products that were not synced with the simulator, and it would invent answers for them. Set Amazon's credentials (SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN), or choose another --data-dir or DATABASE_URL.",
    )
  }
  if (products) {
    const note = 'The database has products already: --products only fills an empty one (see --fresh).'
    return { seeded: 0, note: wanted === undefined ? null : note }
  }
  const count = wanted ?? DEFAULT_PRODUCTS
  await insertSample(db, count)
  return { seeded: count, note: null }
}

/** All of them, or none when the process dies meanwhile. */
async function insertSample(db: Database, count: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`comment on table products is '${SIMULATED}'`)
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
export function exampleProduct(): { readonly upc: string; readonly title: string; readonly brand: string } {
  for (const row of sampleProducts(1)) return row
  throw new Error('the sample catalogue is empty')
}

const sampleProducts = (count: number) => generateProducts({ ...sampleOptions, count })
