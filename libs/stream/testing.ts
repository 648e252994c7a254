import type { LogRecord } from '#libs/event-log/port.ts'
import { Chunker } from '#libs/stream/chunker.ts'
import { checkVerdicts, encodeEmit } from '#libs/stream/outputs.ts'
import type { Codec, Decoded, Processor, Verdict } from '#libs/stream/processor.ts'

/** What a processor made of one value. */
export interface Tested<T> {
  /** As `process` got it, through the codec. */
  readonly value: T
  readonly verdict: Verdict
  /** What was emitted, encoded and decoded again as the next service would. */
  readonly emits: readonly { readonly topic: string; readonly key: string; readonly value: unknown }[]
}

export interface TestOptions<T> {
  readonly codec: Codec
  /** Default: the processor's first input. */
  readonly topic?: string
  /** Record key of a value; default ''. */
  readonly key?: (value: T) => string
  readonly signal?: AbortSignal
}

/**
 * Hands values to a processor as a log would, without one: encoded and decoded, in chunks by its policy, with every
 * check of the runner on verdicts and emits. For the tests of services.
 *
 * @returns one result per value, in the order of the values.
 */
export async function testProcessor<T>(
  processor: Processor<T>,
  values: readonly T[],
  options: TestOptions<T>,
): Promise<readonly Tested<T>[]> {
  const { codec, key = () => '', signal = new AbortController().signal } = options
  const topic = options.topic ?? processor.inputs[0]
  if (topic === undefined) throw new Error(`${processor.group} has no input topic`)
  const chunker = new Chunker<T, { record: Decoded<T> }>(processor.chunks)
  for (const [index, value] of values.entries()) {
    const raw = recordOf(topic, index, key(value), await codec.encode(topic, value))
    chunker.add({ record: { value: (await codec.decode(topic, raw.value)) as T, raw } }, 0)
  }
  const tested = new Map<bigint, Tested<T>>()
  for (let chunk = take(chunker); chunk !== undefined; chunk = take(chunker)) {
    const records = chunk.members.map(({ entry }) => entry.record)
    const verdicts = await processor.process({ key: chunk.key, records }, { signal })
    checkVerdicts(processor.group, records, verdicts)
    for (const [index, { value, raw }] of records.entries()) {
      const verdict = verdicts[index]!
      tested.set(raw.offset, { value, verdict, emits: await emitsOf(processor, codec, raw, verdict) })
    }
  }
  return [...tested].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result)
}

/** All lingering is over, whatever its length. */
const take = <T>(chunker: Chunker<T, { record: Decoded<T> }>) => chunker.take(Number.MAX_SAFE_INTEGER)

async function emitsOf(
  processor: Processor<never>,
  codec: Codec,
  raw: LogRecord,
  verdict: Verdict,
): Promise<Tested<never>['emits']> {
  if (verdict.kind !== 'done') return []
  return Promise.all(
    verdict.emits.map(async (emit) => {
      const { value } = await encodeEmit(processor, codec, raw, emit)
      return {
        topic: emit.topic,
        key: emit.key,
        value: value === null ? null : await codec.decode(emit.topic, value),
      }
    }),
  )
}

const recordOf = (topic: string, index: number, key: string, value: Buffer) => ({
  topic,
  partition: 0,
  offset: BigInt(index),
  key: Buffer.from(key),
  value,
  headers: {},
  timestamp: 0,
})
