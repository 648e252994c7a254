import type { EventLog } from '#libs/event-log/port.ts'
import type { Processor } from '#libs/stream/processor.ts'
import { runProcessor } from '#libs/stream/runner.ts'
import { DEAD_LETTERS } from '#schemas/topics.ts'
import type { RunningService, ServiceContext } from './service.ts'
import { streamMetrics } from './stream-metrics.ts'

/** Runs a processor as a service: the same wiring for every one. `ready` adds what only this service needs. */
export async function startProcessorService<T>(
  name: string,
  processor: Processor<T>,
  { backends, logger, metrics }: ServiceContext,
  ready: () => Promise<void> = async () => {},
): Promise<RunningService> {
  const log = backends.log()
  const codec = backends.codec()
  await codec.ready()
  await requireTopics(log, [...processor.inputs, ...processor.outputs, DEAD_LETTERS])
  const runner = runProcessor(processor, {
    log,
    codec,
    deadLetterTopic: DEAD_LETTERS,
    metrics: streamMetrics(metrics),
    logger,
  })
  return {
    name,
    finished: runner.finished,
    healthy: () => runner.healthy(),
    async ready() {
      await Promise.all([log.ping(), codec.ready(), ready()])
    },
    stop: (graceMs) => runner.stop({ graceMs }),
  }
}

async function requireTopics(log: EventLog, names: readonly string[]): Promise<void> {
  const existing = new Set(await log.admin.listTopics())
  const missing = names.filter((name) => !existing.has(name))
  if (missing.length > 0) {
    throw new Error(`the log lacks the topic(s) ${missing.join(', ')}. Run: npm run migrate`)
  }
}
