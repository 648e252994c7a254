import { Migration } from '@mikro-orm/migrations'

/**
 * Pages with room for a second version of each of their rows: a chunk updates neighbours, and a version that stays on its
 * page touches no index. (Rows of product_syncs never do, as due ones are found by what changes.)
 */
export class M0008RoomForUpdates extends Migration {
  override name = 'm0008-room-for-updates'

  override up(): void {
    this.addSql('alter table products set (fillfactor = 50)')
    this.addSql('alter table amazon_market_data set (fillfactor = 50)')
  }
}
