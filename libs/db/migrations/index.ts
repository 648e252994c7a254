import type { MigrationsOptions } from '@mikro-orm/core'
import { M0001Initial } from './m0001-initial.ts'
import { M0002ExactAccounting } from './m0002-exact-accounting.ts'
import { M0003DeadLetterRedrives } from './m0003-dead-letter-redrives.ts'
import { M0004LinearTriggers } from './m0004-linear-triggers.ts'
import { M0005CodeChangeDropsMarketData } from './m0005-code-change-drops-market-data.ts'
import { M0006BoundedLogs } from './m0006-bounded-logs.ts'
import { M0007ProductCounts } from './m0007-product-counts.ts'
import { M0008RoomForUpdates } from './m0008-room-for-updates.ts'
import { M0009SellerCredentials } from './m0009-seller-credentials.ts'
import { M0010Offers } from './m0010-offers.ts'
import { M0011QueuedOperations } from './m0011-queued-operations.ts'
import { M0012DocumentJobs } from './m0012-document-jobs.ts'
import { M0013SyncJobs } from './m0013-sync-jobs.ts'
import { M0014ApiKeys } from './m0014-api-keys.ts'
import { M0015Review } from './m0015-review.ts'
import { M0016Lookups } from './m0016-lookups.ts'

/** Every migration, oldest first. A migration that has landed is never edited: the next one changes what it did. */
export const migrationsList = [
  { name: 'm0001-initial', class: M0001Initial },
  { name: 'm0002-exact-accounting', class: M0002ExactAccounting },
  { name: 'm0003-dead-letter-redrives', class: M0003DeadLetterRedrives },
  { name: 'm0004-linear-triggers', class: M0004LinearTriggers },
  { name: 'm0005-code-change-drops-market-data', class: M0005CodeChangeDropsMarketData },
  { name: 'm0006-bounded-logs', class: M0006BoundedLogs },
  { name: 'm0007-product-counts', class: M0007ProductCounts },
  { name: 'm0008-room-for-updates', class: M0008RoomForUpdates },
  { name: 'm0009-seller-credentials', class: M0009SellerCredentials },
  { name: 'm0010-offers', class: M0010Offers },
  { name: 'm0011-queued-operations', class: M0011QueuedOperations },
  { name: 'm0012-document-jobs', class: M0012DocumentJobs },
  { name: 'm0013-sync-jobs', class: M0013SyncJobs },
  { name: 'm0014-api-keys', class: M0014ApiKeys },
  { name: 'm0015-review', class: M0015Review },
  { name: 'm0016-lookups', class: M0016Lookups },
]

export const migrationOptions: MigrationsOptions = {
  tableName: 'schema_migrations',
  migrationsList,
  allOrNothing: true,
  snapshot: false,
}
