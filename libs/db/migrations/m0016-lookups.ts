import { Migration } from '@mikro-orm/migrations'

/**
 * What lookups brought of items and codes, whether a product has them or not. What is older than anybody takes it for fresh
 * is deleted by who stores the next.
 */
export class M0016Lookups extends Migration {
  override name = 'm0016-lookups'

  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }

  override down(): void {
    this.addSql('drop table if exists looked_up_codes, looked_up_items')
  }
}

const statements = [
  // Without `item`: Amazon does not know it.
  `create table looked_up_items (
    marketplace_id varchar(20) not null,
    asin varchar(10) not null,
    item jsonb,
    observed_at timestamptz not null,
    primary key (marketplace_id, asin)
  ) with (fillfactor = 80)`,
  'create index looked_up_items_observed_at on looked_up_items (observed_at)',
  `create table looked_up_codes (
    marketplace_id varchar(20) not null,
    gtin14 varchar(14) not null,
    asins text[] not null,
    observed_at timestamptz not null,
    primary key (marketplace_id, gtin14)
  ) with (fillfactor = 80)`,
  'create index looked_up_codes_observed_at on looked_up_codes (observed_at)',
]
