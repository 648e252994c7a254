/**
 * A fetcher with a planted loss: it says that its results are in the log when they are not on their way yet, and sends them
 * once the requests are committed.
 */
import type { Consumer, EventLog, NewRecord } from '#libs/event-log/port.ts'
import { runService } from '#libs/service/run.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { withLog } from './with-log.ts'

const plant = (log: EventLog): EventLog => {
  let held: NewRecord[] = []
  const send = async (): Promise<void> => {
    const records = held
    held = []
    if (records.length > 0) await log.append(records)
  }
  const committingFirst = (consumer: Consumer): Consumer => ({
    commit: async (batch, next) => {
      await consumer.commit(batch, next)
      await send()
    },
    close: () => consumer.close(),
    [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
  })
  return withLog(log, {
    append: async (records) => void held.push(...records),
    consume: (options) => committingFirst(log.consume(options)),
  })
}

process.exitCode = await runService('catalog-fetcher', (context) => {
  const { backends } = context
  return startCatalogFetcher({ ...context, backends: { ...backends, log: () => plant(backends.log()) } })
})
