import { randomUUID } from 'node:crypto'
import kafkajs, { type Kafka } from 'kafkajs'

/** kafkajs without anything of ours: what the machine and the client can do at best. */
export interface RawKafka {
  readonly client: Kafka
  /** A new topic with a name of its own. */
  createTopic(partitions: number): Promise<string>
  /** Records that a topic has had. */
  count(topic: string): Promise<number>
}

export interface RawMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export async function openRawKafka(brokers: readonly string[]): Promise<RawKafka> {
  const client = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'bench-raw',
    logLevel: kafkajs.logLevel.NOTHING,
  })
  return {
    client,
    async createTopic(numPartitions) {
      const topic = `bench-raw.${randomUUID()}`
      const admin = client.admin()
      await admin.connect()
      // Room for the largest request that is measured, should its records all go to one partition.
      const configEntries = [{ name: 'max.message.bytes', value: String(32 * 1024 * 1024) }]
      await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] })
      await admin.disconnect()
      return topic
    },
    async count(topic) {
      const admin = client.admin()
      await admin.connect()
      const offsets = await admin.fetchTopicOffsets(topic)
      await admin.disconnect()
      return offsets.reduce((sum, { high }) => sum + Number(high), 0)
    },
  }
}

/**
 * Produces the messages with acks=all, `batch` in a request and `inFlight` requests at a time.
 * @returns seconds, without those for the connection
 */
export async function produceRaw(
  { client }: RawKafka,
  topic: string,
  messages: readonly RawMessage[],
  { batch, inFlight }: { readonly batch: number; readonly inFlight: number },
): Promise<number> {
  const producer = client.producer({ idempotent: true, maxInFlightRequests: inFlight })
  await producer.connect()
  try {
    const started = performance.now()
    let next = 0
    const sender = async (): Promise<void> => {
      while (next < messages.length) {
        const from = next
        next += batch
        await producer.send({
          topic,
          acks: -1,
          messages: messages.slice(from, from + batch).map(({ key, value }) => ({ key, value })),
        })
      }
    }
    await Promise.all(Array.from({ length: inFlight }, sender))
    return (performance.now() - started) / 1_000
  } finally {
    await producer.disconnect()
  }
}

/**
 * Consumes `count` messages from the start of a topic, a commit per batch.
 * @returns seconds from having joined the group to the last message
 */
export async function consumeRaw(
  { client }: RawKafka,
  topic: string,
  count: number,
  onMessage: (message: RawMessage) => void = () => {},
): Promise<number> {
  const consumer = client.consumer({ groupId: `bench-raw.${randomUUID()}` })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    let started = performance.now()
    consumer.on(consumer.events.GROUP_JOIN, () => {
      started = performance.now()
    })
    let left = count
    const all = Promise.withResolvers<void>()
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const { partition } = batch
        for (const message of batch.messages) onMessage(message)
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(batch.lastOffset()) + 1n) }])
        left -= batch.messages.length
        if (left <= 0) all.resolve()
      },
    })
    await all.promise
    return (performance.now() - started) / 1_000
  } finally {
    await consumer.disconnect()
  }
}
