import type { Database, Queryable } from '../database.ts'

/** What tells a schema that a replay made from one that is somebody else's. */
const MARK = 'asinstream replay'

/** Tables that results are written to. What is applied in a fresh schema finds no other, so that it can not reach live ones. */
const TABLES = [
  'products',
  'product_syncs',
  'amazon_market_data',
  'sync_logs',
  'offer_syncs',
  'offer_rates',
  'pricing_history',
  'unaided_matches',
] as const

/** A schema of its own with tables of the live ones' shape. */
export interface FreshSchema {
  readonly name: string
  /** The live tables' schema. */
  readonly live: string
  /** Whether this made it; otherwise an earlier replay did. */
  readonly made: boolean
}

export class SchemaTakenError extends Error {
  override readonly name = 'SchemaTakenError'
}

/** Names that PostgreSQL takes without quotes. */
export const isSchemaName = (name: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(name)

/**
 * Makes the schema, or takes one that an earlier replay made, so that a second replay goes on in it.
 *
 * @throws SchemaTakenError when there is one of that name that no replay made
 */
export async function openFreshSchema(db: Database, name: string): Promise<FreshSchema> {
  if (!isSchemaName(name)) throw new RangeError(`not a name of a schema: ${name}`)
  return db.transaction(async (tx) => {
    const [found] = await tx.query<{ live: string; mark: string | null; taken: boolean }>(
      `select current_schema() as live, n.oid is not null as taken, obj_description(n.oid, 'pg_namespace') as mark
         from (select 1) one left join pg_namespace n on n.nspname = $1`,
      [name],
    )
    const live = found!.live
    if (found!.taken && found!.mark !== MARK)
      throw new SchemaTakenError(`There is a schema ${name} that no replay made: choose another name`)
    if (found!.taken) return { name, live, made: false }
    await tx.query(`create schema ${name}`)
    await tx.query(`comment on schema ${name} is '${MARK}'`)
    for (const table of TABLES)
      await tx.query(
        `create table ${name}.${table} (like ${quoted(live)}.${table}
           including defaults including constraints including indexes including storage)`,
      )
    // What people decided holds here as well, and is only looked at.
    await tx.query(`create view ${name}.match_decisions as select * from ${quoted(live)}.match_decisions`)
    // How long it took from a claim is nothing that a replay can tell.
    await tx.query(`create function ${name}.no_duration() returns trigger language plpgsql as $$
      begin
        new.duration_ms := null;
        return new;
      end $$`)
    await tx.query(`create trigger sync_logs_no_duration before insert on ${name}.sync_logs
      for each row execute function ${name}.no_duration()`)
    return { name, live, made: true }
  })
}

/** Runs `work` in one transaction in which table names without a schema are those of the fresh one, and no others. */
export async function inFreshSchema<T>(
  db: Database,
  { name }: FreshSchema,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query(`select set_config('search_path', $1, true)`, [name])
    return work(tx)
  })
}

/** Takes products into the fresh schema as they are live, those that are not there yet. */
export async function takeProducts(
  tx: Queryable,
  { name, live }: FreshSchema,
  ids: readonly string[],
): Promise<void> {
  await tx.query(
    `insert into ${name}.products
       select p.* from (select distinct id from unnest($1::uuid[]) u (id)) u
        cross join lateral (select * from ${quoted(live)}.products p where p.id = u.id) p
       on conflict do nothing`,
    [ids],
  )
}

export interface ClaimedResult {
  readonly productId: string
  readonly marketplaceId: string
  readonly attempt: number
  /** Milliseconds since the epoch. */
  readonly observedAt: number
}

/** Makes rows of the fresh schema wait for these attempts, so that their results count as they do live. */
export async function awaitResults(tx: Queryable, results: readonly ClaimedResult[]): Promise<void> {
  await tx.query(
    `insert into product_syncs (product_id, marketplace_id, state, attempt, queued_at)
       select product_id, marketplace_id, 'queued', attempt, to_timestamp(observed_at / 1000.0)
         from unnest($1::uuid[], $2::text[], $3::int[], $4::float8[]) r (product_id, marketplace_id, attempt, observed_at)
     on conflict (product_id, marketplace_id) do update
       set (state, attempt, queued_at) = (excluded.state, excluded.attempt, excluded.queued_at)`,
    [
      results.map(({ productId }) => productId),
      results.map(({ marketplaceId }) => marketplaceId),
      results.map(({ attempt }) => attempt),
      results.map(({ observedAt }) => observedAt),
    ],
  )
}

export interface ClaimedPrice {
  readonly asin: string
  readonly marketplaceId: string
  readonly level: string
  readonly attempt: number
  /** Milliseconds since the epoch. */
  readonly observedAt: number
}

/** As `awaitResults`, for prices; of a match or not. */
export async function awaitPrices(tx: Queryable, prices: readonly ClaimedPrice[]): Promise<void> {
  await tx.query(
    `insert into offer_syncs (asin, marketplace_id, level, state, attempt, queued_at, priority)
       select asin, marketplace_id, level, 'queued', attempt, to_timestamp(observed_at / 1000.0), 0
         from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::float8[])
           r (asin, marketplace_id, level, attempt, observed_at)
     on conflict (asin, marketplace_id, level) do update
       set (state, attempt, queued_at) = (excluded.state, excluded.attempt, excluded.queued_at)`,
    [
      prices.map(({ asin }) => asin),
      prices.map(({ marketplaceId }) => marketplaceId),
      prices.map(({ level }) => level),
      prices.map(({ attempt }) => attempt),
      prices.map(({ observedAt }) => observedAt),
    ],
  )
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
