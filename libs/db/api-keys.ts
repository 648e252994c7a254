import { createHash, randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from './database.ts'
import { isoTimestamp } from './timestamps.ts'

/** What a caller of the API may do; `admin` includes the others. */
export const apiScopes = ['read', 'sync', 'products', 'admin'] as const
export type ApiScope = (typeof apiScopes)[number]

/** Every key begins with it: scanners for secrets that were published find them by it. */
export const API_KEY_MARK = 'asin_'
const PREFIX_LENGTH = API_KEY_MARK.length + 6
/** `last_used_at` is this exact: a write for each request would cost more than the request. */
const LAST_USED_SECONDS = 60

/** A key as lists show it; times are ISO 8601 in UTC. */
export interface ApiKeyView {
  readonly id: string
  readonly name: string
  /** The first characters of the key, by which its owner knows it. */
  readonly prefix: string
  readonly scopes: readonly ApiScope[]
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly ApiScope[]
  readonly createdBy: string
  /** It stops working then; null: never. */
  readonly expiresAt: Date | null
}

const columns = `id, name, prefix, scopes, created_by as "createdBy", ${isoTimestamp('created_at')} as "createdAt",
  ${isoTimestamp('expires_at')} as "expiresAt", ${isoTimestamp('last_used_at')} as "lastUsedAt",
  ${isoTimestamp('revoked_at')} as "revokedAt"`

type Row = ApiKeyView & Record<string, unknown>

/** Makes a key of 256 random bits. It is told this once: the database keeps its SHA-256. */
export async function createApiKey(
  db: Queryable,
  { name, scopes, createdBy, expiresAt }: NewApiKey,
): Promise<{ readonly key: string; readonly view: ApiKeyView }> {
  const key = API_KEY_MARK + randomBytes(32).toString('base64url')
  const [view] = await db.query<Row>(
    `insert into api_keys (id, name, prefix, hash, scopes, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
    [uuidv7(), name, key.slice(0, PREFIX_LENGTH), hashOf(key), [...scopes], createdBy, expiresAt],
  )
  if (!view) throw new Error('the key was not stored')
  return { key, view }
}

/** The key if it is valid at this moment: neither revoked nor past its end. */
export async function findApiKey(db: Queryable, key: string): Promise<ApiKeyView | null> {
  const [view] = await db.query<Row>(
    `select ${columns} from api_keys
      where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [hashOf(key)],
  )
  return view ?? null
}

/** Notes that a key was used, once a minute at most. */
export async function touchApiKey(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update api_keys set last_used_at = now()
      where id = $1 and (last_used_at is null or last_used_at < now() - ${LAST_USED_SECONDS} * interval '1 second')`,
    [id],
  )
}

/** All keys, the newest first, those that do not work any more included. */
export async function listApiKeys(db: Queryable): Promise<readonly ApiKeyView[]> {
  return db.query<Row>(`select ${columns} from api_keys order by created_at desc, id desc`)
}

/** Revokes a key for ever, by its id or its prefix; null when there is none, or several have the prefix. */
export async function revokeApiKey(db: Queryable, idOrPrefix: string): Promise<ApiKeyView | null> {
  const [view] = await db.query<Row>(
    `update api_keys set revoked_at = coalesce(revoked_at, now())
      where id = (select min(id::text)::uuid from api_keys where id::text = lower($1) or prefix = $1 having count(*) = 1)
     returning ${columns}`,
    [idOrPrefix],
  )
  return view ?? null
}

export interface AuditEntry {
  readonly caller: string
  readonly keyId: string | null
  readonly method: string
  readonly path: string
  readonly status: number
  readonly requestId: string
  /** What was done, such as `match.accept`, where method and path do not tell all. */
  readonly action?: string
  /** What it was done to: filter, count, before and after. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Notes who changed, or tried to change, what. */
export async function recordAudit(db: Queryable, entry: AuditEntry): Promise<void> {
  await db.query(
    `insert into api_audit (id, caller, key_id, method, path, status, request_id, action, details)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      uuidv7(),
      entry.caller.slice(0, 255),
      entry.keyId,
      entry.method.slice(0, 10),
      entry.path.slice(0, 500),
      entry.status,
      entry.requestId,
      entry.action ?? null,
      entry.details === undefined ? null : JSON.stringify(entry.details),
    ],
  )
}

/** Removes audit rows that are older than `keptMs`, in milliseconds. */
export async function removeOldAudit(db: Queryable, keptMs: number): Promise<void> {
  await db.query(`delete from api_audit where at < now() - $1 * interval '1 millisecond'`, [keptMs])
}

/** SHA-256 of a key: what is stored, and what is compared. */
export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
