import { framed, type Reader, request } from './kafka-protocol.ts'

/** Metadata, version 1: int16 api key 3, int16 version, int32 correlation id, client id (null string). */
const METADATA = '0003' + '0001' + '00000007' + 'ffff'
/** An empty array of topics asks for none, a null one for all. */
const METADATA_OF_NONE = framed(METADATA + '00000000')
const METADATA_OF_ALL = framed(METADATA + 'ffffffff')

/**
 * DescribeQuorum, version 0, flexible (header version 2 ends with tags): api key 55; compact arrays hold their length + 1.
 * One topic, `__cluster_metadata`, with its one partition 0.
 */
const DESCRIBE_QUORUM = framed(
  '0037' +
    '0000' +
    '00000009' +
    'ffff' +
    '00' +
    '02' +
    '13' +
    Buffer.from('__cluster_metadata').toString('hex') +
    '02' +
    '00000000' +
    '00' +
    '00' +
    '00',
)

/**
 * Whether a broker answers and is itself among the brokers that it knows of: one that only just listens is not yet, and
 * turns away whoever wants to create topics.
 */
export async function knowsItself(port: number): Promise<boolean> {
  const answer = await request(port, METADATA_OF_NONE)
  answer.skip(4) // correlation id
  return brokersOf(answer).some((broker) => broker.port === port)
}

/** The id of the node that leads the metadata quorum, as this broker knows it; -1 while there is none. */
export async function activeController(port: number): Promise<number> {
  const answer = await request(port, DESCRIBE_QUORUM)
  answer.skip(4 + 1) // correlation id, tags
  requireNoError(answer.int16())
  answer.skip(1) // topics: one
  answer.skip(answer.int8() - 1) // its name
  answer.skip(1 + 4) // partitions: one; its index
  requireNoError(answer.int16())
  return answer.int32()
}

/** Partitions that lack a replica in sync, as this broker knows it. */
export async function underReplicated(port: number): Promise<number> {
  const answer = await request(port, METADATA_OF_ALL)
  answer.skip(4) // correlation id
  brokersOf(answer)
  answer.skip(4) // controller id: in a KRaft cluster any broker
  let count = 0
  for (let topics = answer.int32(); topics > 0; topics--) {
    requireNoError(answer.int16())
    answer.skip(answer.int16()) // name
    answer.skip(1) // is internal
    for (let partitions = answer.int32(); partitions > 0; partitions--) {
      const error = answer.int16()
      answer.skip(4 + 4) // index, leader
      const replicas = answer.int32()
      answer.skip(4 * replicas)
      const inSync = answer.int32()
      answer.skip(4 * inSync)
      if (error !== 0 || inSync < replicas) count++
    }
  }
  return count
}

function brokersOf(answer: Reader): { id: number; port: number }[] {
  return Array.from({ length: answer.int32() }, () => {
    const id = answer.int32()
    answer.skip(answer.int16()) // host
    const port = answer.int32()
    answer.skip(Math.max(0, answer.int16())) // rack, null mostly
    return { id, port }
  })
}

function requireNoError(code: number): void {
  if (code !== 0) throw new Error(`Kafka answers with error ${code}`)
}
