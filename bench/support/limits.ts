import pg from 'pg'
import { SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import type { Finished } from './catalogue-run.ts'
import { cpuSecondsOfTree } from './process-usage.ts'
import { consumeRaw, openRawKafka, produceRaw, type RawMessage } from './raw-kafka.ts'

/** One layer on its own, with nothing of ours: the same bytes, rows and answers as a catalogue's run. */
export interface Limit {
  readonly layer: string
  readonly seconds: number
  /** Of the measuring process and of the server; null where /proc is not there. */
  readonly clientCpu: number
  readonly serverCpu: number | null
  /** It belongs to the least that a run can cost: of several ways to do one thing, the best. */
  readonly partOfFloor: boolean
}

const PARTITIONS = 6
const PRODUCE_LAYER = 'Kafka: produce requests and results, acks=all'
/** As a lone chunk of a fetcher does, and in larger and larger requests; a broker takes 1 MB for a partition. */
const PRODUCE = [
  { batch: 20, inFlight: 1 },
  { batch: 20, inFlight: 5 },
  { batch: 500, inFlight: 1 },
  { batch: 2_000, inFlight: 1 },
] as const
const FEW_REQUESTS = 500

/** Measures each layer in turn on what a finished run left in its servers. */
export async function measureLimits({ cluster, simulator, db }: Finished): Promise<Limit[]> {
  const limits: Limit[] = []
  const measure = async (
    layer: string,
    partOfFloor: boolean,
    server: number | undefined,
    work: () => Promise<number>,
    /** How many times the work that is measured the run did. */
    scale = 1,
  ): Promise<void> => {
    const [cpu, serverCpu] = [process.cpuUsage(), cpuSecondsOfTree(server)]
    const seconds = await work()
    const { user, system } = process.cpuUsage(cpu)
    const after = cpuSecondsOfTree(server)
    limits.push({
      layer,
      seconds: scale * seconds,
      clientCpu: (scale * (user + system)) / 1e6,
      serverCpu: serverCpu === null || after === null ? null : scale * (after - serverCpu),
      partOfFloor,
    })
  }
  const codes = (
    await db.query<{ gtin14: string }>('select distinct gtin14 from products where gtin14 is not null')
  ).map(({ gtin14 }) => gtin14)
  await liftPlan(simulator.url)
  await measure('HTTP: the same searches, 20 codes each, bodies read', true, simulator.child.pid, () =>
    searchAll(simulator.url, codes),
  )

  const brokers: string | undefined = cluster.environment.KAFKA_BROKERS
  if (brokers) {
    const raw = await openRawKafka(brokers.split(','))
    const broker = cluster.servers.Kafka
    const messages: RawMessage[] = []
    const counts = await Promise.all([SYNC_REQUESTS, SYNC_RESULTS].map((topic) => raw.count(topic)))
    await measure('Kafka: consume requests and results', true, broker, async () => {
      let seconds = 0
      for (const [index, topic] of [SYNC_REQUESTS, SYNC_RESULTS].entries()) {
        seconds += await consumeRaw(raw, topic, counts[index]!, (message) => messages.push(message))
      }
      return seconds
    })
    for (const { batch, inFlight } of PRODUCE) {
      const topic = await raw.createTopic(PARTITIONS)
      // Requests of a few records take long and are all alike: some tell as much as all.
      const some = messages.slice(0, batch < 100 ? FEW_REQUESTS * batch : messages.length)
      await measure(
        `${PRODUCE_LAYER}, ${batch} in a request, ${inFlight} in flight`,
        false,
        broker,
        () => produceRaw(raw, topic, some, { batch, inFlight }),
        messages.length / some.length,
      )
    }
  }

  const tables = ['product_syncs', 'amazon_market_data', 'sync_logs'] as const
  const upserts = await Promise.all(tables.map((table) => prepareUpsert(cluster.databaseUrl, table)))
  await measure(
    `PostgreSQL: unnest upsert of the same rows of ${tables.join(', ')}, 1,000 in a transaction`,
    true,
    cluster.servers.PostgreSQL,
    async () => {
      let seconds = 0
      for (const upsert of upserts) seconds += await upsert()
      return seconds
    },
  )
  const cheapest = limits
    .filter(({ layer }) => layer.startsWith(PRODUCE_LAYER))
    .sort((one, other) => cpuOf(one) - cpuOf(other))[0]
  return limits.map((limit) => (limit === cheapest ? { ...limit, partOfFloor: true } : limit))
}

function cpuOf({ clientCpu, serverCpu }: Limit): number {
  return clientCpu + (serverCpu ?? 0)
}

/** The plan does not bind what measures the simulator itself. */
async function liftPlan(amazon: string): Promise<void> {
  const plan = { operation: 'searchCatalogItems', rate: 1e6, burst: 1e6, appRate: 1e6 }
  const response = await fetch(`${amazon}/_simulator/plan`, { method: 'POST', body: JSON.stringify(plan) })
  if (!response.ok) throw new Error(`the simulator refuses the plan: ${await response.text()}`)
}

const CALLERS = 8

async function searchAll(amazon: string, codes: readonly string[]): Promise<number> {
  const answer = await fetch(`${amazon}/auth/o2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'limits',
      client_secret: 'secret',
      refresh_token: 'limits',
    }),
  })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const query = new URLSearchParams({
    marketplaceIds: 'ATVPDKIKX0DER',
    identifiersType: 'GTIN',
    pageSize: '20',
    // What the connector asks for.
    includedData: 'identifiers,summaries,salesRanks,images,dimensions,productTypes,relationships',
  })
  const started = performance.now()
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < codes.length) {
      const identifiers = codes.slice(next, next + 20)
      next += 20
      const response = await fetch(
        `${amazon}/catalog/2022-04-01/items?${query}&identifiers=${identifiers.join('%2C')}`,
        { headers: { 'x-amz-access-token': token } },
      )
      const body = await response.arrayBuffer()
      if (!response.ok) throw new Error(`${response.status}: ${Buffer.from(body).toString().slice(0, 500)}`)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return (performance.now() - started) / 1_000
}

const CHUNK = 1_000

/** Reads a table's rows and makes an empty copy of it; the function that it returns fills that. Seconds. */
async function prepareUpsert(url: string, table: string): Promise<() => Promise<number>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows: columns } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  )
  const { rows } = await client.query<string[]>({
    text: `select ${columns.map(({ name }) => `${name}::text`).join(', ')} from ${table}`,
    rowMode: 'array',
  })
  const copy = `raw_${table}`
  await client.query(`create table ${copy} (like ${table} including all)`)
  await client.query('checkpoint')
  const text = `insert into ${copy} select * from unnest(${columns
    .map(({ type }, index) => `$${index + 1}::${type}[]`)
    .join(', ')}) on conflict do nothing`
  return async () => {
    const started = performance.now()
    for (let from = 0; from < rows.length; from += CHUNK) {
      const chunk = rows.slice(from, from + CHUNK)
      const values = columns.map((_, index) => chunk.map((row) => row[index]))
      await client.query({ name: copy, text, values })
    }
    const seconds = (performance.now() - started) / 1_000
    await client.end()
    return seconds
  }
}
