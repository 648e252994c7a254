import type { Queryable } from './database.ts'

/** A seller as it is stored: the refresh token sealed. */
export interface StoredSeller {
  readonly name: string
  /** Null: the application that the environment names. */
  readonly clientId: string | null
  readonly refreshToken: Buffer
  /** Which key sealed it. */
  readonly keyId: string
  /** Ids or country codes; null: all. */
  readonly marketplaces: readonly string[] | null
  readonly usagePlans: string | null
}

/** An application at Login with Amazon as it is stored: its secrets sealed. */
export interface StoredApplication {
  readonly clientId: string
  readonly clientSecret: Buffer
  /** The secret before it, while Amazon takes both. */
  readonly previousClientSecret: Buffer | null
  /** Milliseconds since the epoch. */
  readonly previousValidUntil: number | null
  readonly keyId: string
}

export interface StoredCredentials {
  /** By name; `updatedAt` in milliseconds since the epoch, as in the applications. */
  readonly sellers: readonly (StoredSeller & { readonly updatedAt: number })[]
  readonly applications: readonly (StoredApplication & { readonly updatedAt: number })[]
}

/** Drivers differ in how they answer times; not in numbers. */
const MS = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`

/** Everything, of one moment where `db` is a transaction that says so. */
export async function readCredentials(db: Queryable): Promise<StoredCredentials> {
  const sellers = await db.query<StoredCredentials['sellers'][number] & Record<string, unknown>>(
    `select name, client_id as "clientId", refresh_token as "refreshToken", key_id as "keyId", marketplaces,
            usage_plans as "usagePlans", ${MS('updated_at')} as "updatedAt"
       from seller_credentials order by name`,
  )
  const applications = await db.query<StoredCredentials['applications'][number] & Record<string, unknown>>(
    `select client_id as "clientId", client_secret as "clientSecret", key_id as "keyId",
            previous_client_secret as "previousClientSecret", ${MS('previous_valid_until')} as "previousValidUntil",
            ${MS('updated_at')} as "updatedAt"
       from lwa_applications order by client_id`,
  )
  return { sellers, applications }
}

/** The rows stay as they are until the transaction ends. */
export async function lockCredentials(tx: Queryable): Promise<void> {
  await tx.query('lock table lwa_applications, seller_credentials in share row exclusive mode')
}

/** Adds a seller, or replaces the one of its name. */
export async function saveSeller(db: Queryable, seller: StoredSeller): Promise<void> {
  await db.query(
    `insert into seller_credentials (name, client_id, refresh_token, key_id, marketplaces, usage_plans)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (name) do update set client_id = excluded.client_id, refresh_token = excluded.refresh_token,
       key_id = excluded.key_id, marketplaces = excluded.marketplaces, usage_plans = excluded.usage_plans,
       updated_at = now()`,
    [seller.name, seller.clientId, seller.refreshToken, seller.keyId, seller.marketplaces, seller.usagePlans],
  )
}

/** Adds an application, or replaces the one of its client id. */
export async function saveApplication(db: Queryable, application: StoredApplication): Promise<void> {
  await db.query(
    `insert into lwa_applications
       (client_id, client_secret, previous_client_secret, previous_valid_until, key_id)
     values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5)
     on conflict (client_id) do update set client_secret = excluded.client_secret,
       previous_client_secret = excluded.previous_client_secret,
       previous_valid_until = excluded.previous_valid_until, key_id = excluded.key_id, updated_at = now()`,
    [
      application.clientId,
      application.clientSecret,
      application.previousClientSecret,
      application.previousValidUntil,
      application.keyId,
    ],
  )
}

/** Deletes a seller, and applications that nobody uses any more. Resolves to whether it was there. */
export async function removeSeller(tx: Queryable, name: string): Promise<boolean> {
  const removed = await tx.query('delete from seller_credentials where name = $1 returning 1', [name])
  await tx.query(
    `delete from lwa_applications a
      where not exists (select 1 from seller_credentials s where s.client_id = a.client_id)`,
  )
  return removed.length > 0
}
