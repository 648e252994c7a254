import { onTestFinished } from 'vitest'
import { type Chunk, type ChunkPolicy, done, type Processor, type Verdict } from '#libs/stream/processor.ts'
import { type RunOptions, runProcessor } from '#libs/stream/runner.ts'
import { ScriptedLog, TextCodec } from '#libs/stream/test-double.ts'

/** What the runner's unit tests share. */

export type Process = (chunk: Chunk<string>, context: { signal: AbortSignal }) => Promise<readonly Verdict[]>

export const echo: Process = async ({ records }) =>
  records.map(({ value }) => done([{ topic: 'out', key: value, value: `${value}!` }]))

/** A processor of texts on a scripted log; it is stopped when the test ends. */
export function start(
  process: Process,
  chunks: Partial<ChunkPolicy<string>> = {},
  options: Partial<RunOptions> = {},
) {
  const log = new ScriptedLog()
  const codec = new TextCodec()
  const processor: Processor<string> = {
    group: 'shouters',
    inputs: ['in'],
    outputs: ['out'],
    chunks: { maxWeight: 10, lingerMs: 1, inFlight: 1, ...chunks },
    process,
  }
  const running = runProcessor(processor, {
    log,
    codec,
    deadLetterTopic: 'dead-letters',
    backOff: { firstMs: 1, maxMs: 2 },
    ...options,
  })
  const failure = running.finished.then(
    () => undefined,
    (error) => error as Error & { code?: string },
  )
  onTestFinished(() => running.stop({ graceMs: 0 }))
  return { log, codec, running, failure }
}

export const texts = (log: ScriptedLog, topic: string) =>
  log.appended.filter((record) => record.topic === topic).map((record) => record.value?.toString())
