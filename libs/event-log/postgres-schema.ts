import { EventLogError } from './port.ts'
import type { Database } from './postgres-database.ts'
import { identifier } from './postgres-database.ts'

/**
 * The tables of the log, in a schema of their own, as numbered migrations. A migration that has been released is
 * never edited: a change is a new one.
 */

type Migration = (schema: string) => string

const migrations: readonly Migration[] = [
  (schema) => `
create table ${schema}.topics (
  topic text primary key,
  retention_ms bigint not null check (retention_ms >= -1)
);

-- One row per partition: its head. Whoever appends locks it and takes the next offsets, so records of a partition
-- become visible in the order of their offsets and without gaps.
create table ${schema}.partitions (
  partition_id int generated always as identity primary key,
  topic text not null references ${schema}.topics,
  partition int not null check (partition >= 0),
  first_offset bigint not null default 0,
  next_offset bigint not null default 0,
  last_timestamp_ms bigint not null default 0,
  unique (topic, partition)
) with (fillfactor = 50);

create table ${schema}.records (
  partition_id int not null,
  record_offset bigint not null,
  timestamp_ms bigint not null,
  key bytea,
  value bytea,
  headers json,
  primary key (partition_id, record_offset)
) with (autovacuum_vacuum_scale_factor = 0.05);

-- The row of a group is the lock under which its members share partitions; generation grows whenever the others
-- have to look again.
create table ${schema}.groups (
  group_name text primary key,
  generation bigint not null default 0
) with (fillfactor = 50);

create table ${schema}.members (
  group_name text not null references ${schema}.groups,
  member_id uuid not null,
  joined bigint generated always as identity,
  topics text[] not null,
  expires_at timestamptz not null,
  primary key (group_name, member_id)
) with (fillfactor = 50);

-- Who reads a partition for a group (nobody: null), and how far the group is. A new owner is a new epoch: it fences
-- the commits of the one before.
create table ${schema}.leases (
  group_name text not null references ${schema}.groups,
  partition_id int not null references ${schema}.partitions,
  member_id uuid,
  epoch bigint not null default 0,
  committed_offset bigint,
  primary key (group_name, partition_id)
) with (fillfactor = 50);

-- The last append of each writer, so that one whose answer got lost is not written twice when it is sent again.
create table ${schema}.writers (
  writer_id uuid primary key,
  sequence bigint not null,
  appended_at timestamptz not null
) with (fillfactor = 50);

create function ${schema}.now_ms() returns bigint language sql volatile as
$$ select floor(extract(epoch from clock_timestamp()) * 1000)::bigint $$;

-- Appends records of several partitions in one statement, so that no head stays locked while a client is busy.
-- heads: ids of the partitions, ascending (the order in which everybody locks them), with how many records each gets.
-- Per record, grouped by head: its head's place in heads, and the lengths of key, value and headers in data, where
-- they follow each other; -1 is null. Answers false, and does nothing, when the writer's sequence is there already;
-- a sequence of null is not checked.
create function ${schema}.append(
  writer uuid, sequence_wanted bigint,
  heads int[], counts int[], head_places int[], key_lengths int[], value_lengths int[], header_lengths int[], data bytea
) returns boolean language plpgsql as $$
declare
  deltas bigint[] := '{}';
  timestamps bigint[] := '{}';
  taken bigint;
  stamp bigint;
  done bigint := 0;
begin
  if sequence_wanted is not null then
    -- Waits here while an earlier try, whose connection is gone, is still at work.
    insert into ${schema}.writers as w values (writer, sequence_wanted, clock_timestamp())
      on conflict (writer_id) do update set sequence = excluded.sequence, appended_at = excluded.appended_at
      where w.sequence < excluded.sequence;
    if not found then return false; end if;
  end if;
  for i in 1..cardinality(heads) loop
    update ${schema}.partitions p
      set next_offset = p.next_offset + counts[i],
          last_timestamp_ms = greatest(p.last_timestamp_ms, ${schema}.now_ms())
      where p.partition_id = heads[i]
      returning p.next_offset - counts[i], p.last_timestamp_ms into taken, stamp;
    if not found then
      raise exception 'partition % is gone', heads[i] using errcode = 'no_data_found';
    end if;
    deltas := deltas || (taken - done - 1);
    timestamps := timestamps || stamp;
    done := done + counts[i];
  end loop;
  insert into ${schema}.records (partition_id, record_offset, timestamp_ms, key, value, headers)
  select heads[r.head], deltas[r.head] + r.ordinal, timestamps[r.head],
    case when r.key_length >= 0 then substring(data from r.start for r.key_length) end,
    case when r.value_length >= 0 then substring(data from r.start + greatest(r.key_length, 0) for r.value_length) end,
    case when r.header_length >= 0 then convert_from(substring(data
      from r.start + greatest(r.key_length, 0) + greatest(r.value_length, 0) for r.header_length), 'UTF8')::json end
  from (
    select u.*, (1 + sum(greatest(key_length, 0) + greatest(value_length, 0) + greatest(header_length, 0))
        over (order by ordinal rows unbounded preceding)
      - greatest(key_length, 0) - greatest(value_length, 0) - greatest(header_length, 0))::int as start
    from unnest(head_places, key_lengths, value_lengths, header_lengths)
      with ordinality as u(head, key_length, value_length, header_length, ordinal)
  ) r;
  return true;
end $$;

-- The first offset whose timestamp is at or after at_ms; the end offset when there is none. Timestamps of a partition
-- never fall and its offsets have no gaps, so the primary key is all the index that a binary search needs.
create function ${schema}.offset_at(wanted int, at_ms bigint) returns bigint language plpgsql stable as $$
declare
  low bigint;
  high bigint;
  middle bigint;
  stamp bigint;
begin
  select first_offset, next_offset into low, high from ${schema}.partitions where partition_id = wanted;
  while low < high loop
    middle := low + (high - low) / 2;
    select timestamp_ms into stamp from ${schema}.records where partition_id = wanted and record_offset = middle;
    if found and stamp >= at_ms then high := middle; else low := middle + 1; end if;
  end loop;
  return low;
end $$;

-- Deletes up to max_rows records of a partition that are older than its topic keeps them; answers how many. The head
-- keeps next_offset, so offsets never start again. Somebody else at it: 0.
create function ${schema}.expire(wanted int, max_rows int) returns bigint language plpgsql as $$
declare
  low bigint;
  high bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('${schema}.expire', wanted)) then return 0; end if;
  select p.first_offset, ${schema}.offset_at(wanted, ${schema}.now_ms() - t.retention_ms) into low, high
    from ${schema}.partitions p join ${schema}.topics t using (topic)
    where p.partition_id = wanted and t.retention_ms >= 0;
  if not found or high <= low then return 0; end if;
  high := least(high, low + max_rows);
  delete from ${schema}.records where partition_id = wanted and record_offset < high;
  -- Last, so that appenders wait for this row no longer than for the commit.
  update ${schema}.partitions set first_offset = high where partition_id = wanted;
  return high - low;
end $$;
`,
]

