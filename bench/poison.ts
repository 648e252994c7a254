import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startKafka } from '#deploy/stack/kafka.ts'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { CodeLookups } from '#libs/sp-api/index.ts'
import { runProcessor } from '#libs/stream/runner.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import { DEAD_LETTERS, SYNC_REQUESTS, topics } from '#schemas/topics.ts'
import { createCatalogFetcher } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { poisonsFor, request } from '#tests/poison/poisons.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'

const codec = createLocalCodec()

/** Knows no code, and says so at once. */
const instantAmazon: CodeLookups = {
  lookupCodes: async ({ gtin14s }) =>
    new Map(
      gtin14s.map((gtin14) => [
        gtin14,
        {
          kind: 'items',
          items: [],
          observedAt: 1_792_000_000_000,
          responseTimeMs: 1,
          amazonRequestId: null,
          httpStatus: 200,
          calls: 1,
        },
      ]),
    ),
  batchSize: () => 20,
}

/** The first runs spend their time on the compiler. */
const WARM_UPS = 3

/** What 1 % of poisoned records costs: good records a second with and without them, in turns within one run. */
export const poison = defineSection({
  name: 'poison',
  title: 'What poisoned records cost',
  about:
    'Good records a second through the real runner, codec and catalog fetcher with 1 % of poison as a ratio of those ' +
    'without, in turns, the best of each; Amazon answers at once, so that nothing hides what a dead letter costs. Poison ' +
    'of a megabyte is left out: moving those bytes is work of its own.',
  options: {
    logs: { full: 'kafka,postgres', quick: 'postgres', help: 'logs to measure: kafka, postgres' },
    records: { full: 20_000, quick: 2_000, help: 'good records in each turn' },
    rounds: { full: 8, quick: 2, help: 'turns of each' },
    share: { full: 0.01, quick: 0.01, help: 'poisoned records per good one' },
  },
  async run({ options, folder, say }) {
    const rows: Row[] = []
    const findings: string[] = []
    for (const log of options.logs.split(',')) {
      const server = log === 'kafka' ? await kafka(folder) : await postgres(folder)
      try {
        const { row, missing } = await compare(log, server.log, options, say)
        rows.push(row)
        if (missing !== 0) findings.push(`${log}: the dead letters are ${missing} away from the poison`)
      } finally {
        await server.stop()
      }
    }
    return { tables: [{ rows, key: ['log'] }], notes: [], findings }
  },
})

interface Options {
  readonly records: number
  readonly rounds: number
  readonly share: number
}

async function compare(
  name: string,
  log: EventLog,
  { records, rounds, share }: Options,
  say: (line: string) => void,
): Promise<{ row: Row; missing: number }> {
  await log.admin.createTopics(topics)
  const bad = await smallPoison(Math.round(records * share))
  for (let i = 0; i < WARM_UPS; i++) await measure(log, records, [])
  const clean: Measured[] = []
  const poisoned: Measured[] = []
  for (let round = 0; round < rounds; round++) {
    // The order changes, so that a machine that gets slower favours neither.
    const turns = round % 2 === 0 ? [clean, poisoned] : [poisoned, clean]
    for (const turn of turns) turn.push(await measure(log, records, turn === poisoned ? bad : []))
    say(`${name}: turn ${round + 1} of ${rounds}`)
  }
  const ratio = (of: (measured: Measured) => number): number => least(poisoned.map(of)) / least(clean.map(of))
  const letters = [...(await log.admin.endOffsets(DEAD_LETTERS)).values()].reduce((a, b) => a + b, 0n)
  const expected = bad.length * rounds
  return {
    row: {
      log: name,
      'good records': records,
      'poisoned records': bad.length,
      rounds,
      'good/s without': Math.round(records / least(clean.map(({ seconds }) => seconds))),
      'good/s with': Math.round(records / least(poisoned.map(({ seconds }) => seconds))),
      'throughput ratio': round(1 / ratio(({ seconds }) => seconds)),
      'CPU ratio': round(ratio(({ cpuSeconds }) => cpuSeconds)),
      'dead letters': Number(letters),
      expected,
    },
    missing: Number(letters) - expected,
  }
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Appends the good records with the poison spread evenly among them, then times a fetcher over them all. */
async function measure(log: EventLog, records: number, poison: readonly NewRecord[]): Promise<Measured> {
  const all: NewRecord[] = []
  const every = poison.length > 0 ? Math.floor(records / poison.length) : Number.POSITIVE_INFINITY
  for (let i = 0; i < records; i++) {
    const gtin14 = String(i % 5_000).padStart(14, '0')
    const value = await codec.encode(SYNC_REQUESTS, { ...request, gtin14 })
    all.push({ topic: SYNC_REQUESTS, key: Buffer.from(gtin14), value })
    const bad = i % every === 0 ? poison[i / every] : undefined
    if (bad !== undefined) all.push(bad)
  }
  for (let i = 0; i < all.length; i += 5_000) await log.append(all.slice(i, i + 5_000))
  const ends = await log.admin.endOffsets(SYNC_REQUESTS)
  const fetcher = createCatalogFetcher({
    spApi: instantAmazon,
    config: loadConfig({}),
    metrics: createMetrics(),
  })
  const started = { at: performance.now(), cpu: process.cpuUsage() }
  const running = runProcessor(fetcher, { log, codec, deadLetterTopic: DEAD_LETTERS })
  await Promise.race([untilDone(log, fetcher.group, ends), running.finished])
  const { user, system } = process.cpuUsage(started.cpu)
  const seconds = (performance.now() - started.at) / 1_000
  await running.stop({ graceMs: 5_000 })
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

async function untilDone(log: EventLog, group: string, ends: ReadonlyMap<number, bigint>): Promise<void> {
  for (;;) {
    const committed = await log.admin.committedOffsets(group, SYNC_REQUESTS)
    if ([...ends].every(([partition, end]) => end === 0n || committed.get(partition) === end)) return
    await sleep(10)
  }
}

async function smallPoison(count: number): Promise<readonly NewRecord[]> {
  const some = await poisonsFor(SYNC_REQUESTS, codec, 11)
  // A marketplace that is none is Amazon's client to refuse, and here is none.
  const small = some.filter(
    ({ record: { value }, reason }) => (value?.length ?? 0) < 10_000 && !reason.test('NOWHERE'),
  )
  return Array.from({ length: count }, (_, i) => ({
    ...small[i % small.length]!.record,
    key: Buffer.from(`poison-${i}`),
  }))
}

async function kafka(folder: string): Promise<{ log: EventLog; stop(): Promise<void> }> {
  const broker = await startKafka({ dir: join(folder, 'kafka') })
  const log = createKafkaEventLog({ brokers: [broker.brokers], clientId: 'bench' })
  return { log, stop: () => log.close().then(() => broker.stop()) }
}

async function postgres(folder: string): Promise<{ log: EventLog; stop(): Promise<void> }> {
  const database = await startEmbeddedPostgres({ dir: join(folder, 'postgres') })
  const log = createPostgresEventLog({ connectionString: database.url })
  return { log, stop: () => log.close().then(() => database.stop()) }
}

/** What else runs on the machine only adds: the least is nearest to what the work itself takes. */
function least(numbers: readonly number[]): number {
  return Math.min(...numbers)
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

if (import.meta.main) await benchCommand([poison])
