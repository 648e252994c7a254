import { Migration } from '@mikro-orm/migrations'

/** Price and fulfilment of what products matched: the queue of what is to be asked, what was told, and how it changed. */
export class M0010Offers extends Migration {
  override name = 'm0010-offers'

  override up(): void {
    for (const statement of [...tables, ...columns, ...functions]) this.addSql(statement)
  }
}

const tables = [
  // One row per ASIN, marketplace and level, however many products matched it. Rows that are due are found by priority,
  // the others by time: neither index has to hold both. Without a reference to marketplaces, which would be looked up for
  // each row on the hot path: it is that of a product's sync row, which has one.
  `create table offer_syncs (
    marketplace_id varchar(20) not null,
    asin varchar(10) not null,
    level varchar(8) not null constraint offer_syncs_level_check check (level in ('price', 'offers')),
    state varchar(10) not null default 'pending' constraint offer_syncs_state_check check (state in
      ('pending', 'queued', 'priced', 'no_price', 'not_found', 'error')),
    attempt int not null default 0,
    failures int not null default 0,
    priority bigint not null,
    next_attempt_at timestamptz not null default now(),
    queued_at timestamptz,
    sales_rank bigint,
    observed_at timestamptz,
    operation varchar(100),
    observation jsonb,
    last_result varchar(20),
    last_reason text,
    primary key (asin, marketplace_id, level)
  ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`,
  `create index offer_syncs_pending on offer_syncs (level, marketplace_id, priority) where state = 'pending'`,
  `create index offer_syncs_waiting on offer_syncs (next_attempt_at) where state <> 'pending'`,

  // As sync_state_counts and sync_rates: deltas that product-change folds, and sums of the last minutes.
  `create table offer_state_counts (
    marketplace_id varchar(20) not null,
    level varchar(8) not null,
    state varchar(10) not null,
    n bigint not null
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000)`,
  `create table offer_rates (
    marketplace_id varchar(20) not null,
    level varchar(8) not null,
    at timestamptz not null default now(),
    outcomes int not null
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_threshold = 1000)`,
  'create index offer_rates_at on offer_rates (at)',

  `create table pricing_history (
    marketplace_id varchar(20) not null,
    asin varchar(10) not null,
    level varchar(8) not null,
    observed_at timestamptz not null,
    price numeric(12, 2),
    shipping numeric(12, 2),
    currency char(3),
    seller_id varchar(32),
    fulfillment_channel varchar(8),
    prime varchar(10),
    lowest_price numeric(12, 2),
    lowest_shipping numeric(12, 2),
    offer_count int,
    operation varchar(100) not null,
    primary key (asin, marketplace_id, level, observed_at)
  ) partition by range (observed_at)`,
  'create table pricing_history_default partition of pricing_history default',
]

const columns = [
  `alter table amazon_market_data
    add column seller_id varchar(32),
    add column featured_offer_shipping numeric(12, 2),
    add column featured_offer_seller_id varchar(32),
    add column prime varchar(10),
    add column lowest_price_shipping numeric(12, 2),
    add column lowest_prices jsonb,
    add column fulfillment_options jsonb,
    add column offers_observed_at timestamptz,
    add column offers_operation varchar(100),
    add column offer_counts jsonb,
    add column offer_counts_observed_at timestamptz,
    add column offer_counts_operation varchar(100)`,
]

const functions = [
  // A row that is pending again, because what was told is old, counts as stale: it has a price.
  `create function offer_state(state varchar, observed_at timestamptz) returns varchar language sql immutable
    return case when state = 'pending' and observed_at is not null then 'stale' else state end`,

  `create function offer_syncs_inserted() returns trigger language plpgsql as $$
  begin
    insert into offer_state_counts (marketplace_id, level, state, n)
      select marketplace_id, level, offer_state(state, observed_at), count(*) from inserted group by 1, 2, 3;
    return null;
  end $$`,
  `create trigger offer_syncs_inserted after insert on offer_syncs
    referencing new table as inserted for each statement execute function offer_syncs_inserted()`,
  `create function offer_syncs_updated() returns trigger language plpgsql as $$
  begin
    insert into offer_state_counts (marketplace_id, level, state, n)
      select marketplace_id, level, state, sum(n) from (
        select marketplace_id, level, offer_state(state, observed_at) as state, count(*) as n from after group by 1, 2, 3
        union all
        select marketplace_id, level, offer_state(state, observed_at), -count(*) from before group by 1, 2, 3) d
      group by 1, 2, 3 having sum(n) <> 0;
    return null;
  end $$`,
  `create trigger offer_syncs_updated after update on offer_syncs
    referencing old table as before new table as after for each statement execute function offer_syncs_updated()`,
  `create function offer_syncs_deleted() returns trigger language plpgsql as $$
  begin
    insert into offer_state_counts (marketplace_id, level, state, n)
      select marketplace_id, level, offer_state(state, observed_at), -count(*) from deleted group by 1, 2, 3;
    return null;
  end $$`,
  `create trigger offer_syncs_deleted after delete on offer_syncs
    referencing old table as deleted for each statement execute function offer_syncs_deleted()`,
  `create function offer_syncs_truncated() returns trigger language plpgsql as $$
  begin
    delete from offer_state_counts;
    return null;
  end $$`,
  `create trigger offer_syncs_truncated after truncate on offer_syncs
    for each statement execute function offer_syncs_truncated()`,
]
