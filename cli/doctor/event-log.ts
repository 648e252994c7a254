import { EventLogError, type TopicDescription } from '#libs/event-log/port.ts'
import type { Config } from '#libs/service/config.ts'
import { type Topic, topics } from '#schemas/topics.ts'
import { missingTopics } from '../bring-up-to-date.ts'
import type { Finding } from '../commands/doctor.ts'
import { counted, duration } from '../terminal.ts'
import type { Tools } from '../tools.ts'
import { MIGRATE } from './database.ts'

export async function* checkEventLog(config: Config, { backends }: Tools): AsyncGenerator<Finding> {
  if (config.KAFKA_BROKERS === undefined) {
    yield {
      check: 'Event log',
      status: 'info',
      message: 'KAFKA_BROKERS is not set: the log is kept in PostgreSQL',
    }
    if (config.DATABASE_URL === undefined) return
  }
  const where = config.KAFKA_BROKERS ? `Kafka at ${config.KAFKA_BROKERS.join(', ')}` : 'PostgreSQL'
  try {
    if (config.KAFKA_BROKERS) {
      await backends.log().ping()
      yield { check: 'Event log', status: 'ok', message: `${where} answers` }
    }
    const missing = await missingTopics(config, backends)
    if (missing.length > 0) {
      const message = `missing in ${where}: ${missing.join(', ')}`
      yield { check: 'Topics', status: 'failed', message, advice: MIGRATE }
      return
    }
    const { admin } = backends.log()
    const described = await Promise.all(
      topics.map(async (topic) => topicFindings(topic, await admin.describeTopic(topic.name), config)),
    )
    const findings = described.flat()
    if (findings.length === 0)
      yield {
        check: 'Topics',
        status: 'ok',
        message: `all ${topics.length} are in ${where}, as they should be`,
      }
    yield* findings
  } catch (error) {
    yield {
      check: 'Event log',
      status: 'failed',
      message: error instanceof Error ? error.message : String(error),
      advice:
        config.KAFKA_BROKERS && error instanceof EventLogError
          ? 'Check KAFKA_BROKERS, and that the brokers run and let this host in.'
          : 'Mend PostgreSQL first: the log is in it.',
    }
  }
}

/** Where a topic differs from what this release creates. */
export function topicFindings(
  wanted: Topic,
  found: TopicDescription,
  { KAFKA_BROKERS, KAFKA_REPLICATION_FACTOR }: Pick<Config, 'KAFKA_BROKERS' | 'KAFKA_REPLICATION_FACTOR'>,
): readonly Finding[] {
  const warning = (message: string, advice: string): Finding => ({
    check: 'Topics',
    status: 'warning',
    message: `${wanted.name} ${message}`,
    advice,
  })
  const findings: Finding[] = []
  const alter = `kafka-topics.sh --alter --topic ${wanted.name}`
  if (found.partitions < wanted.partitions)
    findings.push(
      warning(
        `has ${counted(found.partitions, 'partition')}, this release makes ${wanted.partitions}: no more processes than partitions share the work`,
        `Add some while the topic is empty, as keys move to others: ${alter} --partitions ${wanted.partitions}`,
      ),
    )
  if (found.retentionMs >= 0 && found.retentionMs < wanted.retentionMs)
    findings.push(
      warning(
        `keeps records for ${duration(found.retentionMs / 1_000)}, this release for ${duration(wanted.retentionMs / 1_000)}: a reader that stands still for longer loses them`,
        `kafka-configs.sh --alter --topic ${wanted.name} --add-config retention.ms=${wanted.retentionMs}`,
      ),
    )
  const copies = found.replicationFactor
  const several = (KAFKA_BROKERS?.length ?? 0) > 1
  if (copies !== null && (copies < KAFKA_REPLICATION_FACTOR || (copies === 1 && several)))
    findings.push(
      warning(
        `has ${counted(copies, 'copy').replace('copys', 'copies')}: with its broker goes what is in it`,
        'Give it more with kafka-reassign-partitions.sh, and set KAFKA_REPLICATION_FACTOR for topics to come.',
      ),
    )
  return findings
}
