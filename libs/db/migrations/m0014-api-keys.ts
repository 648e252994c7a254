import { Migration } from '@mikro-orm/migrations'

/** Who may use the API, and who changed what through it. */
export class M0014ApiKeys extends Migration {
  override name = 'm0014-api-keys'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const statements = [
  // The key itself is nowhere: of 256 random bits a plain SHA-256 tells nothing.
  `create table api_keys (
    id uuid primary key,
    name varchar(100) not null,
    prefix varchar(16) not null,
    hash bytea not null constraint api_keys_hash_unique unique,
    scopes text[] not null,
    created_by varchar(255) not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_keys_scopes_known check (scopes <@ array['read', 'sync', 'products', 'admin'] and cardinality(scopes) > 0)
  )`,
  `create table api_audit (
    id uuid primary key,
    at timestamptz not null default now(),
    caller varchar(255) not null,
    key_id uuid,
    method varchar(10) not null,
    path varchar(500) not null,
    status smallint not null,
    request_id varchar(100) not null
  )`,
  'create index api_audit_at on api_audit (at)',
]
