import { Migration } from '@mikro-orm/migrations'

/** Reports and feeds that Amazon was asked for, so that none is asked for twice. */
export class M0012DocumentJobs extends Migration {
  override name = 'm0012-document-jobs'

  override up(): void {
    this.addSql(`create table document_jobs (
      owner varchar(255) not null,
      key varchar(255) not null,
      lane varchar(2000) not null,
      version int not null,
      state varchar(10) not null check (state in ('asking', 'asked', 'done', 'no_data', 'failed')),
      wish jsonb not null,
      asked_at timestamptz not null,
      amazon_id text,
      document_id text,
      finished_at timestamptz,
      not_before timestamptz,
      reason text,
      primary key (owner, key)
    )`)
    // Amazon's lists do not tell the things of a lane apart: one of them is asked for at a time.
    this.addSql(
      `create unique index document_jobs_asking on document_jobs (owner, lane) where state = 'asking'`,
    )
    this.addSql('create index document_jobs_amazon_id on document_jobs (owner, amazon_id)')
    this.addSql('create index document_jobs_old on document_jobs ((coalesce(finished_at, asked_at)))')
  }

  override down(): void {
    this.addSql('drop table if exists document_jobs')
  }
}
