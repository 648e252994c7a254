import type { Headers, LogRecord, NewRecord } from '#libs/event-log/port.ts'
import { deadLetterHeaders, REDRIVEN } from '#libs/stream/dead-letter.ts'

/** A record of the dead-letter topic, as its headers tell it. */
export interface DeadLetter {
  readonly record: LogRecord
  /** Where it came from; null when its headers do not say: nobody but the runner knows how to write dead letters. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: bigint } | null
  readonly group: string | null
  readonly reason: string | null
  /** When it was rejected, in milliseconds since the epoch; when the log took it, where its headers do not say. */
  readonly at: number
  /** How often it had been redriven before it got here. */
  readonly redriven: number
}

export function readDeadLetter(record: LogRecord): DeadLetter {
  const text = (name: string): string | null => record.headers[name]?.toString() ?? null
  const topic = text('dlq.topic')
  const [partition, offset] = [text('dlq.partition'), text('dlq.offset')].map(wholeNumber)
  const at = Date.parse(text('dlq.at') ?? '')
  return {
    record,
    origin:
      topic && typeof partition === 'bigint' && typeof offset === 'bigint'
        ? { topic, partition: Number(partition), offset }
        : null,
    group: text('dlq.group'),
    reason: text('dlq.reason'),
    at: Number.isNaN(at) ? record.timestamp : at,
    redriven: timesRedriven(record.headers),
  }
}

/** How often a record was brought back from the dead letters; 0 for nearly all. */
export function timesRedriven(headers: Headers): number {
  return Number(wholeNumber(headers[REDRIVEN]?.toString() ?? null) ?? 0)
}

/**
 * The record as it came, for the topic that it came from: value, key and own headers byte for byte, and one more
 * `dlq.redriven`.
 *
 * @throws Error when the letter does not say where it came from.
 */
export function redriven({ record, origin, redriven: before }: DeadLetter): NewRecord {
  if (origin === null)
    throw new Error(`dead letter ${record.partition}:${record.offset} does not say which topic it came from`)
  const ours: ReadonlySet<string> = new Set(deadLetterHeaders)
  const own = Object.entries(record.headers).filter(([name]) => !ours.has(name))
  const headers = { ...Object.fromEntries(own), [REDRIVEN]: Buffer.from(String(before + 1)) }
  return { topic: origin.topic, key: record.key, value: record.value, headers }
}

function wholeNumber(text: string | null): bigint | null {
  return text !== null && /^\d{1,18}$/.test(text) ? BigInt(text) : null
}
