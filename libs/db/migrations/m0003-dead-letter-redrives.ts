import { Migration } from '@mikro-orm/migrations'

/** Which dead letters were brought back, so that none is twice by accident. */
export class M0003DeadLetterRedrives extends Migration {
  override name = 'm0003-dead-letter-redrives'

  override up(): void {
    // A topic that is created anew begins at offset 0 again: only with the time is a record named for good.
    this.addSql(`create table dead_letter_redrives (
      partition int not null,
      record_offset bigint not null,
      logged_at timestamptz not null,
      times int not null default 1,
      redriven_at timestamptz not null default now(),
      primary key (partition, record_offset, logged_at)
    )`)
  }

  override down(): void {
    this.addSql('drop table if exists dead_letter_redrives')
  }
}
