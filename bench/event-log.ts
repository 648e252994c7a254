import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { startKafka } from '#deploy/stack/kafka.ts'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { benchCommand } from './support/command.ts'
import { consumeRaw, openRawKafka, produceRaw } from './support/raw-kafka.ts'
import { defineSection, type Row } from './support/section.ts'

const PARTITIONS = 6
const CHUNK = 1_000
const WARM_UP = 10_000

/** Records a second through the event log, appended and consumed, beside kafkajs without the adapter. */
export const eventLog = defineSection({
  name: 'event-log',
  title: 'The event log beside kafkajs alone',
  about:
    'Records a second, one member, six partitions, appends of 1,000 records, a commit per batch: both adapters of the ' +
    'event log, and kafkajs as its manual shows it (idempotent producer, eachBatch). Turns within one run; the best counts.',
  options: {
    records: { full: 100_000, quick: 5_000, help: 'records in each turn' },
    bytes: { full: 300, quick: 300, help: 'bytes of a value' },
    rounds: { full: 3, quick: 1, help: 'turns of each' },
  },
  async run({ options: plan, folder, say }) {
    const kafka = await startKafka({ dir: join(folder, 'kafka') })
    try {
      const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres') })
      const logs: EventLog[] = []
      const open = (log: EventLog): EventLog => {
        logs.push(log)
        return log
      }
      try {
        const brokers = kafka.brokers.split(',')
        const onKafka = open(createKafkaEventLog({ brokers, clientId: 'bench' }))
        const onPostgres = open(createPostgresEventLog({ connectionString: postgres.url }))
        const kinds: Record<string, (plan: Plan) => Promise<Figures>> = {
          'kafkajs alone': (given) => throughKafkajs(brokers, given),
          'Kafka, adapter': (given) => throughLog(onKafka, given),
          'PostgreSQL, adapter': (given) => throughLog(onPostgres, given),
        }
        const best: Record<string, Figures> = {}
        for (let round = -1; round < plan.rounds; round++) {
          for (const [name, through] of Object.entries(kinds)) {
            // The first records pay for connections and compilation.
            const figures = await through(
              round < 0 ? { ...plan, records: Math.min(WARM_UP, plan.records) } : plan,
            )
            if (round < 0) continue
            say(
              `${name}: ${Math.round(figures.appended)}/s appended, ${Math.round(figures.consumed)}/s consumed`,
            )
            best[name] = {
              appended: Math.max(figures.appended, best[name]?.appended ?? 0),
              consumed: Math.max(figures.consumed, best[name]?.consumed ?? 0),
            }
          }
        }
        const raw = best['kafkajs alone']!
        const rows: Row[] = Object.entries(best).map(([name, { appended, consumed }]) => ({
          log: name,
          records: plan.records,
          bytes: plan.bytes,
          'appended/s': Math.round(appended),
          'consumed/s': Math.round(consumed),
          'append ratio': Math.round((100 * appended) / raw.appended) / 100,
          'consume ratio': Math.round((100 * consumed) / raw.consumed) / 100,
        }))
        return { tables: [{ rows }], notes: [], findings: [] }
      } finally {
        for (const log of logs) await log.close()
        await postgres.stop()
      }
    } finally {
      await kafka.stop()
    }
  },
})

/** Records a second. */
interface Figures {
  readonly appended: number
  readonly consumed: number
}

interface Plan {
  readonly records: number
  readonly bytes: number
}

async function throughLog(log: EventLog, plan: Plan): Promise<Figures> {
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

/** The same work with kafkajs as its manual shows it. */
async function throughKafkajs(brokers: readonly string[], plan: Plan): Promise<Figures> {
  const raw = await openRawKafka(brokers)
  const topic = await raw.createTopic(PARTITIONS)
  const messages = recordsOf(topic, plan).flat()
  const appended = await produceRaw(raw, topic, messages, { batch: CHUNK, inFlight: 1 })
  const consumed = await consumeRaw(raw, topic, plan.records)
  return { appended: plan.records / appended, consumed: plan.records / consumed }
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

if (import.meta.main) await benchCommand([eventLog])
