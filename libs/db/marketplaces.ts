import type { Database } from './database.ts'

/** A marketplace to keep products in step with. */
export interface EnabledMarketplace {
  readonly marketplaceId: string
  readonly countryCode: string
}

/** Parked rows that one statement wakes. */
const WAKE_BATCH = 5_000

/**
 * Makes these the enabled marketplaces. What the others still have to do is not lost: a claim parks it when its time
 * comes (see `claimDue`), and it is due again when its marketplace is enabled again.
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
  })
  let woken: readonly unknown[]
  do woken = await db.query(wakeSql, [ids, WAKE_BATCH])
  while (woken.length > 0)
}

// Products before their sync rows and by id, as in every other writer.
const wakeSql = `
  with parked as materialized (
    select s.product_id, s.marketplace_id from product_syncs s join products p on p.id = s.product_id
     where s.marketplace_id = any ($1::text[]) and s.state in ('pending', 'queued') and s.next_attempt_at = 'infinity'
     order by s.product_id, s.marketplace_id
     limit $2
       for no key update of p, s)
  update product_syncs s set next_attempt_at = now() from parked
   where s.product_id = parked.product_id and s.marketplace_id = parked.marketplace_id
  returning 1`

/** Enabled marketplaces, by id. */
export async function enabledMarketplaces(db: Database): Promise<readonly EnabledMarketplace[]> {
  return db.query<EnabledMarketplace & Record<string, unknown>>(
    `select marketplace_id as "marketplaceId", country_code as "countryCode" from marketplaces where enabled order by 1`,
  )
}

/**
 * Gives products that have no row in an enabled marketplace one, a batch of products at a time: those that were there
 * before it was enabled, and those whose insertion was under way at that moment. Products that somebody has locked are
 * left for the next call; call it now and then. When nothing is missing it costs a look at the counts. Resolves to how many rows were
 * added.
 */
export async function backfillMarketplaces(db: Database, batchSize: number): Promise<number> {
  if (!(await anyMissing(db))) return 0
  let added = 0
  let after: string | null = null
  do {
    const [page]: readonly { last: string | null; added: string }[] = await db.query<{
      last: string | null
      added: string
    }>(backfillSql, [after, batchSize])
    after = page?.last ?? null
    added += Number(page?.added ?? 0)
  } while (after !== null)
  return added
}

/** The counts are exact, so a marketplace that has fewer rows than there are products lacks some. */
async function anyMissing(db: Database): Promise<boolean> {
  const [row] = await db.query<{ missing: boolean }>(
    `select exists (select 1 from marketplaces m
       left join (select marketplace_id, sum(n) as n from sync_state_counts group by 1) c using (marketplace_id)
      where m.enabled and coalesce(c.n, 0) <> (select coalesce(sum(n), 0) from product_counts)) as missing`,
  )
  return row?.missing ?? false
}

const backfillSql = `
  with page as materialized (
    select id from products where $1::uuid is null or id > $1 order by id limit $2),
  missing as materialized (
    select p.id, m.marketplace_id from page join products p using (id) cross join marketplaces m
     where m.enabled and not exists (
       select 1 from product_syncs s where s.product_id = p.id and s.marketplace_id = m.marketplace_id)
     order by p.id
       for no key update of p skip locked),
  new as (
    insert into product_syncs (product_id, marketplace_id) select id, marketplace_id from missing
      on conflict do nothing returning 1)
  select (select id from page order by id desc limit 1) as last, (select count(*) from new) as added`
