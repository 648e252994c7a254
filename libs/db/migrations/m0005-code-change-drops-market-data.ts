import { Migration } from '@mikro-orm/migrations'

/**
 * What Amazon told of a code goes with the code. It used to stay until the next answer, which never comes for a code
 * that can not be looked up: the product then showed another item's figures, chosen ASIN and all.
 */
export class M0005CodeChangeDropsMarketData extends Migration {
  override name = 'm0005-code-change-drops-market-data'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const statements = [
  // As in m0004, but for the delete.
  `create or replace function products_updated() returns trigger language plpgsql as $$
  declare
    ids uuid[];
  begin
    -- What a new code does to its row, see products_upc_changing. Most updates of products change no code.
    if not exists (select 1 from after where sync_status = 'pending' and gtin14 is null) then return null; end if;
    select array_agg(id) into ids from before b full join after a using (id) where a.upc is distinct from b.upc;
    -- The update that the accounting itself makes would come back here for ever.
    if ids is null then return null; end if;
    delete from amazon_market_data where product_id = any (ids);
    update product_syncs s set
        state = 'pending', attempt = s.attempt + 1, failures = 0, queued_at = null,
        next_attempt_at = case when m.enabled then now() else 'infinity' end,
        job_id = case when s.state in ('pending', 'queued') then s.job_id end
      from marketplaces m
     where s.product_id = any (ids) and m.marketplace_id = s.marketplace_id;
    return null;
  end $$`,

  // What stayed behind so far.
  `delete from amazon_market_data d using products p
    where d.product_id = p.id and p.sync_status in ('invalid', 'restricted')`,
]
