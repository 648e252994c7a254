/**
 * A persister with a planted loss: it commits what it has been handed before the effects are in PostgreSQL. The offsets that
 * stand beside the effects can not help: what is committed is not handed out again.
 */
import type { Batch, Consumer, EventLog } from '#libs/event-log/port.ts'
import { runService } from '#libs/service/run.ts'
import { startPersister } from '#services/persister/service.ts'
import { withLog } from './with-log.ts'

const committingEarly = (consumer: Consumer): Consumer => ({
  commit: async () => {},
  close: () => consumer.close(),
  [Symbol.asyncIterator]() {
    const batches = consumer[Symbol.asyncIterator]()
    return {
      async next(): Promise<IteratorResult<Batch>> {
        const result = await batches.next()
        const last = result.done ? undefined : result.value.records.at(-1)
        if (last !== undefined) await consumer.commit(result.value, last.offset + 1n)
        return result
      },
      return: async () => ({ done: true, value: undefined }),
    }
  },
})

const plant = (log: EventLog): EventLog =>
  withLog(log, { consume: (options) => committingEarly(log.consume(options)) })

process.exitCode = await runService('persister', (context) => {
  const { backends } = context
  return startPersister({ ...context, backends: { ...backends, log: () => plant(backends.log()) } })
})
