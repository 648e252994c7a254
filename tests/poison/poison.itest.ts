import { createHash } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { runToEnd } from '#cli/testing.ts'
import { startKafka } from '#deploy/stack/kafka.ts'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { upsertProducts } from '#libs/db/products.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog, LogRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { deadLetter } from '#libs/stream/dead-letter.ts'
import { type DeadLetter, readDeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import { DEAD_LETTERS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { startCatalogFetcher } from '#services/catalog-fetcher/service.ts'
import { startOfferFetcher } from '#services/offer-fetcher/service.ts'
import { startPersister } from '#services/persister/service.ts'
import { startProductChange } from '#services/product-change/service.ts'
import { generateProducts, type ProductRow } from '#simulator/catalogue/generate-products.ts'
import { startSimulator } from '#simulator/server.ts'
import { type System, startSystem } from '#tests/flow/system.ts'
import { createTestDatabase, describeWith, scratchFolder, waitFor } from '#tests/support/backing.ts'
import { comparePrices } from '#tests/support/price-truth.ts'
import { groupOf, type Poison, poisonedTopics, poisonsFor } from './poisons.ts'

const sample = { seed: 23, asinsPerUpc: 1.15, notFound: 0.05 }
const PRODUCTS = 1_200
/** 1 % of what is on each topic, and every kind at least once. */
const POISONS = 13

interface Loop {
  readonly db: Database
  readonly log: EventLog
  readonly system: System
  readonly variables: Readonly<Record<string, string>>
}

const logs = [
  { title: 'the log in PostgreSQL', needs: ['postgres'] as const, kafka: false },
  { title: 'Kafka', needs: ['postgres', 'kafka'] as const, kafka: true },
]

for (const { title, needs, kafka } of logs) {
  describeWith([...needs], `poison on ${title}`, () => {
    const closers: (() => Promise<unknown>)[] = []
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close()
    })

    async function setUp(environment: Readonly<Record<string, string>> = {}): Promise<Loop> {
      const database = await createTestDatabase()
      closers.push(() => database.drop())
      const simulator = await startSimulator({
        ...sample,
        rate: 400,
        burst: 400,
        plans: { getCompetitivePricing: { rate: 400, burst: 400 } },
        latencyMs: [1, 10],
      })
      closers.push(() => simulator.stop())
      const variables: Record<string, string> = {
        DATABASE_URL: database.url,
        DATABASE_POOL_SIZE: '4',
        SP_API_ENDPOINT: simulator.url,
        LWA_ENDPOINT: simulator.url,
        SP_API_CLIENT_ID: 'client',
        SP_API_CLIENT_SECRET: 'secret',
        SP_API_REFRESH_TOKEN: 'token',
        SP_API_USAGE_PLANS: 'searchCatalogItems=400/400,getCompetitivePricing=400/400',
        RETRY_DELAY_BASE: '200ms',
        MAX_ATTEMPTS: '20',
        LOG_LEVEL: 'fatal',
        ...environment,
      }
      if (kafka) {
        // One of its own: what these records do to the groups of other suites is not theirs to bear.
        const server = await startKafka({ dir: scratchFolder('poison') })
        closers.push(() => server.stop())
        variables.KAFKA_BROKERS = server.brokers
      }
      const system = await startSystem(variables)
      closers.push(() => system.stop())
      const db = await openDatabase({ url: database.url, poolSize: 2 })
      closers.push(() => db.close())
      const log = kafka
        ? createKafkaEventLog({ brokers: [variables.KAFKA_BROKERS!], clientId: 'poisoner' })
        : createPostgresEventLog({ connectionString: database.url })
      closers.push(() => log.close())
      return { db, log, system, variables }
    }

    async function start({ system }: Loop): Promise<void> {
      await system.start('product-change', startProductChange)
      await system.start('catalog-fetcher', startCatalogFetcher)
      await system.start('offer-fetcher', startOfferFetcher)
      await system.start('persister', startPersister)
    }

    it('of 1 % stops nothing: all products end as the truth says, and the dead letters are the poison', {
      timeout: 180_000,
    }, async () => {
      const loop = await setUp({ OFFERS_POLICY: '{"price":{}}' })
      const poisons: Poison[] = []
      for (const topic of poisonedTopics)
        poisons.push(...(await poisonsFor(topic, createLocalCodec(), POISONS)))
      const rows = await importProducts(loop.db)
      await start(loop)
      // Among the real records, as fast as these are written.
      const poisoned = poisons.map(({ record }) => record)
      for (const [index, record] of poisoned.entries()) {
        await loop.log.append([record])
        if (index % 4 === 0) await moved(loop, Math.floor((index * PRODUCTS) / (2 * poisoned.length)))
      }
      await settled(loop)
      await expectTruth(loop.db, rows)
      await priced(loop)
      const letters = await waitForLetters(loop, poisons.length)
      expectExactly(letters, poisons)
      await expectNothingLeft(loop)
    })

    it('ends a service when everything is poison, and says what to look at', {
      timeout: 180_000,
    }, async () => {
      const loop = await setUp()
      const poisons = await poisonsFor(SYNC_RESULTS, createLocalCodec(), 300)
      const small = poisons.map(({ record }) => record).filter(({ value }) => (value?.length ?? 0) < 10_000)
      await loop.log.append(small)
      const { code, stdout, stderr } = await runToEnd(['serve', 'persister'], {
        ...loop.variables,
        PORT: '0',
        LOG_LEVEL: 'error',
      })
      expect(code).toBe(1)
      expect(stdout + stderr).toMatch(/in a row were rejected, more than the 100 that are allowed/)
      expect(stdout + stderr).toMatch(/wrong topic, schema or configuration/)
    })

    it('that was none after all is brought back once by dead-letters redrive, and is processed', {
      timeout: 180_000,
    }, async () => {
      const loop = await setUp()
      const rows = await importProducts(loop.db, 60)
      const change = await loop.system.start('product-change', startProductChange)
      const requests = await waitFor(
        async () => {
          const found = await readAll(loop.log, SYNC_REQUESTS)
          return found.length >= 60 && found
        },
        { what: 'the requests of all products' },
      )
      await change.stop(5_000)
      // As if a fetcher of an older release had rejected them all: its group is past them, and they are dead letters.
      const ends = await loop.log.admin.endOffsets(SYNC_REQUESTS)
      await loop.log.admin.resetGroup('catalog-fetcher', SYNC_REQUESTS, ends)
      const by = {
        topic: DEAD_LETTERS,
        group: 'catalog-fetcher',
        reason: 'schema id 7 is unknown',
        at: Date.now(),
      }
      await loop.log.append(requests.map((request) => deadLetter(request, by)))
      const [broken] = await poisonsFor(SYNC_REQUESTS, createLocalCodec(), 1)
      const lost = { topic: SYNC_REQUESTS, partition: 0, offset: 0n, headers: {}, timestamp: 0 }
      await loop.log.append([deadLetter({ ...broken!.record, ...lost }, { ...by, reason: 'broken' })])
      await loop.system.start('catalog-fetcher', startCatalogFetcher)
      await loop.system.start('persister', startPersister)

      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await runToEnd(['dead-letters', ...args], loop.variables)
        return { code, stderr, stdout, json: () => JSON.parse(stdout) as Record<string, unknown> }
      }
      const list = await run('list', '--limit', '10', '--json')
      expect(list.json()).toMatchObject({
        total: 61,
        summary: [
          { topic: SYNC_REQUESTS, reason: 'schema id N is unknown', letters: 60 },
          { topic: SYNC_REQUESTS, reason: 'broken', letters: 1 },
        ],
      })
      expect((list.json().letters as { place: string }[]).map(({ place }) => place)).toEqual(
        Array.from({ length: 10 }, (_, i) => `0:${51 + i}`),
      )
      expect((await run('list', '--reason', 'BROKEN', '--since', '1h')).stdout).toMatch(/^1 dead letter:$/m)
      expect((await run('list', '--topic', SYNC_RESULTS)).stdout).toBe('There are no dead letters.\n')

      const good = (await run('show', '0:0', '--json')).json()
      expect(good).toMatchObject({ decoded: { attempt: 1 }, group: 'catalog-fetcher', redrivenAt: null })
      expect(good.value).toBe(requests[0]!.value?.toString('base64'))
      expect((await run('show', '0:60')).stdout).toMatch(/^0000 {2}7b 22 6a/m)
      expect(await run('show', '0:999')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('newest is 0:60'),
      })

      const dry = await run('redrive', '--all', '--dry-run')
      expect(dry.stdout).toMatch(/^60 dead letters would be brought back\.$/m)
      expect(dry.stdout).toMatch(/0:60, it still can not be decoded/)
      expect(await run('redrive', '--all')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--yes'),
      })
      expect(await run('redrive', '0:0', '0:60', '--yes', '--json')).toMatchObject({ code: 1 })
      // Two operators at once: between them each letter comes back once.
      const both = await Promise.all([
        run('redrive', '--reason', 'schema id', '--yes', '--json'),
        run('redrive', '--all', '--yes', '--json'),
      ])
      expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ])
      expect(both.reduce((sum, { json }) => sum + (json().redriven as number), 0)).toBe(59)
      await settled(loop, 60)
      await expectTruth(loop.db, rows)
      const key = ({ key, value }: LogRecord) => `${key?.toString('hex')} ${value?.toString('hex')}`
      const redriven = (await readAll(loop.log, SYNC_REQUESTS)).filter(
        ({ headers }) => headers['dlq.redriven'],
      )
      expect(new Set(redriven.map(key))).toEqual(new Set(requests.map(key)))
      expect(redriven).toHaveLength(60)
      for (const { headers } of redriven)
        expect(Object.keys(headers).filter((name) => name.startsWith('dlq.'))).toEqual(['dlq.redriven'])

      expect((await run('redrive', '0:1', '--yes')).stdout).toMatch(/brought back before/)
      expect(await run('redrive', '0:1', '--yes', '--again')).toMatchObject({ code: 0 })
      expect((await run('list', '--limit', '60')).stdout).toMatch(/0:1 .*redriven/)
      const [effects] = await loop.db.query<{ logs: number }>('select count(*)::int as logs from sync_logs')
      expect(effects?.logs).toBe(60)
    })
  })
}

