import { randomUUID } from 'node:crypto'
import type { ConsumerClient, ConsumerHooks, EmitKafkaEvent, FetchedBatch } from './kafka-client.ts'
import { discard, withDeadline } from './kafka-client.ts'
import { toError } from './kafka-errors.ts'
import { toRecord } from './kafka-run.ts'
import type { EventLogError, LogRecord } from './port.ts'

/** Offsets of one partition: from the first one that is wanted to the first one that is not. */
export interface Range {
  readonly from: bigint
  readonly to: bigint
}

export interface ReadDependencies {
  createConsumer(group: string, hooks: ConsumerHooks): ConsumerClient
  deleteGroup(group: string): Promise<unknown>
  unavailable(doing: string, cause: unknown): EventLogError
  readonly emit: EmitKafkaEvent
  /** Gives up when no record comes for so long, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Records of ranges that are there, none of them empty. kafkajs fetches for members of groups only, so this is the one
 * member of a group of its own that commits nothing and is deleted at the end.
 */
export async function* readRange(
  topic: string,
  ranges: ReadonlyMap<number, Range>,
  { createConsumer, deleteGroup, unavailable, emit, timeoutMs }: ReadDependencies,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  const group = `asinstream-read-${randomUUID()}`
  const handover = new Handover()
  const open = new Map(ranges)
  const take = async ({ batch, resolveOffset }: FetchedBatch): Promise<void> => {
    const { partition, messages } = batch
    const range = open.get(partition)
    const last = messages.at(-1)
    if (last !== undefined) resolveOffset(last.offset)
    if (range === undefined || last === undefined) return
    const records = messages.map((message) => toRecord(topic, partition, message))
    // After a rebalance the client begins at the oldest record again.
    const wanted = records.filter(({ offset }) => offset >= range.from && offset < range.to)
    const next = BigInt(last.offset) + 1n
    if (next >= range.to) open.delete(partition)
    else if (next > range.from) open.set(partition, { from: next, to: range.to })
    // Also when nothing of it is wanted: the reader has to hear that this was the last.
    if (wanted.length > 0 || open.size === 0) await handover.give(wanted)
  }
  const nothing = (): void => {}
  const member = createConsumer(group, {
    onJoining: nothing,
    onJoined: nothing,
    onFetchersStopped: nothing,
    onFetchStart: nothing,
    onAlive: nothing,
    onCrash: (error) => handover.fail(error),
  })
  const late = (): Error => new Error(`no record came within ${timeoutMs} ms`)
  const start = async (): Promise<void> => {
    await member.connect()
    await member.subscribe([topic])
    await member.run(take)
    for (const [partition, { from }] of ranges) member.seek(topic, partition, String(from))
  }
  try {
    start().catch((error: unknown) => handover.fail(toError(error)))
    while (open.size > 0 || handover.waiting) {
      const records = await withDeadline(handover.take(), timeoutMs, late)
      if (records.length > 0) yield records
    }
  } catch (error) {
    throw unavailable(`read ${topic}`, error)
  } finally {
    handover.end()
    await discard(member, `the consumer that read ${topic}`, emit)
    await deleteGroup(group).catch((error: unknown) => {
      // The broker forgets an empty group by itself, later.
      const reason = toError(error).message
      emit({ kind: 'log', level: 'warn', message: `group ${group} was not deleted: ${reason}`, details: {} })
    })
  }
}

/** Hands batches from the client to the reader one by one: the client fetches on when the reader has taken one. */
class Handover {
  #given: { readonly records: readonly LogRecord[]; readonly taken: () => void } | undefined
  #reader: PromiseWithResolvers<readonly LogRecord[]> | undefined
  #failure: Error | undefined
  #over: boolean = false

  /** Whether a batch is there that nobody has taken. */
  get waiting(): boolean {
    return this.#given !== undefined
  }

  /** Resolves when the reader has taken the records, or wants no more. */
  async give(records: readonly LogRecord[]): Promise<void> {
    if (this.#over) return
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      reader.resolve(records)
      return
    }
    await new Promise<void>((taken) => {
      this.#given = { records, taken }
    })
  }

  async take(): Promise<readonly LogRecord[]> {
    if (this.#failure !== undefined) throw this.#failure
    const given = this.#given
    if (given !== undefined) {
      this.#given = undefined
      given.taken()
      return given.records
    }
    this.#reader = Promise.withResolvers()
    return await this.#reader.promise
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#reader?.reject(error)
    this.end()
  }

  end(): void {
    this.#over = true
    this.#given?.taken()
  }
}
