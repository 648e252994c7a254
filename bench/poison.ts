/**
 * What 1 % of poisoned records costs: good records a second with and without them, in turns within one run.
 *
 *   node bench/poison.ts [--log postgres|kafka] [--records 20000] [--rounds 8] [--share 0.01]
 *
 * The runner, the codec and the catalog fetcher are the real ones on a real log; Amazon answers at once, so that nothing
 * hides what a dead letter costs. Poison of a megabyte is left out: moving those bytes is work of its own.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startKafka } from '#deploy/stack/kafka.ts'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import type { SpApi } from '#libs/sp-api/index.ts'
import { runProcessor } from '#libs/stream/runner.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import { DEAD_LETTERS, SYNC_REQUESTS, topics } from '#schemas/topics.ts'
import { createCatalogFetcher } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { poisonsFor, request } from '#tests/poison/poisons.ts'

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'postgres' },
    records: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '8' },
    share: { type: 'string', default: '0.01' },
  },
})
/** Knows no code, and says so at once. */
const instantAmazon: SpApi = {
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
  checkCredentials: async () => {},
  marketplaceParticipations: async () => [],
  close: async () => {},
}

const records = Number(values.records)
/** The first runs spend their time on the compiler. */
const WARM_UPS = 3
const codec = createLocalCodec()
const folder = await mkdtemp(join(tmpdir(), 'asinstream-poison-'))
const server = values.log === 'kafka' ? await kafka() : await postgres()
try {
  const { log } = server
  await log.admin.createTopics(topics)
  const poison = await smallPoison(Math.round(records * Number(values.share)))
  for (let i = 0; i < WARM_UPS; i++) await measure(log, [])
  const clean: Measured[] = []
  const poisoned: Measured[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    // The order changes, so that a machine that gets slower favours neither.
    const turns = round % 2 === 0 ? [clean, poisoned] : [poisoned, clean]
    for (const turn of turns) turn.push(await measure(log, turn === poisoned ? poison : []))
  }
  const ratio = (of: (measured: Measured) => number): number =>
    round(least(poisoned.map(of)) / least(clean.map(of)))
  const letters = [...(await log.admin.endOffsets(DEAD_LETTERS)).values()].reduce((a, b) => a + b, 0n)
  const expected = BigInt(poison.length * Number(values.rounds))
  console.log(
    JSON.stringify(
      {
        log: values.log,
        goodRecords: records,
        poisonedRecords: poison.length,
        rounds: Number(values.rounds),
        goodPerSecond: { clean: perSecond(clean), poisoned: perSecond(poisoned) },
        throughputRatio: round(1 / ratio(({ seconds }) => seconds)),
        cpuRatio: ratio(({ cpuSeconds }) => cpuSeconds),
        deadLetters: Number(letters),
      },
      null,
      2,
    ),
  )
  if (letters !== expected) throw new Error(`${letters} dead letters, ${expected} were expected`)
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Appends the good records with the poison spread evenly among them, then times a fetcher over them all. */
async function measure(log: EventLog, poison: readonly NewRecord[]): Promise<Measured> {
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

async function kafka(): Promise<{ log: EventLog; stop(): Promise<void> }> {
  const broker = await startKafka({ dir: join(folder, 'kafka') })
  const log = createKafkaEventLog({ brokers: [broker.brokers], clientId: 'bench' })
  return { log, stop: () => log.close().then(() => broker.stop()) }
}

async function postgres(): Promise<{ log: EventLog; stop(): Promise<void> }> {
  const database = await startEmbeddedPostgres({ dir: join(folder, 'postgres') })
  const log = createPostgresEventLog({ connectionString: database.url })
  return { log, stop: () => log.close().then(() => database.stop()) }
}

function perSecond(measured: readonly Measured[]): number {
  return Math.round(records / least(measured.map(({ seconds }) => seconds)))
}

/** What else runs on the machine only adds: the least is nearest to what the work itself takes. */
function least(numbers: readonly number[]): number {
  return Math.min(...numbers)
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