async function importProducts(db: Database, count = PRODUCTS): Promise<readonly ProductRow[]> {
  const rows = [...generateProducts({ ...sample, count, duplicates: 0.1, damaged: 0.1, restricted: 0.02 })]
  for (let i = 0; i < rows.length; i += 500) await upsertProducts(db, rows.slice(i, i + 500))
  return rows
}

/** So many products are final: the poison is spread over the work, whatever the machine's pace. */
async function moved({ db, system }: Loop, count: number): Promise<void> {
  const final = `select count(*)::int as n from product_syncs where state not in ('pending', 'queued')`
  await Promise.race([
    waitFor(async () => ((await db.query<{ n: number }>(final))[0]?.n ?? 0) >= count, {
      what: `${count} final products`,
      timeoutMs: 150_000,
    }),
    system.failed,
  ])
}

const settled = (loop: Loop, count = PRODUCTS): Promise<void> => moved(loop, count)

/** Every item that a product matched has the price that the simulator truly has for it. */
async function priced({ db, system, variables }: Loop): Promise<void> {
  const counts = async () => {
    const [row] = await db.query<{ matched: number; told: number; failed: number }>(
      `select (select count(distinct (asin, marketplace_id))::int from amazon_market_data where chosen) as matched,
              (select count(*)::int from offer_syncs where state in ('priced', 'no_price', 'not_found')) as told,
              (select count(*)::int from offer_syncs where state = 'error') as failed`,
    )
    return row!
  }
  await Promise.race([
    waitFor(async () => (({ matched, told }) => matched > 0 && told === matched)(await counts()), {
      what: 'all matches to be priced',
      timeoutMs: 100_000,
    }),
    system.failed,
  ])
  expect(await counts()).toMatchObject({ failed: 0 })
  const truth = await comparePrices(db, variables.SP_API_ENDPOINT!, 'ATVPDKIKX0DER', ['price'])
  expect(truth).toMatchObject({ missing: 0, differences: [] })
}

