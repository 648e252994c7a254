import { Migration } from '@mikro-orm/migrations'

/**
 * Tables that stay flat and lists that stay quick: the log of attempts in partitions that are dropped whole, the rates of
 * the last minute summed as they are written, and an index for every list.
 */
export class M0006BoundedLogs extends Migration {
  override name = 'm0006-bounded-logs'

  override up(): void {
    for (const statement of [...logs, ...rates, ...indexes, ...functions]) this.addSql(statement)
  }
}

const logs = [
  'alter table sync_logs rename to sync_logs_before',
  'alter index sync_logs_pkey rename to sync_logs_before_pkey',

  // A partition's key has to be in the primary key, and an attempt still must not have two rows: it is the time of the
  // claim, which comes with the attempt's number and stays with it.
  `create table sync_logs (
    product_id uuid not null,
    marketplace_id varchar(20) not null,
    attempt int not null,
    queued_at timestamptz not null default now(),
    occurred_at timestamptz not null,
    result varchar(20) not null,
    reason text,
    response_time_ms int,
    duration_ms int,
    amazon_request_id varchar(100),
    http_status smallint,
    job_id uuid,
    primary key (product_id, marketplace_id, attempt, queued_at)
  ) partition by range (queued_at)`,

  // Whatever was claimed at a time that has no partition (any more).
  'create table sync_logs_default partition of sync_logs default',

  // What there is, and what is claimed until product-change makes the next partition.
  `do $$
  declare
    until timestamptz := date_trunc('hour', now(), 'UTC') + interval '1 hour';
    name text := 'sync_logs_until_' || to_char(until at time zone 'UTC', 'YYYYMMDDHH24MI');
  begin
    execute format('create table %I partition of sync_logs for values from (minvalue) to (%L)', name, until);
  end $$`,
  `insert into sync_logs (product_id, marketplace_id, attempt, queued_at, occurred_at, result, reason, response_time_ms,
                          duration_ms, amazon_request_id, http_status, job_id)
     select product_id, marketplace_id, attempt,
            least(now(), occurred_at - coalesce(duration_ms, 0) * interval '1 millisecond'), occurred_at, result, reason,
            response_time_ms, duration_ms, amazon_request_id, http_status, job_id
       from sync_logs_before`,
  'drop table sync_logs_before',
]

const rates = [
  // One row per statement and marketplace, for a few minutes: what the status is read from.
  `create table sync_rates (
    marketplace_id varchar(20) not null,
    at timestamptz not null default now(),
    outcomes int not null,
    response_ms bigint not null,
    responses int not null,
    duration_ms bigint not null
  )`,
  'create index sync_rates_at on sync_rates (at)',
  `create function sync_logs_inserted() returns trigger language plpgsql as $$
  begin
    insert into sync_rates (marketplace_id, outcomes, response_ms, responses, duration_ms)
      select marketplace_id, count(*), coalesce(sum(response_time_ms), 0), count(response_time_ms),
             coalesce(sum(duration_ms), 0)
        from inserted group by marketplace_id;
    return null;
  end $$`,
  `create trigger sync_logs_inserted after insert on sync_logs
    referencing new table as inserted for each statement execute function sync_logs_inserted()`,

  // Deltas come and go by the second: by the share of a table that is nearly empty, autovacuum would come too late.
  ...['sync_rates', 'sync_state_counts', 'sync_job_counts'].map(
    (table) =>
      `alter table ${table} set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
                                 autovacuum_analyze_threshold = 1000)`,
  ),
]

const indexes = [
  // In the order of the lists. An update of the state can not be heap-only in any case: due rows are found by it.
  'drop index product_syncs_exceptions',
  'create index product_syncs_state on product_syncs (state, product_id)',
  `create index product_syncs_newest_exceptions on product_syncs (next_attempt_at)
    where state in ('ambiguous', 'invalid', 'error')`,
  `create index sync_jobs_finished on sync_jobs (finished_at) where state in ('complete', 'failed')`,
]

const functions = [
  // By an array, which is planned for as many as it has: joined with the deleted rows, the plan of a session's first
  // delete was kept, and a large one made every later one read the whole log.
  `create or replace function products_deleted() returns trigger language plpgsql as $$
  declare
    ids uuid[] := array(select id from deleted);
  begin
    delete from amazon_market_data where product_id = any (ids);
    delete from sync_logs where product_id = any (ids);
    return null;
  end $$`,
]
