import { Migration } from '@mikro-orm/migrations'

/**
 * Operations of Amazon's API that wait for quota and outlive the process that asked for them; and how many requests the
 * outcomes of the last minutes took, which says how far the quota goes.
 */
export class M0011QueuedOperations extends Migration {
  override name = 'm0011-queued-operations'

  override up(): void {
    for (const statement of [...queue, ...requests]) this.addSql(statement)
  }
}

const queue = [
  // json, not jsonb: an answer is kept as it came, with NUL characters and numbers of any length.
  `create table queued_operations (
    id uuid primary key,
    idempotency_key varchar(200) not null constraint queued_operations_idempotency_key_unique unique,
    seller varchar(63) not null,
    operation varchar(100) not null,
    marketplace_id varchar(20),
    parameters json not null,
    priority smallint not null,
    repeatable boolean not null,
    state varchar(10) not null default 'waiting'
      constraint queued_operations_state check (state in ('waiting', 'leased', 'done', 'failed', 'uncertain', 'cancelled')),
    attempts int not null default 0,
    deadline timestamptz,
    leased_by varchar(40),
    leased_until timestamptz,
    sent_at timestamptz,
    outcome json,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint queued_operations_lease check ((state = 'leased') = (leased_by is not null and leased_until is not null)),
    constraint queued_operations_end check ((state in ('waiting', 'leased')) = (finished_at is null))
  )`,
  // In the order in which they are claimed.
  `create index queued_operations_waiting on queued_operations (seller, operation, priority desc, created_at, id)
    where state = 'waiting'`,
  `create index queued_operations_deadline on queued_operations (deadline)
    where state = 'waiting' and deadline is not null`,
  `create index queued_operations_leased on queued_operations (leased_until) where state = 'leased'`,
  `create index queued_operations_finished on queued_operations (finished_at) where finished_at is not null`,
]

const requests = [
  'alter table sync_rates add column requests int not null default 0',
  // A chunk of results has its requests whole; one that two chunks share counts in both.
  `create or replace function sync_logs_inserted() returns trigger language plpgsql as $$
  begin
    insert into sync_rates (marketplace_id, outcomes, response_ms, responses, duration_ms, requests)
      select marketplace_id, count(*), coalesce(sum(response_time_ms), 0), count(response_time_ms),
             coalesce(sum(duration_ms), 0), count(distinct amazon_request_id)
        from inserted group by marketplace_id;
    return null;
  end $$`,
]
