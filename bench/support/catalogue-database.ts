import { type Database, openDatabase } from '#libs/db/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { enableMarketplaces } from '#libs/db/marketplaces.ts'
import { migrate } from '#libs/db/migrate.ts'

export const US = 'ATVPDKIKX0DER'

/** Products that one statement inserts: what the triggers hold in memory stays small. */
const BATCH = 20_000

export interface CatalogueDatabase {
  readonly db: Database
  readonly server: EmbeddedPostgres
  stop(): Promise<void>
}

/** A PostgreSQL of its own in `folder`, migrated, with one marketplace; durable, as in operation. */
export async function startCatalogueDatabase(folder: string): Promise<CatalogueDatabase> {
  const server = await startEmbeddedPostgres({ dir: folder })
  try {
    await migrate(server.url)
    const db = await openDatabase({ url: server.url, statementTimeoutMs: 600_000 })
    await enableMarketplaces(db, [{ marketplaceId: US, countryCode: 'US' }])
    return {
      db,
      server,
      async stop() {
        await db.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Brings the catalogue to `count` products, all pending, by SQL as a PIM would; the triggers do their part. */
export async function addPendingProducts(db: Database, from: number, count: number): Promise<void> {
  for (let first = from + 1; first <= count; first += BATCH) {
    await db.query(
      `insert into products (id, sku, upc, title, brand, supplier, category)
         select uuidv7(), 'SKU-' || i, lpad(i::text, 12, '0'), 'Product number ' || i || ' of the catalogue',
                'brand ' || i % 997, 'supplier ' || i % 499, 'category ' || i % 101
           from generate_series($1::int, $2::int) i`,
      [first, Math.min(count, first + BATCH - 1)],
    )
  }
}

/**
 * Gives the products from `from` (excluded) to `count` the state that a synced catalogue has it in: 88 % success, 5 % not found, 3 % ambiguous,
 * 2 % error, 1 % invalid, 1 % still pending; with its market data and the log of its attempt.
 */
export async function settleProducts(db: Database, from: number, count: number): Promise<void> {
  for (let first = from + 1; first <= count; first += BATCH) {
    const range = [first, Math.min(count, first + BATCH - 1)]
    await db.query(
      `with page as materialized (
         select id, i, (case when i % 100 < 88 then 'success' when i % 100 < 93 then 'not_found' when i % 100 < 96 then 'ambiguous'
                       when i % 100 < 98 then 'error' when i % 100 < 99 then 'invalid' else 'pending' end) as state
           from (select id, substr(sku, 5)::int as i from products
                  where sku = any (array(select 'SKU-' || n from generate_series($1::int, $2::int) n))) p),
       data as (
         insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, title, sales_rank,
                                         sales_rank_category, image_url, observed_at, operation)
           select id, '${US}', 'B' || lpad(i::text, 9, '0'), true, 0.9, '["exact code"]', 'Item ' || i, i, 'Home',
                  'https://m.media-amazon.com/images/I/' || i || '.jpg', now(), 'searchCatalogItems'
             from page where state = 'success'),
       logged as (
         insert into sync_logs (product_id, marketplace_id, attempt, occurred_at, result, response_time_ms, duration_ms)
           select id, '${US}', 1, now() - interval '1 day', state, 200, 900 from page where state <> 'pending')
       update product_syncs s
          set state = page.state, attempt = 1, synced_at = now(),
              next_attempt_at = now() - (page.i % 86400) * interval '1 second'
         from page where s.product_id = page.id and page.state <> 'pending'`,
      range,
    )
  }
}
