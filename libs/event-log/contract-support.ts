import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import type { Batch, Consumer, EventLog, LogRecord, NewRecord } from './port.ts'

/** Helpers of the contract suite; nothing outside `contract*.ts` needs them, but for the fixture's types. */

export interface ContractFixture {
  readonly log: EventLog
  /** A second, independent instance on the same log, as another process would have it. */
  another(): Promise<EventLog>
  cleanup(): Promise<void>
  /** How a process of its own opens this log: `(await import(module))[factory](options)`. The suite kills that process. */
  readonly member: { readonly module: string; readonly factory: string; readonly options: unknown }
  /** How many records the adapter holds that were fetched and not yet pulled. */
  buffered(consumer: Consumer): number
}

export type CreateFixture = () => Promise<ContractFixture>

export interface ContractOptions {
  /** After how many milliseconds of silence the fixture's logs count a member as dead; default 6,000. */
  readonly sessionTimeoutMs?: number
  /** What one fetch brings at most, in bytes of values; default 4 MiB. */
  readonly fetchBytes?: number
}

/** Opens the fixture before the suite and closes it after; the function gives it to the tests. */
export function openFixture(name: string, create: CreateFixture): () => ContractFixture {
  let opened: ContractFixture | undefined
  beforeAll(async () => {
    opened = await create()
  })
  afterAll(async () => {
    await opened?.cleanup()
  })
  return () => {
    if (opened === undefined) throw new Error(`the ${name} fixture is not open: its create() failed`)
    return opened
  }
}

export const uniqueName = (what: string): string => `contract.${what}.${randomUUID().slice(0, 8)}`

export async function createTopic(log: EventLog, partitions: number): Promise<string> {
  const name = uniqueName('topic')
  await log.admin.createTopics([{ name, partitions, retentionMs: -1 }])
  return name
}

export const record = (topic: string, key: string | null, value: string | null): NewRecord => ({
  topic,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})

/** `count` records with values `0 … count-1`, spread over `keys` keys. */
export const numbered = (topic: string, count: number, keys = 1): NewRecord[] =>
  Array.from({ length: count }, (_, i) => record(topic, `key-${i % keys}`, String(i)))

export const values = (records: readonly LogRecord[]): string[] =>
  records.map(({ value }) => (value === null ? '<null>' : value.toString()))

/** Rejects with `what` when `promise` has not settled after `ms`: a test that hangs should say where. */
export async function within<T>(promise: Promise<T>, what: string, ms = 30_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks until `condition` holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 30_000,
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`no ${what} within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Pulls the next batch; fails when the iteration has ended. */
export async function pull(batches: AsyncIterator<Batch>): Promise<Batch> {
  const next = await within(batches.next(), 'batch')
  if (next.done === true) throw new Error('the iteration ended, a batch was expected')
  return next.value
}

/** Pulls until `count` records have come; fails when more do. */
export async function take(batches: AsyncIterator<Batch>, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  while (records.length < count) records.push(...(await pull(batches)).records)
  if (records.length > count) throw new Error(`${records.length} records came, ${count} were expected`)
  return records
}

/** Reads `count` records of a topic with a new group, from the start. */
export async function readAll(log: EventLog, topic: string, count: number): Promise<LogRecord[]> {
  const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
  try {
    return await take(consumer[Symbol.asyncIterator](), count)
  } finally {
    await consumer.close()
  }
}

/** Reads a range without a group. */
export async function readRange(
  log: EventLog,
  topic: string,
  from: ReadonlyMap<number, bigint>,
  to: ReadonlyMap<number, bigint>,
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const some of log.admin.read(topic, from, to)) records.push(...some)
  return records
}

export interface Delivery {
  readonly value: string
  readonly partition: number
  readonly offset: bigint
}

export interface Follower {
  readonly deliveries: Delivery[]
  /** The value last delivered, by partition: waiting for it tells who reads what. */
  saw(value: string): Set<number>
}

/** Pulls in the background and commits each batch, until the consumer is closed. `done` rejects when the iteration throws. */
export function follow(consumer: Consumer): Follower & { readonly done: Promise<void> } {
  const deliveries: Delivery[] = []
  const run = async (): Promise<void> => {
    for await (const batch of consumer) {
      for (const { value, partition, offset } of batch.records)
        deliveries.push({ value: String(value), partition, offset })
      await consumer.commit(batch, batch.records.at(-1)!.offset + 1n)
    }
  }
  const done = run()
  done.catch(() => {}) // the test awaits `done`; until then it must not count as unhandled
  return { deliveries, saw: (value) => partitionsOf(deliveries, value), done }
}

const partitionsOf = (deliveries: readonly Delivery[], value: string): Set<number> =>
  new Set(deliveries.filter((delivery) => delivery.value === value).map(({ partition }) => partition))

/** A member in a process of its own, for the test that kills it. */
export interface ForeignMember extends Follower {
  /** Ends the process with SIGKILL: it leaves nothing and says nothing. */
  kill(): Promise<void>
}

export function foreignMember(
  member: ContractFixture['member'],
  group: string,
  topic: string,
): ForeignMember {
  const script = fileURLToPath(new URL('./contract-member.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify({ ...member, group, topic })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  const deliveries: Delivery[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const { value, partition, offset } = JSON.parse(line) as {
      value: string
      partition: number
      offset: string
    }
    deliveries.push({ value, partition, offset: BigInt(offset) })
  })
  return { deliveries, saw: (value) => partitionsOf(deliveries, value), kill: () => kill(child) }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await exited
}
