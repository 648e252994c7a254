import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '#libs/event-log/port.ts'
import { done, type Processor } from '#libs/stream/processor.ts'
import { type RunningProcessor, runProcessor } from '#libs/stream/runner.ts'
import { TextCodec } from '#libs/stream/test-double.ts'

/** For `runner.itest.ts` alone: a processor that copies, and says in the key where each record came from. */
export interface CopyJob {
  readonly group: string
  readonly input: string
  readonly output: string
  readonly deadLetters: string
  /** How long a chunk takes, so that there is a middle to be killed in. */
  readonly chunkMs: number
}

export function startCopying(
  log: EventLog,
  job: CopyJob,
  process?: Processor<string>['process'],
): RunningProcessor {
  const copier: Processor<string> = {
    group: job.group,
    inputs: [job.input],
    outputs: [job.output],
    chunks: { maxWeight: 10, lingerMs: 5, inFlight: 4 },
    process: async (chunk, context) => {
      await sleep(job.chunkMs)
      if (process !== undefined) return process(chunk, context)
      return chunk.records.map(({ value, raw }) =>
        done([{ topic: job.output, key: `${raw.partition}/${raw.offset}`, value }]),
      )
    },
  }
  return runProcessor(copier, { log, codec: new TextCodec(), deadLetterTopic: job.deadLetters })
}

/** As a process of its own, to be killed: `node test-copier.ts '{"module":…,"factory":…,"options":…,"job":…}'`. */
if (import.meta.main) {
  const { module, factory, options, job } = JSON.parse(process.argv[2] ?? '') as {
    module: string
    factory: string
    options: unknown
    job: CopyJob
  }
  const adapter = (await import(module)) as Record<string, (options: unknown) => EventLog>
  await startCopying(adapter[factory]!(options), job).finished
}
