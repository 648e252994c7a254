import type { LogRecord, NewRecord } from '#libs/event-log/port.ts'

/** Headers that say where a dead letter came from and why it is one. They stand beside the record's own headers. */
export const deadLetterHeaders = [
  'dlq.topic',
  'dlq.partition',
  'dlq.offset',
  'dlq.group',
  'dlq.reason',
  'dlq.at',
] as const
export type DeadLetterHeader = (typeof deadLetterHeaders)[number]

/** How often a record was brought back from the dead letters; it keeps this header wherever it goes. */
export const REDRIVEN = 'dlq.redriven'

/** Bounds what a decoder's message can add to a record. */
const MAX_REASON_CHARACTERS = 1_000

/** The record as it came, key and value byte for byte, for the dead-letter topic. `at`: milliseconds since the epoch. */
export function deadLetter(
  raw: LogRecord,
  about: { readonly topic: string; readonly group: string; readonly reason: string; readonly at: number },
): NewRecord {
  const own: Record<DeadLetterHeader, string> = {
    'dlq.topic': raw.topic,
    'dlq.partition': String(raw.partition),
    'dlq.offset': String(raw.offset),
    'dlq.group': about.group,
    'dlq.reason': about.reason.slice(0, MAX_REASON_CHARACTERS),
    'dlq.at': new Date(about.at).toISOString(),
  }
  const headers = Object.fromEntries(Object.entries(own).map(([name, text]) => [name, Buffer.from(text)]))
  return { topic: about.topic, key: raw.key, value: raw.value, headers: { ...raw.headers, ...headers } }
}
