import { Migration } from '@mikro-orm/migrations'

/**
 * Jobs that can be watched and steered: paused, cancelled, retried; with their progress in the row, and every change of it
 * as an event that a client can be told later. What a job may become is decided here, whoever writes it.
 */
export class M0013SyncJobs extends Migration {
  override name = 'm0013-sync-jobs'

  override up(): void {
    for (const statement of [...columns, ...events, ...accounting]) this.addSql(statement)
  }
}

const open = `('queued', 'running', 'paused', 'cancelling')`
const final = `('complete', 'failed', 'cancelled')`

const columns = [
  // What a product goes back to when its job is cancelled; null: it was due by itself.
  'alter table product_syncs add column prior_state varchar(20)',

  `alter table sync_jobs
     drop constraint sync_jobs_state_check,
     add constraint sync_jobs_state_check check (state in
       ('queued', 'running', 'paused', 'cancelling', 'cancelled', 'complete', 'failed')),
     add column fresh_since timestamptz,
     add column retry_of uuid,
     add column retry_outcomes text[],
     add column idempotency_key varchar(255) constraint sync_jobs_idempotency_key_unique unique,
     add column request_hash varchar(64),
     add column waking boolean not null default false,
     add column stage varchar(20) not null default 'waiting',
     add column total bigint not null default 0,
     add column done bigint not null default 0,
     add column outcomes jsonb not null default '{}',
     add column progress smallint not null default 0,
     add column message text not null default '',
     add column rate_per_second double precision,
     add column seconds_left int,
     add column last_event bigint not null default 0,
     add column changed_at timestamptz not null default now()`,
  'drop index sync_jobs_open',
  `create index sync_jobs_open on sync_jobs (created_at) where state in ${open}`,
  'drop index sync_jobs_finished',
  `create index sync_jobs_finished on sync_jobs (finished_at) where state in ${final}`,

  // What has ended so far, as it ended; from now on its counts are in the row.
  `update sync_jobs j set total = coalesce(c.total, 0), done = coalesce(c.done, 0), outcomes = coalesce(c.outcomes, '{}'),
          progress = case when j.state = 'complete' then 100 else 0 end, stage = 'ended',
          message = coalesce(j.error, j.state), changed_at = coalesce(j.finished_at, j.created_at)
     from sync_jobs x left join (
       select job_id, sum(n) filter (where outcome = 'total') as total, sum(n) filter (where outcome <> 'total') as done,
              jsonb_object_agg(outcome, n) filter (where outcome <> 'total') as outcomes
         from (select job_id, outcome, sum(n) as n from sync_job_counts group by job_id, outcome) o
        group by job_id) c on c.job_id = x.id
    where j.id = x.id and j.state in ${final}`,
  `delete from sync_job_counts c using sync_jobs j where j.id = c.job_id and j.state in ${final}`,
]

const events = [
  // Ids without a gap in each job, in the order of the commits: the job's row is locked from one to the next.
  `create table sync_progress (
    job_id uuid not null,
    id bigint not null,
    at timestamptz not null,
    event varchar(20) not null,
    state varchar(20) not null,
    stage varchar(20) not null,
    progress smallint not null,
    total bigint not null,
    done bigint not null,
    outcomes jsonb not null,
    rate_per_second double precision,
    seconds_left int,
    message text not null,
    error text,
    primary key (job_id, id)
  )`,

  `create function sync_jobs_changing() returns trigger language plpgsql as $$
  begin
    if tg_op = 'INSERT' then
      new.last_event := 1;
      return new;
    end if;
    if old.state in ${final} then
      if new is distinct from old then
        raise exception 'sync job % is %: it does not change any more', old.id, old.state using errcode = '55000';
      end if;
      return new;
    end if;
    if new.state <> old.state and (old.state, new.state) not in (
      ('queued', 'running'), ('queued', 'paused'), ('queued', 'cancelling'), ('queued', 'failed'),
      ('running', 'paused'), ('running', 'cancelling'), ('running', 'complete'), ('running', 'failed'),
      ('paused', 'queued'), ('paused', 'running'), ('paused', 'cancelling'), ('paused', 'complete'),
      ('cancelling', 'cancelled'), ('cancelling', 'failed')) then
      raise exception 'sync job % is %: it can not become %', old.id, old.state, new.state using errcode = '55000';
    end if;
    if (new.state, new.stage, new.progress, new.total, new.done, new.outcomes, new.rate_per_second, new.seconds_left,
        new.message, new.error)
       is distinct from (old.state, old.stage, old.progress, old.total, old.done, old.outcomes, old.rate_per_second,
        old.seconds_left, old.message, old.error) then
      new.last_event := old.last_event + 1;
      new.changed_at := clock_timestamp();
    end if;
    if new.state in ${final} then
      new.stage := 'ended';
      new.finished_at := coalesce(new.finished_at, now());
    end if;
    return new;
  end $$`,
  `create trigger sync_jobs_changing before insert or update on sync_jobs
    for each row execute function sync_jobs_changing()`,

  `create function sync_jobs_changed() returns trigger language plpgsql as $$
  begin
    insert into sync_progress (job_id, id, at, event, state, stage, progress, total, done, outcomes, rate_per_second,
                               seconds_left, message, error)
      values (new.id, new.last_event, new.changed_at,
              case when tg_op = 'UPDATE' and new.state = old.state then 'progress' else new.state end,
              new.state, new.stage, new.progress, new.total, new.done, new.outcomes, new.rate_per_second,
              new.seconds_left, new.message, new.error);
    return null;
  end $$`,
  `create trigger sync_jobs_inserted after insert on sync_jobs
    for each row execute function sync_jobs_changed()`,
  `create trigger sync_jobs_updated after update on sync_jobs
    for each row when (new.last_event <> old.last_event) execute function sync_jobs_changed()`,

  `create function sync_jobs_deleted() returns trigger language plpgsql as $$
  begin
    delete from sync_progress p using deleted d where p.job_id = d.id;
    delete from sync_job_counts c using deleted d where c.job_id = d.id;
    return null;
  end $$`,
  `create trigger sync_jobs_deleted after delete on sync_jobs
    referencing old table as deleted for each statement execute function sync_jobs_deleted()`,
]

const accounting = [
  // As in m0004; a product that no job takes over is given back when its job is being cancelled.
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
        select job_id,
               case when outcome <> 'released' then outcome
                    when exists (select 1 from sync_jobs j where j.id = job_id and j.state = 'cancelling') then 'cancelled'
                    else 'superseded' end,
               sum(n) from (
          select new_job as job_id, 'total' as outcome, 1 as n from change
           where new_job is not null and new_job is distinct from old_job
          union all
          select old_job, case when new_job is null then 'released' else 'superseded' end, 1 from change
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

  // As in m0005; a product whose code has changed does not go back to what its old code came to.
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
        state = 'pending', attempt = s.attempt + 1, failures = 0, queued_at = null, prior_state = null,
        next_attempt_at = case when m.enabled then now() else 'infinity' end,
        job_id = case when s.state in ('pending', 'queued') then s.job_id end
      from marketplaces m
     where s.product_id = any (ids) and m.marketplace_id = s.marketplace_id;
    return null;
  end $$`,
]