async function expectTruth(db: Database, rows: readonly ProductRow[]): Promise<void> {
  const stored = await db.query<{ sku: string; status: string; asin: string | null }>(
    `select p.sku, p.sync_status as status, d.asin
       from products p left join amazon_market_data d on d.product_id = p.id and d.chosen`,
  )
  const bySku = new Map(stored.map((row) => [row.sku, row]))
  expect(bySku.size).toBe(rows.length)
  const wrong = rows.filter(({ sku, expected, expectedAsin }) => {
    const found = bySku.get(sku)
    return found?.status !== expected || found.asin !== expectedAsin
  })
  expect(wrong.slice(0, 5)).toEqual([])
}

async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const some of log.admin.read(topic, new Map(), await log.admin.endOffsets(topic)))
    records.push(...some)
  return records
}

async function waitForLetters({ log, system }: Loop, count: number): Promise<readonly DeadLetter[]> {
  await Promise.race([
    waitFor(async () => [...(await log.admin.endOffsets(DEAD_LETTERS)).values()][0]! >= BigInt(count), {
      what: `${count} dead letters`,
    }),
    system.failed,
  ])
  return (await readAll(log, DEAD_LETTERS)).map(readDeadLetter)
}

/** Each poisoned record is one dead letter, bytes unchanged, with its origin and a reason that fits; there are no others. */
function expectExactly(letters: readonly DeadLetter[], poisons: readonly Poison[]): void {
  const byKey = new Map(letters.map((letter) => [String(letter.record.key), letter]))
  expect(new Set(byKey.keys())).toEqual(new Set(poisons.map(({ record }) => String(record.key))))
  expect(letters).toHaveLength(poisons.length)
  for (const { record, reason } of poisons) {
    const letter = byKey.get(String(record.key))
    expect(letter?.reason).toMatch(reason)
    expect(letter?.origin?.topic, letter?.reason ?? '').toBe(record.topic)
    expect(letter?.group).toBe(groupOf(record.topic))
    // Compared as text: a difference in a megabyte of bytes is better not printed.
    expect(digest(letter?.record.value ?? null), String(record.key)).toBe(digest(record.value))
    expect(letter?.record.headers.traceparent).toEqual(record.headers?.traceparent)
  }
}

const digest = (value: Buffer | null): string | null =>
  value === null ? null : createHash('sha256').update(value).digest('hex')

/** No partition is stuck: every group is at the end of what it reads. */
async function expectNothingLeft({ log }: Loop): Promise<void> {
  for (const topic of poisonedTopics) {
    const group = groupOf(topic)
    await waitFor(
      async () => {
        const committed = await log.admin.committedOffsets(group, topic)
        const ends = await log.admin.endOffsets(topic)
        return [...ends].every(([partition, end]) => end === 0n || committed.get(partition) === end)
      },
      { what: `${group} at the end of ${topic}` },
    )
  }
}
