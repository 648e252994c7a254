/**
 * A fetcher with a planted loss: it says that its results are in the log when they are only on their way there, so that it
 * commits the requests before.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '#libs/event-log/port.ts'
import { runService } from '#libs/service/run.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { withLog } from './with-log.ts'

/** A slow broker, and longer than commits are held back: else both go out together now and then. */
const LATE_MS = 600

const plant = (log: EventLog): EventLog =>
  withLog(log, {
    append: async (records) => {
      void sleep(LATE_MS).then(() => log.append(records))
    },
  })

process.exitCode = await runService('catalog-fetcher', (context) => {
  const { backends } = context
  return startCatalogFetcher({ ...context, backends: { ...backends, log: () => plant(backends.log()) } })
})
