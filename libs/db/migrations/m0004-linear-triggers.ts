import { Migration } from '@mikro-orm/migrations'

/**
 * Triggers whose cost grows with the rows of a statement and not with their square. A function's plan is kept for the
 * session, made for as many rows as its first statement had: after a first chunk of one row, before and after were
 * joined by a nested loop for ever, a million comparisons for a chunk of a thousand.
 */
export class M0004LinearTriggers extends Migration {
  override name = 'm0004-linear-triggers'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const precedence = `array['pending', 'queued', 'error', 'ambiguous', 'success', 'not_found', 'restricted', 'invalid']::varchar[]`

const statements = [
  // `p.id = any (ids)` as well: by the join alone, a planner without statistics reads all products.
  `create or replace function refresh_product_status(ids uuid[]) returns void language sql as $$
    update products p set sync_status = s.state, last_amazon_sync = s.synced_at
      from (select product_id, max(synced_at) as synced_at,
                   coalesce((${precedence})[min(array_position(${precedence}, state))
                     filter (where next_attempt_at <> 'infinity' or state not in ('pending', 'queued'))], 'pending')
                     as state
              from product_syncs where product_id = any (ids) group by product_id) s
     where p.id = any (ids) and p.id = s.product_id
       and (p.sync_status, p.last_amazon_sync) is distinct from (s.state, s.synced_at)
  $$`,

  // A full join has no nested loop: PostgreSQL can only hash or merge. Each row is on both sides, so it is an inner one.
  `create or replace function products_updated() returns trigger language plpgsql as $$
  declare
    ids uuid[];
  begin
    -- What a new code does to its row, see products_upc_changing. Most updates of products change no code.
    if not exists (select 1 from after where sync_status = 'pending' and gtin14 is null) then return null; end if;
    select array_agg(id) into ids from before b full join after a using (id) where a.upc is distinct from b.upc;
    -- The update that the accounting itself makes would come back here for ever.
    if ids is null then return null; end if;
    update product_syncs s set
        state = 'pending', attempt = s.attempt + 1, failures = 0, queued_at = null,
        next_attempt_at = case when m.enabled then now() else 'infinity' end,
        job_id = case when s.state in ('pending', 'queued') then s.job_id end
      from marketplaces m
     where s.product_id = any (ids) and m.marketplace_id = s.marketplace_id;
    return null;
  end $$`,

  `create or replace function product_syncs_updated() returns trigger language plpgsql as $$
  begin
    insert into sync_state_counts (marketplace_id, state, n)
      select marketplace_id, state, sum(n) from (
        select marketplace_id, state, count(*) as n from after group by marketplace_id, state
        union all
        select marketplace_id, state, -count(*) from before group by marketplace_id, state) d
      group by marketplace_id, state having sum(n) <> 0;
    if exists (select 1 from before where job_id is not null)
       or exists (select 1 from after where job_id is not null) then
      with change as (
        select b.job_id as old_job, a.job_id as new_job, b.state as old_state, a.state as new_state,
               b.state in ('pending', 'queued') as was_open, a.state in ('pending', 'queued') as is_open
          from before b full join after a using (product_id, marketplace_id)
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
    end if;
    perform refresh_product_status(array(
      select distinct product_id from before b full join after a using (product_id, marketplace_id)
       where (a.state, a.synced_at, a.next_attempt_at = 'infinity')
             is distinct from (b.state, b.synced_at, b.next_attempt_at = 'infinity')));
    return null;
  end $$`,
]
