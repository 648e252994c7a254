import type { Database } from './database.ts'

/** A marketplace to keep products in step with. */
export interface EnabledMarketplace {
  readonly marketplaceId: string
  readonly countryCode: string
}

/**
 * Makes these the enabled marketplaces. Rows that others still have under way are parked, not lost: they are due again
 * when their marketplace is enabled again.
 */
export async function enableMarketplaces(
  db: Database,
  marketplaces: readonly EnabledMarketplace[],
): Promise<void> {
  const ids = marketplaces.map((m) => m.marketplaceId)
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into marketplaces (marketplace_id, country_code)
         select * from unnest($1::text[], $2::text[])
         on conflict (marketplace_id) do update set enabled = true, country_code = excluded.country_code
         where not marketplaces.enabled or marketplaces.country_code <> excluded.country_code`,
      [ids, marketplaces.map((m) => m.countryCode)],
    )
    await tx.query(
      `update marketplaces set enabled = false where enabled and marketplace_id <> all ($1::text[])`,
      [ids],
    )
    await tx.query(
      `update product_syncs s set next_attempt_at = 'infinity' from marketplaces m
        where m.marketplace_id = s.marketplace_id and not m.enabled
          and s.state in ('pending', 'queued') and s.next_attempt_at <> 'infinity'`,
    )
    await tx.query(
      `update product_syncs s set next_attempt_at = now()
        where s.marketplace_id = any ($1::text[]) and s.state in ('pending', 'queued') and s.next_attempt_at = 'infinity'`,
      [ids],
    )
  })
}

/** Enabled marketplaces, by id. */
export async function enabledMarketplaces(db: Database): Promise<readonly EnabledMarketplace[]> {
  return db.query<EnabledMarketplace & Record<string, unknown>>(
    `select marketplace_id as "marketplaceId", country_code as "countryCode" from marketplaces where enabled order by 1`,
  )
}

/**
 * Gives products that were there before a marketplace was enabled their row in it, a batch of products at a time.
 * Resolves to how many rows were added.
 */
export async function backfillMarketplaces(db: Database, batchSize: number): Promise<number> {
  let added = 0
  let after: string | null = null
  do {
    const [page]: readonly { last: string | null; added: string }[] = await db.query<{
      last: string | null
      added: string
    }>(
      `with page as materialized (
         select id from products where $1::uuid is null or id > $1 order by id limit $2),
       missing as (
         select page.id, m.marketplace_id from page cross join marketplaces m
          where m.enabled and not exists (
            select 1 from product_syncs s where s.product_id = page.id and s.marketplace_id = m.marketplace_id)),
       new as (
         insert into product_syncs (product_id, marketplace_id) select id, marketplace_id from missing
           on conflict do nothing returning 1)
       select (select id from page order by id desc limit 1) as last, (select count(*) from new) as added`,
      [after, batchSize],
    )
    after = page?.last ?? null
    added += Number(page?.added ?? 0)
  } while (after !== null)
  return added
}
