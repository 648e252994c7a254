import { exchange } from './ready.ts'

/**
 * A Metadata request, version 1, for no topics: int32 size, int16 api key 3, int16 version, int32 correlation id, client id
 * (null string), empty array. Source: the protocol guide of Apache Kafka 4.1.
 */
const METADATA_REQUEST = Buffer.from('0000000e' + '0003' + '0001' + '00000007' + 'ffff' + '00000000', 'hex')

/**
 * Whether a broker answers and is itself among the brokers that it knows of: one that only just listens is not yet, and
 * turns away whoever wants to create topics.
 */
export function knowsItself(port: number): Promise<boolean> {
  return exchange(port, METADATA_REQUEST, (reply) => brokerPorts(reply).includes(port))
}

/** The ports in a reply of version 1: size, correlation id, then per broker its id, host, port and rack. */
function brokerPorts(reply: Buffer): number[] {
  if (reply.length < 12 || reply.readInt32BE(4) !== 7) return []
  const count = reply.readInt32BE(8)
  const ports: number[] = []
  for (let at = 12; ports.length < count && at + 6 < reply.length; ) {
    at += 4
    at += 2 + reply.readInt16BE(at)
    ports.push(reply.readInt32BE(at))
    at += 4
    at += 2 + Math.max(0, reply.readInt16BE(at))
  }
  return ports
}
