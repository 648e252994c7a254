import { Migration } from '@mikro-orm/migrations'

/**
 * Sellers and the applications that they have authorised. Secrets are sealed before they come here (AES-256-GCM, with
 * whose they are as associated data) by the key that `key_id` names, which is nowhere in the database.
 */
export class M0009SellerCredentials extends Migration {
  override name = 'm0009-seller-credentials'

  override up(): void {
    this.addSql(`create table lwa_applications (
      client_id varchar(255) primary key,
      client_secret bytea not null,
      previous_client_secret bytea,
      previous_valid_until timestamptz,
      key_id varchar(32) not null,
      updated_at timestamptz not null default now(),
      check ((previous_client_secret is null) = (previous_valid_until is null))
    )`)
    // Without a client id it is the application of the environment that the seller has authorised.
    this.addSql(`create table seller_credentials (
      name varchar(63) primary key,
      client_id varchar(255) references lwa_applications,
      refresh_token bytea not null,
      key_id varchar(32) not null,
      marketplaces text[],
      usage_plans text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`)
  }

  override down(): void {
    this.addSql('drop table if exists seller_credentials')
    this.addSql('drop table if exists lwa_applications')
  }
}
