import type { Processor } from '#libs/stream/processor.ts'
import { runProcessor } from '#libs/stream/runner.ts'
import { DEAD_LETTERS } from '#schemas/topics.ts'
import type { RunningService, ServiceContext } from './service.ts'
import { streamMetrics } from './stream-metrics.ts'
import { requireTopics } from './topics.ts'

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
