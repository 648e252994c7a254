import { type Database, openDatabase } from './database.ts'
import type { MarketDataRow } from './market-data.ts'
import { enableMarketplaces } from './marketplaces.ts'
import type { Outcome } from './outcomes.ts'
import { type ProductInput, upsertProducts } from './products.ts'

/** Helpers of this folder's integration tests. */

export const US = 'ATVPDKIKX0DER'
export const CA = 'A2EUQ1WTGCTBG2'

export async function openTestDatabase(
  url: string,
  countries: readonly ('US' | 'CA')[] = ['US'],
): Promise<Database> {
  const db = await openDatabase({ url, poolSize: 4 })
  await enableMarketplaces(
    db,
    countries.map((countryCode) => ({ countryCode, marketplaceId: countryCode === 'US' ? US : CA })),
  )
  return db
}

/** Products S1, S2, … with a code each. */
export async function addProducts(
  db: Database,
  count: number,
  more: Partial<ProductInput> = {},
): Promise<void> {
  await upsertProducts(
    db,
    Array.from({ length: count }, (_, i) => ({
      sku: `S${i + 1}`,
      upc: String(100_000 + i),
      title: `Product ${i + 1}`,
      ...more,
    })),
  )
}

export async function productId(db: Database, sku: string): Promise<string> {
  const [row] = await db.query<{ id: string }>('select id from products where sku = $1', [sku])
  if (!row) throw new Error(`no product ${sku}`)
  return row.id
}

export async function syncRow(db: Database, sku: string, marketplaceId = US) {
  const [row] = await db.query<{
    state: string
    attempt: number
    failures: number
    job_id: string | null
    sync_status: string
    gtin14: string | null
    last_amazon_sync: string | null
    due: boolean
  }>(
    `select s.state, s.attempt, s.failures, s.job_id, p.sync_status, p.gtin14, p.last_amazon_sync,
            s.next_attempt_at <= now() as due
       from products p join product_syncs s on s.product_id = p.id where p.sku = $1 and s.marketplace_id = $2`,
    [sku, marketplaceId],
  )
  if (!row) throw new Error(`no sync row for ${sku}`)
  return row
}

export const candidate = (asin: string, more: Partial<MarketDataRow> = {}): MarketDataRow => ({
  asin,
  chosen: false,
  score: 0.5,
  reasons: ['exact code'],
  title: `Item ${asin}`,
  brand: null,
  productType: null,
  itemClassification: null,
  packageQuantity: null,
  salesRank: null,
  salesRankCategory: null,
  imageUrl: null,
  dimensions: null,
  ...more,
})

export const outcome = (
  claim: { readonly productId: string; readonly marketplaceId: string; readonly attempt: number },
  more: Partial<Outcome> = {},
): Outcome => ({
  productId: claim.productId,
  marketplaceId: claim.marketplaceId,
  attempt: claim.attempt,
  result: 'success',
  reason: null,
  gtin14: '00036000291452',
  repair: null,
  observedAt: Date.now(),
  operation: 'searchCatalogItems',
  responseTimeMs: 120,
  amazonRequestId: 'request-1',
  httpStatus: 200,
  answered: true,
  candidates: [],
  ...more,
})

/**
 * Makes the database read-only, or writable again, for every session from now on, and ends those that there are: as an
 * operator or a managed service does when the disk is nearly full.
 */
export async function setReadOnly(url: string, on: boolean): Promise<void> {
  const operator = await openDatabase({ url, poolSize: 1 })
  const client = await operator.reserve()
  try {
    await client.query('set default_transaction_read_only = off')
    const name = new URL(url).pathname.slice(1)
    const change = on ? 'set default_transaction_read_only = on' : 'reset default_transaction_read_only'
    await client.query(`alter database ${name} ${change}`)
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [name],
    )
  } finally {
    client.release(true)
    await operator.close()
  }
}
