import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'

/**
 * Records a second through the event log, appended and consumed; on Kafka, beside kafkajs without the adapter.
 *
 *   node bench/event-log.ts --brokers localhost:9092
 *   node bench/event-log.ts --postgres postgres://localhost/bench
 *
 * One member, six partitions, appends of 1,000 records, a commit per batch. Creates topics of its own and leaves them.
 */
const HELP = `usage: node bench/event-log.ts (--brokers HOST:PORT,… | --postgres URL) [--records 100000] [--bytes 300]`

const PARTITIONS = 6
const CHUNK = 1_000
const WARM_UP = 10_000

interface Figures {
  readonly appended: number
  readonly consumed: number
}

interface Plan {
  readonly records: number
  readonly bytes: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      brokers: { type: 'string' },
      postgres: { type: 'string' },
      records: { type: 'string', default: '100000' },
      bytes: { type: 'string', default: '300' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return
  }
  const plan: Plan = {
    records: wholeNumber('--records', values.records),
    bytes: wholeNumber('--bytes', values.bytes),
  }
  if (values.brokers !== undefined) {
    const brokers = values.brokers.split(',')
    const { createKafkaEventLog } = await import('#libs/event-log/kafka.ts')
    report('kafka, adapter', plan, await measure(createKafkaEventLog({ brokers, clientId: 'bench' }), plan))
    report('kafka, kafkajs alone', plan, await measureKafkajs(brokers, plan))
  }
  if (values.postgres !== undefined) {
    const { createPostgresEventLog } = await import('#libs/event-log/postgres.ts')
    report(
      'postgres, adapter',
      plan,
      await measure(createPostgresEventLog({ connectionString: values.postgres }), plan),
    )
  }
  if (values.brokers === undefined && values.postgres === undefined) throw new Error(HELP)
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`${option} takes a whole number above 0, not "${text}"`)
}

async function measure(log: EventLog, plan: Plan): Promise<Figures> {
  await measureOnce(log, { ...plan, records: WARM_UP }) // the first records pay for connections and compilation
  const figures = await measureOnce(log, plan)
  await log.close()
  return figures
}

async function measureOnce(log: EventLog, plan: Plan): Promise<Figures> {
  const topic = `bench.${randomUUID()}`
  await log.admin.createTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000 }])
  const chunks = recordsOf(topic, plan)
  const appended = await perSecond(plan, async () => {
    for (const chunk of chunks) await log.append(chunk)
  })
  const consumer = log.consume({ group: topic, topics: [topic] })
  const consumed = await perSecond(plan, async () => {
    let left = plan.records
    for await (const batch of consumer) {
      await consumer.commit(batch, batch.records.at(-1)!.offset + 1n)
      left -= batch.records.length
      if (left <= 0) break
    }
  })
  await consumer.close()
  return { appended, consumed }
}

async function measureKafkajs(brokers: string[], plan: Plan): Promise<Figures> {
  await measureKafkajsOnce(brokers, { ...plan, records: WARM_UP })
  return await measureKafkajsOnce(brokers, plan)
}

/** The same work with kafkajs as its manual shows it: an idempotent producer, eachBatch, a commit per batch. */
async function measureKafkajsOnce(brokers: string[], plan: Plan): Promise<Figures> {
  const { default: kafkajs } = await import('kafkajs')
  const client = new kafkajs.Kafka({ brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING })
  const topic = `bench.${randomUUID()}`
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const chunks = recordsOf(topic, plan)
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const appended = await perSecond(plan, async () => {
    for (const chunk of chunks)
      await producer.send({ topic, messages: chunk.map(({ key, value }) => ({ key, value })) })
  })
  await producer.disconnect()
  const consumer = client.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const consumed = await perSecond(plan, async () => {
    let left = plan.records
    const all = Promise.withResolvers<void>()
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const { partition } = batch
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(batch.lastOffset()) + 1n) }])
        left -= batch.messages.length
        if (left <= 0) all.resolve()
      },
    })
    await all.promise
  })
  await consumer.disconnect()
  return { appended, consumed }
}

function recordsOf(topic: string, { records, bytes }: Plan): NewRecord[][] {
  const value = Buffer.alloc(bytes, 'x')
  return Array.from({ length: Math.ceil(records / CHUNK) }, (_, chunk) =>
    Array.from({ length: Math.min(CHUNK, records - chunk * CHUNK) }, (_unused, i) => ({
      topic,
      key: Buffer.from(`product-${(chunk * CHUNK + i) % 10_000}`),
      value,
    })),
  )
}

async function perSecond({ records }: Plan, work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return (records * 1_000) / (performance.now() - started)
}

function report(name: string, { records, bytes }: Plan, { appended, consumed }: Figures): void {
  const round = (rate: number): string => Math.round(rate).toLocaleString('en').padStart(9)
  console.log(
    `${name.padEnd(22)} ${records} records of ${bytes} bytes:${round(appended)}/s appended,${round(consumed)}/s consumed`,
  )
}

await main()
