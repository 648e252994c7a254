import type { Database } from '#libs/db/database.ts'

/** Loses and spoils rows of every table that a replay mends, as a wrong statement by hand or a defect would. */
export async function damage(db: Database): Promise<void> {
  for (const statement of statements) await db.query(statement)
}

/** One product in three, by its id. */
const third = (column: string, which: number): string => `(hashtext(${column}::text) & 1023) % 3 = ${which}`

const statements = [
  `delete from amazon_market_data where ${third('product_id', 0)}`,
  `update amazon_market_data set title = 'spoilt', score = 0, chosen = false where ${third('product_id', 1)}`,
  `update amazon_market_data set price = 1, lowest_price = null, offers_observed_at = null
    where ${third('product_id', 2)} and chosen`,
  // A candidate that Amazon never told of.
  `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, observed_at, operation)
     select product_id, marketplace_id, 'B0SPOILT00', false, 1, '[]', synced_at - interval '1 day', 'none'
       from product_syncs where synced_at is not null and ${third('product_id', 1)}`,
  `update product_syncs set state = 'error', last_result = 'failed', last_reason = 'spoilt', failures = 5
    where ${third('product_id', 2)}`,
  `update products set gtin14 = null, upc_repair = null where ${third('id', 0)}`,
  `delete from offer_syncs where ${third('asin', 0)}`,
  `update offer_syncs set observation = null, observed_at = null where ${third('asin', 1)} and level = 'price'`,
  `update offer_syncs set observation = jsonb_set(observation, '{featured}', 'null'), state = 'error'
    where ${third('asin', 2)} and level = 'offers'`,
  `delete from pricing_history where ${third('asin', 1)}`,
]
