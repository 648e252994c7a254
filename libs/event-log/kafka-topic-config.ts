import { connect } from 'node:net'

const INCREMENTAL_ALTER_CONFIGS = 44
const TOPIC_RESOURCE = 2
const SET = 0

/**
 * Sets a configuration of a topic by Kafka's own protocol (IncrementalAlterConfigs, version 0). For tests that need
 * what another producer would leave behind, such as compressed records; kafkajs can not ask for it.
 */
export async function setTopicConfig(
  broker: string,
  topic: string,
  name: string,
  value: string,
): Promise<void> {
  const body = Buffer.concat([
    int32(1),
    Buffer.from([TOPIC_RESOURCE]),
    string(topic),
    int32(1),
    string(name),
    Buffer.from([SET]),
    string(value),
    Buffer.from([0]),
  ])
  const header = Buffer.concat([int16(INCREMENTAL_ALTER_CONFIGS), int16(0), int32(1), string('tests')])
  const answer = await exchange(broker, Buffer.concat([header, body]))
  const errorCode = answer.readInt16BE(4 + 4 + 4) // after the correlation id, the throttle time and the array length
  if (errorCode !== 0) throw new Error(`Kafka refused ${name}=${value} for ${topic} with error ${errorCode}`)
}

/** Sends one request and resolves with its answer, without the length before it. */
function exchange(broker: string, request: Buffer): Promise<Buffer> {
  const [host, port] = broker.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: Number(port) })
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${broker} closed the connection without an answer`)))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return
      resolve(received.subarray(4))
      socket.destroy()
    })
    socket.write(Buffer.concat([int32(request.length), request]))
  })
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const string = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])