/**
 * Brings the log's schema to this version; does nothing when it is there. Safe when several processes start at once.
 * Throws an Error when the schema is of a newer version than this code.
 */
export async function migrate(database: Database): Promise<void> {
  const schema = identifier(database.schema)
  if ((await version(database, schema)) === migrations.length) return
  await database.transaction('work', async (query) => {
    await query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${database.schema}.migrations`])
    await query(`create schema if not exists ${schema}`)
    await query(
      `create table if not exists ${schema}.migrations (
         version int primary key, applied_at timestamptz not null default clock_timestamp())`,
    )
    const [row] = await query<{ version: number }>(
      `select coalesce(max(version), 0)::int as version from ${schema}.migrations`,
    )
    for (let done = row?.version ?? 0; done < migrations.length; done++) {
      await query(migrations[done]!(schema))
      await query(`insert into ${schema}.migrations (version) values ($1)`, [done + 1])
    }
  })
}

async function version(database: Database, schema: string): Promise<number> {
  // to_regclass answers null instead of failing: a first start is no error in the database's log.
  const [there] = await database.query<{ there: boolean }>(
    'work',
    'select to_regclass($1) is not null as there',
    [`${schema}.migrations`],
  )
  if (!there?.there) return 0
  const [row] = await database.query<{ version: number }>(
    'work',
    `select coalesce(max(version), 0)::int as version from ${schema}.migrations`,
  )
  const found = row?.version ?? 0
  if (found > migrations.length) {
    throw new EventLogError(
      'LOG_UNAVAILABLE',
      `The event log in ${database.name} has schema version ${found}, and this program knows ${migrations.length}: ` +
        'start a newer version of the program',
    )
  }
  return found
}
