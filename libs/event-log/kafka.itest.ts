import { backing, describeWith } from '#tests/support/backing.ts'
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
})
