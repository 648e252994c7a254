import type { Headers, LogRecord, NewRecord } from '#libs/event-log/port.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import { StreamError } from '#libs/stream/errors.ts'
import { Tally } from '#libs/stream/metrics.ts'
import type { Codec, Decoded, Emit, Processor, Verdict } from '#libs/stream/processor.ts'
import type { RejectLimit } from '#libs/stream/reject-limit.ts'

/** W3C Trace Context: the headers that carry a trace from a record to what is emitted for it. */
const TRACE_HEADERS = ['traceparent', 'tracestate']

const KINDS: ReadonlySet<string> = new Set(['done', 'drop', 'reject', 'retry'] satisfies Verdict['kind'][])

/** What the verdicts on a chunk come to. Indexes are those of its records. */
export interface Outcome {
  /** Outputs and dead letters, in the order of the records. */
  readonly appends: readonly NewRecord[]
  readonly finished: readonly number[]
  readonly again: readonly { readonly index: number; readonly inMs: number; readonly reason: string }[]
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
  readonly tally: Tally
}

/**
 * Turns verdicts into what has to be appended, finished and handed in again.
 *
 * @throws StreamError `WRONG_VERDICTS`, `UNDECLARED_OUTPUT`, `ENCODE_FAILED`, `TOO_MANY_REJECTS`.
 */
export async function sortOut(
  processor: Declared,
  settings: { readonly codec: Codec; readonly deadLetterTopic: string; readonly now: () => number },
  limit: RejectLimit,
  records: readonly Decoded<unknown>[],
  verdicts: readonly Verdict[],
): Promise<Outcome> {
  const { group } = processor
  checkVerdicts(group, records, verdicts)
  const appends: (NewRecord | Promise<NewRecord>)[] = []
  const finished: number[] = []
  const again: Outcome['again'][number][] = []
  const rejected: Outcome['rejected'][number][] = []
  const tally = new Tally()
  for (const [index, verdict] of verdicts.entries()) {
    const { raw } = records[index]!
    if (verdict.kind === 'retry') {
      again.push({ index, inMs: verdict.inMs, reason: verdict.reason })
      tally.add('retried', verdict.reason)
      continue
    }
    finished.push(index)
    if (verdict.kind === 'reject') {
      const { reason } = verdict
      limit.rejected(raw, reason)
      rejected.push({ index, reason })
      appends.push(deadLetter(raw, { topic: settings.deadLetterTopic, group, reason, at: settings.now() }))
      tally.add('rejected', raw.topic)
      continue
    }
    limit.good()
    if (verdict.kind === 'drop') tally.add('dropped', verdict.reason)
    else {
      for (const emit of verdict.emits) {
        appends.push(encodeEmit(processor, settings.codec, raw, emit))
        tally.add('emitted', emit.topic)
      }
    }
  }
  return { appends: await settled(appends), finished, again, rejected, tally }
}

/** Waits only when there is something to wait for. */
async function settled(appends: (NewRecord | Promise<NewRecord>)[]): Promise<readonly NewRecord[]> {
  return appends.some((append) => append instanceof Promise) ? Promise.all(appends) : (appends as NewRecord[])
}

type Declared = Pick<Processor<never>, 'group' | 'outputs'>

/**
 * Checks that `process` gave one verdict per record.
 *
 * @throws StreamError `WRONG_VERDICTS`.
 */
export function checkVerdicts(
  group: string,
  records: readonly Decoded<unknown>[],
  verdicts: readonly Verdict[],
): void {
  const place = records[0]?.raw
  if (!Array.isArray(verdicts) || verdicts.length !== records.length) {
    const got = Array.isArray(verdicts) ? `${verdicts.length} verdicts` : 'no list of verdicts'
    throw new StreamError('WRONG_VERDICTS', {
      group,
      place,
      problem: `process returned ${got} for ${records.length} records; it has to return one for each, in their order`,
    })
  }
  verdicts.forEach((verdict: Verdict | undefined, index) => {
    if (verdict === undefined || !KINDS.has(verdict.kind)) {
      throw new StreamError('WRONG_VERDICTS', {
        group,
        place: records[index]?.raw,
        problem: 'process returned something that is no verdict; use done, drop, reject or retry',
      })
    }
    if (verdict.kind === 'retry' && !(verdict.inMs >= 0)) {
      throw new StreamError('WRONG_VERDICTS', {
        group,
        place: records[index]?.raw,
        problem: `process asked for a retry in ${verdict.inMs} ms; inMs has to be 0 or more`,
      })
    }
  })
}

/**
 * Encodes what a record's verdict emits, with the record's trace. Gives a promise only when the codec does.
 *
 * @throws StreamError `UNDECLARED_OUTPUT`, `ENCODE_FAILED`.
 */
export function encodeEmit(
  processor: Declared,
  codec: Codec,
  raw: LogRecord,
  emit: Emit,
): NewRecord | Promise<NewRecord> {
  const { group, outputs } = processor
  if (!outputs.includes(emit.topic)) {
    throw new StreamError('UNDECLARED_OUTPUT', {
      group,
      place: raw,
      problem: `process emitted to ${emit.topic}, which is not among its outputs (${outputs.join(', ') || 'none'}); declare it`,
    })
  }
  const record = (value: Buffer): NewRecord => ({
    topic: emit.topic,
    key: Buffer.from(emit.key),
    value,
    headers: traced(raw.headers, emit.headers),
  })
  const failed = (cause: unknown): never => {
    throw new StreamError('ENCODE_FAILED', {
      group,
      place: raw,
      problem: `what was emitted to ${emit.topic} could not be encoded`,
      cause,
    })
  }
  let value: Buffer | Promise<Buffer>
  try {
    value = codec.encode(emit.topic, emit.value)
  } catch (cause) {
    return failed(cause)
  }
  return value instanceof Promise ? value.then(record, failed) : record(value)
}

function traced(from: Headers, own: Headers = {}): Headers {
  let headers: Record<string, Buffer> | undefined
  for (const name of TRACE_HEADERS) {
    const value = from[name]
    if (value !== undefined && own[name] === undefined) {
      headers ??= { ...own }
      headers[name] = value
    }
  }
  return headers ?? own
}
