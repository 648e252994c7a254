import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '#libs/event-log/port.ts'
import type { Assignment } from '#libs/stream/assignment.ts'
import type { StreamLogger } from '#libs/stream/metrics.ts'
import { type Codec, type Decoded, DecodeError } from '#libs/stream/processor.ts'
import type { RejectLimit } from '#libs/stream/reject-limit.ts'

/** A record that can not be understood. */
export interface Undecodable {
  readonly raw: LogRecord
  readonly ticket: number
  readonly reason: string
}

export interface DecodeHooks<T> {
  /** False once the partition is gone or the processor stops: then decoding ends where it is. */
  isOpen(): boolean
  decoded(record: Decoded<T>, ticket: number): void
  rejected(records: readonly Undecodable[]): Promise<void>
  /** Called before each wait, so that what has been decoded goes on meanwhile. */
  waiting(): void
}

/**
 * Decodes what waits in a partition, in offset order, without a promise per record while the codec needs none.
 *
 * A record whose codec fails for another reason than the bytes is tried again and again: its partition waits, and with
 * the bounded buffer, in time, the consumer does. Nothing past it is committed.
 */
export async function decodeQueue<T>(
  from: Assignment,
  settings: {
    readonly codec: Codec
    readonly backOff: { readonly firstMs: number; readonly maxMs: number }
    readonly logger: StreamLogger
  },
  limit: RejectLimit,
  hooks: DecodeHooks<T>,
): Promise<void> {
  let undecodable: Undecodable[] = []
  const flush = async () => {
    if (undecodable.length === 0) return
    const records = undecodable
    undecodable = []
    await hooks.rejected(records)
  }
  const queue = from.undecoded
  from.undecoded = []
  for (const { raw, ticket } of queue) {
    for (let attempt = 0; ; attempt++) {
      if (!hooks.isOpen()) return
      let value: unknown
      try {
        value = decode(settings.codec, raw)
        if (value instanceof Promise) {
          hooks.waiting()
          value = await value
        }
      } catch (error) {
        if (error instanceof DecodeError) {
          limit.rejected(raw, error.message)
          undecodable.push({ raw, ticket, reason: error.message })
          break
        }
        hooks.waiting()
        await flush()
        await pause(settings, attempt, raw, error)
        continue
      }
      if (!hooks.isOpen()) return
      limit.good()
      hooks.decoded({ value: value as T, raw }, ticket)
      break
    }
  }
  hooks.waiting()
  await flush()
}

function decode(codec: Codec, raw: LogRecord): unknown {
  if (raw.value === null)
    throw new DecodeError(`${raw.topic}: the record has no value, and this topic has no tombstones`)
  return codec.decode(raw.topic, raw.value)
}

async function pause(
  { backOff, logger }: Parameters<typeof decodeQueue>[1],
  attempt: number,
  { topic, partition, offset }: LogRecord,
  err: unknown,
): Promise<void> {
  const waitMs = Math.min(backOff.firstMs * 2 ** attempt, backOff.maxMs)
  const where = { topic, partition, offset: String(offset), attempt, waitMs, err }
  logger.warn(where, 'A record can not be decoded now; its partition waits')
  await sleep(waitMs, undefined, { ref: false })
}
