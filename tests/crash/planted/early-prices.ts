/**
 * An offer-fetcher with a planted loss: it says that its results are in the log before they are on their way, and has a
 * look at the log some times between the commit and the results, so that there are always steps at which it can end there.
 */
import type { Consumer, EventLog, NewRecord } from '#libs/event-log/port.ts'
import { runService } from '#libs/service/run.ts'
import { startOfferFetcher } from '#services/offer-fetcher/service.ts'
import { withLog } from './with-log.ts'

const LOOKS = 20

const plant = (log: EventLog): EventLog => {
  let held: NewRecord[] = []
  const committingFirst = (consumer: Consumer): Consumer => ({
    commit: async (batch, next) => {
      await consumer.commit(batch, next)
      for (let i = 0; i < LOOKS; i++) await log.ping()
      const records = held
      held = []
      if (records.length > 0) await log.append(records)
    },
    close: () => consumer.close(),
    [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
  })
  return withLog(log, {
    append: async (records) => void held.push(...records),
    consume: (options) => committingFirst(log.consume(options)),
  })
}

process.exitCode = await runService('offer-fetcher', (context) => {
  const { backends } = context
  return startOfferFetcher({ ...context, backends: { ...backends, log: () => plant(backends.log()) } })
})
