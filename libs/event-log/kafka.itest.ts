import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { backing, describeWith, waitFor } from '#tests/support/backing.ts'
import { eventLogContract } from './contract.ts'
import { createKafkaEventLog } from './kafka.ts'

describeWith(['kafka'], 'on Apache Kafka', () => {
  eventLogContract(
    'kafka',
    async () => {
      const options = { brokers: [backing('kafka')], clientId: 'contract', sessionTimeoutMs: 4_000 }
      const log = createKafkaEventLog(options)
      return {
        log,
        another: async () => createKafkaEventLog(options),
        cleanup: () => log.close(),
        member: {
          module: new URL('./kafka.ts', import.meta.url).href,
          factory: 'createKafkaEventLog',
          options,
        },
        buffered: log.buffered,
      }
    },
    { sessionTimeoutMs: 4_000 },
  )

  test('reading a range leaves no group behind', async () => {
    const brokers = [backing('kafka')]
    const log = createKafkaEventLog({ brokers, clientId: 'read' })
    const topic = `read.${crypto.randomUUID()}`
    await log.admin.createTopics([{ name: topic, partitions: 1, retentionMs: -1 }])
    await log.append([{ topic, key: null, value: Buffer.from('one') }])
    const came: string[] = []
    for await (const records of log.admin.read(topic, new Map(), new Map([[0, 1n]])))
      came.push(...records.map(({ value }) => String(value)))
    expect(came).toEqual(['one'])
    await log.close()

    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    // Other suites may be reading just now: theirs go as well.
    const none = async (): Promise<boolean> =>
      !(await admin.listGroups()).groups.some(({ groupId }) => groupId.startsWith('asinstream-read-'))
    await waitFor(none, { what: 'no group of a reader' }).finally(() => admin.disconnect())
  })

  test('maxRecordBytes makes room for the largest record of another topic with more headers', async () => {
    const log = createKafkaEventLog({ brokers: [backing('kafka')], clientId: 'large' })
    const [usual, roomy] = [`usual.${crypto.randomUUID()}`, `roomy.${crypto.randomUUID()}`]
    await log.admin.createTopics([
      { name: usual, partitions: 1, retentionMs: -1 },
      { name: roomy, partitions: 1, retentionMs: -1, maxRecordBytes: 2 * 1_048_576 },
    ])
    const largest = { key: Buffer.from('k'), value: Buffer.alloc(1_048_576 - 200, 'x') }
    const more = { ...largest, headers: { 'dlq.reason': Buffer.alloc(1_000, 'r') } }
    await log.append([{ topic: usual, ...largest }])
    await expect(log.append([{ topic: usual, ...more }])).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' })
    await log.append([{ topic: roomy, ...more }])
    await log.close()
  })
})
