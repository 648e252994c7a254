import { forgetOffsetsPastEnd } from '#libs/db/offsets.ts'
import { requireMigrated } from '#libs/service/migrated.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { SYNC_RESULTS } from '#schemas/topics.ts'
import { createPersister, PERSISTER_GROUP } from './persister.ts'

export async function startPersister(context: ServiceContext): Promise<RunningService> {
  const { backends, config, logger, metrics } = context
  const db = await backends.database()
  await requireMigrated(db, config)
  const ends = await backends.log().admin.endOffsets(SYNC_RESULTS)
  const forgotten = await forgetOffsetsPastEnd(db, PERSISTER_GROUP, SYNC_RESULTS, ends)
  if (forgotten.length > 0) {
    logger.warn(
      { partitions: forgotten.map((offset) => offset.partition) },
      `${SYNC_RESULTS} ends before what was stored of it: it was created anew, and is read from its start`,
    )
  }
  const persister = createPersister({ db, config, logger, metrics })
  return startProcessorService('persister', persister, context, persister.ready)
}
