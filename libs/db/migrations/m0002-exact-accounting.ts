import { Migration } from '@mikro-orm/migrations'

/**
 * The accounting stays exact, and quick, in what the first triggers did not foresee: a code that changes while one of its
 * marketplaces is disabled, a hundred thousand codes in one statement, a finished product that somebody makes pending by
 * hand, and TRUNCATE.
 */
export class M0002ExactAccounting extends Migration {
  override name = 'm0002-exact-accounting'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const precedence = `array['pending', 'queued', 'error', 'ambiguous', 'success', 'not_found', 'restricted', 'invalid']::varchar[]`

const statements = [
  // A row that is parked, because its marketplace is disabled, says nothing about how far the product is.
  `create or replace function refresh_product_status(ids uuid[]) returns void language sql as $$
    update products p set sync_status = s.state, last_amazon_sync = s.synced_at
      from (select product_id, max(synced_at) as synced_at,
                   coalesce((array_agg(state order by array_position(${precedence}, state))
                     filter (where next_attempt_at <> 'infinity' or state not in ('pending', 'queued')))[1], 'pending')
                     as state
              from product_syncs where product_id = any (ids) group by product_id) s
     where p.id = s.product_id
       and (p.sync_status, p.last_amazon_sync) is distinct from (s.state, s.synced_at)
  $$`,

  // By statement: per row, a PIM that rewrites a hundred thousand codes would run as many updates and as many sums.
  // attempt + 1: an answer for the old code that is still under way finds nothing to do, in a disabled marketplace too.
  // A finished job does not count the product again; one that is under way counts it when the new code is done.
  `drop trigger products_upc_changed on products`,
  `drop function products_upc_changed()`,
  `create function products_updated() returns trigger language plpgsql as $$
  declare
    ids uuid[];
  begin
    select array_agg(a.id) into ids from before b join after a using (id) where a.upc is distinct from b.upc;
    -- Most updates of products change no code; the one that the accounting itself makes would come back here for ever.
    if ids is null then return null; end if;
    update product_syncs s set
        state = 'pending', attempt = s.attempt + 1, failures = 0, queued_at = null,
        next_attempt_at = case when m.enabled then now() else 'infinity' end,
        job_id = case when s.state in ('pending', 'queued') then s.job_id end
      from unnest(ids) changed (id), marketplaces m
     where s.product_id = changed.id and m.marketplace_id = s.marketplace_id;
    return null;
  end $$`,
  `create trigger products_updated after update on products
    referencing old table as before new table as after for each statement execute function products_updated()`,

  `create or replace function product_syncs_updated() returns trigger language plpgsql as $$
  begin
    insert into sync_state_counts (marketplace_id, state, n)
      select marketplace_id, state, sum(n) from (
        select marketplace_id, state, count(*) as n from after group by marketplace_id, state
        union all
        select marketplace_id, state, -count(*) from before group by marketplace_id, state) d
      group by marketplace_id, state having sum(n) <> 0;
    with change as (
      select b.job_id as old_job, a.job_id as new_job, b.state as old_state, a.state as new_state,
             b.state in ('pending', 'queued') as was_open, a.state in ('pending', 'queued') as is_open
        from before b join after a using (product_id, marketplace_id)
       where b.job_id is not null or a.job_id is not null)
    insert into sync_job_counts (job_id, outcome, n)
      select job_id, outcome, sum(n) from (
        select new_job as job_id, 'total' as outcome, 1 as n from change
         where new_job is not null and new_job is distinct from old_job
        union all
        select old_job, 'superseded', 1 from change
         where old_job is not null and was_open and new_job is distinct from old_job
        union all
        select new_job, new_state, 1 from change
         where new_job is not null and not is_open
           and (was_open or new_job is distinct from old_job or new_state <> old_state)
        union all
        select old_job, old_state, -1 from change
         where old_job = new_job and not was_open and (is_open or new_state <> old_state)) o
      group by job_id, outcome having sum(n) <> 0;
    perform refresh_product_status(array(
      select distinct a.product_id from before b join after a using (product_id, marketplace_id)
       where (a.state, a.synced_at, a.next_attempt_at = 'infinity')
             is distinct from (b.state, b.synced_at, b.next_attempt_at = 'infinity')));
    return null;
  end $$`,

  `create function product_syncs_truncated() returns trigger language plpgsql as $$
  begin
    delete from sync_state_counts;
    insert into sync_job_counts (job_id, outcome, n)
      select job_id, 'deleted', sum(case when outcome = 'total' then n else -n end) from sync_job_counts
       group by job_id having sum(case when outcome = 'total' then n else -n end) <> 0;
    return null;
  end $$`,
  `create trigger product_syncs_truncated after truncate on product_syncs
    for each statement execute function product_syncs_truncated()`,
  `create function products_truncated() returns trigger language plpgsql as $$
  begin
    truncate amazon_market_data, sync_logs;
    return null;
  end $$`,
  `create trigger products_truncated after truncate on products
    for each statement execute function products_truncated()`,
]
