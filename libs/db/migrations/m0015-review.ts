import { Migration } from '@mikro-orm/migrations'

/**
 * What people decide about matches, and never has to be decided again; what their actions did, beside who did them; and
 * failures by their cause. See decision 27.
 */
export class M0015Review extends Migration {
  override name = 'm0015-review'

  override up(): void {
    for (const statement of [...decisions, ...functions, ...audit]) this.addSql(statement)
  }
}

const decisions = [
  // One row per ASIN that was judged; what was decided at once has one action. Rows are ended, never changed or removed: an
  // ended one is history. Ids are given under the lock of the product, so their order is that of the decisions.
  `create table match_decisions (
    id bigint generated always as identity primary key,
    action_id uuid not null,
    product_id uuid not null,
    marketplace_id varchar(20) not null,
    asin varchar(10) not null,
    verdict varchar(10) not null constraint match_decisions_verdict_check check (verdict in ('accepted', 'rejected')),
    upc varchar(64),
    title text,
    note varchar(500),
    decided_by varchar(255) not null,
    decided_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_by varchar(255),
    ended_because varchar(10) constraint match_decisions_because_check check (ended_because in
      ('undone', 'replaced', 'new code')),
    ended_action uuid
  )`,
  'create index match_decisions_product on match_decisions (product_id, marketplace_id, id)',
  `create unique index match_decisions_standing on match_decisions (product_id, marketplace_id, asin)
    where ended_at is null`,
  `create unique index match_decisions_accepted on match_decisions (product_id, marketplace_id)
    where ended_at is null and verdict = 'accepted'`,

  // What matching said of the latest answer by itself, where people have decided otherwise: what a decision that is taken
  // back leaves behind.
  `create table unaided_matches (
    product_id uuid not null,
    marketplace_id varchar(20) not null,
    result varchar(20) not null,
    reason text,
    asin varchar(10),
    primary key (product_id, marketplace_id)
  )`,
]

const functions = [
  // As in m0013; a decision was about the code that the product had.
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
    if exists (select 1 from match_decisions where ended_at is null) then
      update match_decisions set ended_at = now(), ended_because = 'new code'
       where product_id = any (ids) and ended_at is null;
      delete from unaided_matches where product_id = any (ids);
    end if;
    update product_syncs s set
        state = 'pending', attempt = s.attempt + 1, failures = 0, queued_at = null, prior_state = null,
        next_attempt_at = case when m.enabled then now() else 'infinity' end,
        job_id = case when s.state in ('pending', 'queued') then s.job_id end
      from marketplaces m
     where s.product_id = any (ids) and m.marketplace_id = s.marketplace_id;
    return null;
  end $$`,

  // As in m0007.
  `create or replace function products_deleted() returns trigger language plpgsql as $$
  declare
    ids uuid[] := array(select id from deleted);
  begin
    insert into product_counts select -count(*) from deleted having count(*) > 0;
    delete from amazon_market_data where product_id = any (ids);
    delete from match_decisions where product_id = any (ids);
    delete from unaided_matches where product_id = any (ids);
    delete from sync_logs where product_id = any (ids);
    return null;
  end $$`,
  `create or replace function products_truncated() returns trigger language plpgsql as $$
  begin
    delete from product_counts;
    truncate amazon_market_data, sync_logs, match_decisions, unaided_matches;
    return null;
  end $$`,

  // What failed in the same way: the result and its reason without what differs from product to product. Quoted text, ASINs,
  // ids and numbers go; the status that Amazon answered and the version in an operation's name stay. Programs name a cause
  // by this text, so it changes in a migration only.
  // One after the other, with a mark (U+0001) on what is to stay: looking behind would take three times as long.
  `create function failure_cause(result varchar, reason text) returns text language sql immutable parallel safe
    return left(replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
      coalesce(result, 'unknown') || ': ' || left(coalesce(reason, 'no reason was given'), 500),
      '"[^"]*"', '"…"', 'g'),
      '\\mB0[0-9A-Z]{8}\\M|\\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\M', 'N', 'g'),
      '(answered )([0-9])', E'\\\\1\\x01\\\\2', 'g'),
      E'([^0-9.,:_\\x01-])[0-9]+([.,:][0-9]+)*', '\\1N', 'g'),
      E'\\x01', ''), 200)`,
]

const audit = [
  // Null for what was noted before, and for requests of which method and path tell all.
  'alter table api_audit add column action varchar(40), add column details jsonb',
  'create index api_audit_action on api_audit (action, id) where action is not null',
  'create index api_audit_caller on api_audit (caller, id)',
]
