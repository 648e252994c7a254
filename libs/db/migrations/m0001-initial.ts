import { Migration } from '@mikro-orm/migrations'

/**
 * The first schema. Hot tables leave room on their pages (fillfactor) and carry no index on a column that changes with
 * every sync, so that most updates stay heap-only; the one exception is the partial index that due rows are found by.
 */
export class M0001Initial extends Migration {
  override name = 'm0001-initial'

  override up(): void {
    for (const statement of [...tables, ...functions]) this.addSql(statement)
  }

  override down(): void {
    this.addSql(`drop table if exists consumer_offsets, sync_job_counts, sync_state_counts, sync_jobs, sync_logs,
      amazon_market_data, product_syncs, marketplaces, products cascade`)
    this.addSql(`drop function if exists products_inserted(), products_upc_changing(), products_upc_changed(),
      products_deleted(), product_syncs_inserted(), product_syncs_updated(), product_syncs_deleted(),
      refresh_product_status(uuid[]) cascade`)
  }
}

const tables = [
  `create table products (
    id uuid primary key default gen_random_uuid(),
    sku varchar(255) not null,
    upc varchar(64),
    title text,
    brand varchar(255),
    supplier varchar(255),
    category varchar(255),
    pack_quantity int check (pack_quantity > 0),
    gtin14 char(14),
    upc_repair varchar(64),
    sync_status varchar(20) not null default 'pending',
    last_amazon_sync timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint products_sku_unique unique (sku),
    constraint products_sync_status_check check (sync_status in
      ('pending', 'queued', 'success', 'not_found', 'ambiguous', 'invalid', 'restricted', 'error'))
  ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`,
  `create index products_supplier on products (supplier, id)`,
  `create index products_brand on products (brand, id)`,
  `create index products_category on products (category, id)`,
  `create index products_upc on products (upc)`,

  `create table marketplaces (
    marketplace_id varchar(20) primary key,
    country_code varchar(2) not null,
    enabled boolean not null default true,
    created_at timestamptz not null default now()
  )`,

  // next_attempt_at is also the lease of a queued row: past it the row is due again, whatever became of its request.
  `create table product_syncs (
    product_id uuid not null references products (id) on delete cascade,
    marketplace_id varchar(20) not null references marketplaces (marketplace_id),
    state varchar(20) not null default 'pending' constraint product_syncs_state_check check (state in
      ('pending', 'queued', 'success', 'not_found', 'ambiguous', 'invalid', 'restricted', 'error')),
    attempt int not null default 0,
    failures int not null default 0,
    next_attempt_at timestamptz not null default now(),
    queued_at timestamptz,
    synced_at timestamptz,
    last_result varchar(20),
    last_reason text,
    job_id uuid,
    primary key (product_id, marketplace_id)
  ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`,
  `create index product_syncs_due on product_syncs (next_attempt_at) where state in ('pending', 'queued')`,
  `create index product_syncs_exceptions on product_syncs (state, product_id)
    where state in ('not_found', 'ambiguous', 'invalid', 'restricted', 'error')`,

  `create table amazon_market_data (
    product_id uuid not null,
    marketplace_id varchar(20) not null,
    asin varchar(10) not null,
    chosen boolean not null,
    score double precision not null,
    reasons jsonb not null,
    title text,
    brand text,
    product_type text,
    item_classification varchar(32),
    package_quantity int,
    sales_rank bigint,
    sales_rank_category text,
    image_url text,
    dimensions jsonb,
    price numeric(12, 2),
    currency char(3),
    shipping numeric(12, 2),
    fulfillment_channel varchar(8),
    featured_offer_price numeric(12, 2),
    lowest_price numeric(12, 2),
    offer_count int,
    price_observed_at timestamptz,
    price_operation varchar(100),
    observed_at timestamptz not null,
    operation varchar(100) not null,
    primary key (product_id, marketplace_id, asin)
  ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`,
  `create index amazon_market_data_asin on amazon_market_data (asin, marketplace_id)`,

  `create table sync_logs (
    product_id uuid not null,
    marketplace_id varchar(20) not null,
    attempt int not null,
    occurred_at timestamptz not null,
    result varchar(20) not null,
    reason text,
    response_time_ms int,
    duration_ms int,
    amazon_request_id varchar(100),
    http_status smallint,
    job_id uuid,
    primary key (product_id, marketplace_id, attempt)
  )`,
  `create index sync_logs_occurred_at on sync_logs using brin (occurred_at) with (pages_per_range = 32, autosummarize = on)`,

  `create table sync_jobs (
    id uuid primary key default gen_random_uuid(),
    state varchar(20) not null default 'queued' constraint sync_jobs_state_check check (state in
      ('queued', 'running', 'complete', 'failed')),
    filter jsonb not null default '{}',
    marketplaces text[] not null,
    requested_by varchar(255) not null,
    expanded boolean not null default false,
    expansion_cursor uuid,
    error text,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
  )`,
  `create index sync_jobs_open on sync_jobs (created_at) where state in ('queued', 'running')`,
  `create index sync_jobs_created_at on sync_jobs (created_at, id)`,

  // Deltas, never updated in place: no hot row, no lock between writers. product-change folds them now and then.
  `create table sync_state_counts (marketplace_id varchar(20) not null, state varchar(20) not null, n bigint not null)`,
  `create table sync_job_counts (job_id uuid not null, outcome varchar(20) not null, n bigint not null)`,
  `create index sync_job_counts_job on sync_job_counts (job_id)`,

  `create table consumer_offsets (
    consumer_group varchar(255) not null,
    topic varchar(255) not null,
    partition int not null,
    next_offset bigint not null,
    updated_at timestamptz not null default now(),
    primary key (consumer_group, topic, partition)
  ) with (fillfactor = 50)`,
]

