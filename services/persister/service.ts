import type { Database } from '#libs/db/database.ts'
import { forgetOffsetsPastEnd } from '#libs/db/offsets.ts'
import { requireMigrated } from '#libs/service/migrated.ts'
import { startProcessorService } from '#libs/service/processor-service.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { together } from '#libs/service/together.ts'
import { createOffersPersister } from './offers-persister.ts'
import { createPersister } from './persister.ts'
import type { ResultsProcessor } from './results-processor.ts'

/** Writes the results of look-ups; and those of prices, unless `OFFERS_POLICY` is off. */
export async function startPersister(context: ServiceContext): Promise<RunningService> {
  const { backends, config, logger, metrics } = context
  const db = await backends.database()
  await requireMigrated(db, config)
  const parts = { db, config, logger, metrics }
  const persister = createPersister(parts)
  if (config.OFFERS_POLICY.levels.length === 0) return startProcessor(context, db, persister)
  return together('persister', [
    () => startProcessor(context, db, persister),
    () => startProcessor(context, db, createOffersPersister(parts)),
  ])
}

async function startProcessor<T>(
  context: ServiceContext,
  db: Database,
  processor: ResultsProcessor<T>,
): Promise<RunningService> {
  const { backends, logger } = context
  for (const topic of processor.inputs) {
    const ends = await backends.log().admin.endOffsets(topic)
    const forgotten = await forgetOffsetsPastEnd(db, processor.group, topic, ends)
    if (forgotten.length > 0) {
      logger.warn(
        { partitions: forgotten.map((offset) => offset.partition) },
        `${topic} ends before what was stored of it: it was created anew, and is read from its start`,
      )
    }
  }
  return startProcessorService('persister', processor, context, processor.ready)
}
