import { Migration } from '@mikro-orm/migrations'

/** How many products there are, without counting a million of them every minute. */
export class M0007ProductCounts extends Migration {
  override name = 'm0007-product-counts'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const statements = [
  // Deltas as in sync_state_counts, folded by product-change.
  `create table product_counts (n bigint not null)
    with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000)`,
  // Nobody adds a product between the count and the triggers that carry it on.
  'lock table products in share row exclusive mode',
  'insert into product_counts select count(*) from products',

  `create or replace function products_inserted() returns trigger language plpgsql as $$
  begin
    insert into product_counts select count(*) from inserted having count(*) > 0;
    insert into product_syncs (product_id, marketplace_id)
      select i.id, m.marketplace_id from inserted i cross join marketplaces m where m.enabled
      on conflict do nothing;
    return null;
  end $$`,
  `create or replace function products_deleted() returns trigger language plpgsql as $$
  declare
    ids uuid[] := array(select id from deleted);
  begin
    insert into product_counts select -count(*) from deleted having count(*) > 0;
    delete from amazon_market_data where product_id = any (ids);
    delete from sync_logs where product_id = any (ids);
    return null;
  end $$`,
  `create or replace function products_truncated() returns trigger language plpgsql as $$
  begin
    delete from product_counts;
    truncate amazon_market_data, sync_logs;
    return null;
  end $$`,
]