/** Precedence of states when a product has several marketplaces; docs/architecture.md names the same order. */
const precedence = `array['pending', 'queued', 'error', 'ambiguous', 'success', 'not_found', 'restricted', 'invalid']::varchar[]`

const functions = [
  `create function refresh_product_status(ids uuid[]) returns void language sql as $$
    update products p set sync_status = s.state, last_amazon_sync = s.synced_at
      from (select product_id, max(synced_at) as synced_at,
                   (array_agg(state order by array_position(${precedence}, state)))[1] as state
              from product_syncs where product_id = any (ids) group by product_id) s
     where p.id = s.product_id
       and (p.sync_status, p.last_amazon_sync) is distinct from (s.state, s.synced_at)
  $$`,

  // A new product is due in every enabled marketplace, whoever wrote the row.
  `create function products_inserted() returns trigger language plpgsql as $$
  begin
    insert into product_syncs (product_id, marketplace_id)
      select i.id, m.marketplace_id from inserted i cross join marketplaces m where m.enabled
      on conflict do nothing;
    return null;
  end $$`,
  `create trigger products_inserted after insert on products
    referencing new table as inserted for each statement execute function products_inserted()`,

  // What was derived from the old code does not hold for the new one.
  `create function products_upc_changing() returns trigger language plpgsql as $$
  begin
    new.gtin14 := null;
    new.upc_repair := null;
    new.sync_status := 'pending';
    return new;
  end $$`,
  `create trigger products_upc_changing before update on products for each row
    when (old.upc is distinct from new.upc) execute function products_upc_changing()`,

  // attempt + 1: an answer for the old code that is still under way finds nothing to do.
  // A finished job does not count the product again; one that is under way counts it when the new code is done.
  `create function products_upc_changed() returns trigger language plpgsql as $$
  begin
    insert into product_syncs (product_id, marketplace_id)
      select new.id, m.marketplace_id from marketplaces m where m.enabled
      on conflict (product_id, marketplace_id) do update set
        state = 'pending', attempt = product_syncs.attempt + 1, failures = 0, next_attempt_at = now(), queued_at = null,
        job_id = case when product_syncs.state in ('pending', 'queued') then product_syncs.job_id end;
    return null;
  end $$`,
  `create trigger products_upc_changed after update on products for each row
    when (old.upc is distinct from new.upc) execute function products_upc_changed()`,

  `create function products_deleted() returns trigger language plpgsql as $$
  begin
    delete from amazon_market_data d using deleted x where d.product_id = x.id;
    delete from sync_logs l using deleted x where l.product_id = x.id;
    return null;
  end $$`,
  `create trigger products_deleted after delete on products
    referencing old table as deleted for each statement execute function products_deleted()`,

  `create function product_syncs_inserted() returns trigger language plpgsql as $$
  begin
    insert into sync_state_counts (marketplace_id, state, n)
      select marketplace_id, state, count(*) from inserted group by marketplace_id, state;
    insert into sync_job_counts (job_id, outcome, n)
      select job_id, 'total', count(*) from inserted where job_id is not null group by job_id;
    perform refresh_product_status(array(select distinct product_id from inserted));
    return null;
  end $$`,
  `create trigger product_syncs_inserted after insert on product_syncs
    referencing new table as inserted for each statement execute function product_syncs_inserted()`,

  `create function product_syncs_updated() returns trigger language plpgsql as $$
  begin
    insert into sync_state_counts (marketplace_id, state, n)
      select marketplace_id, state, sum(n) from (
        select marketplace_id, state, count(*) as n from after group by marketplace_id, state
        union all
        select marketplace_id, state, -count(*) from before group by marketplace_id, state) d
      group by marketplace_id, state having sum(n) <> 0;
    insert into sync_job_counts (job_id, outcome, n)
      select job_id, outcome, count(*) from (
        select b.job_id, case when a.job_id is distinct from b.job_id then 'superseded' else a.state end as outcome
          from before b join after a using (product_id, marketplace_id)
         where b.job_id is not null and b.state in ('pending', 'queued')
           and (a.job_id is distinct from b.job_id or a.state not in ('pending', 'queued'))
        union all
        select a.job_id, 'total'
          from before b join after a using (product_id, marketplace_id)
         where a.job_id is not null and a.job_id is distinct from b.job_id) o
      group by job_id, outcome;
    perform refresh_product_status(array(
      select distinct a.product_id from before b join after a using (product_id, marketplace_id)
       where (a.state, a.synced_at) is distinct from (b.state, b.synced_at)));
    return null;
  end $$`,
  `create trigger product_syncs_updated after update on product_syncs
    referencing old table as before new table as after for each statement execute function product_syncs_updated()`,

  `create function product_syncs_deleted() returns trigger language plpgsql as $$
  begin
    insert into sync_state_counts (marketplace_id, state, n)
      select marketplace_id, state, -count(*) from deleted group by marketplace_id, state;
    insert into sync_job_counts (job_id, outcome, n)
      select job_id, 'deleted', count(*) from deleted
       where job_id is not null and state in ('pending', 'queued') group by job_id;
    return null;
  end $$`,
  `create trigger product_syncs_deleted after delete on product_syncs
    referencing old table as deleted for each statement execute function product_syncs_deleted()`,
]
