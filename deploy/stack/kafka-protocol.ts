import { connect } from 'node:net'

/**
 * Kafka's own protocol, as far as watching a cluster takes: kafkajs can not ask for the quorum, and belongs to the event
 * log alone. Source: the protocol guide of Apache Kafka 4.1.
 */

const TIMEOUT_MS = 2_000

/** A request with its size before it, from its bytes in hex. */
export function framed(body: string): Buffer {
  const bytes = Buffer.from(body, 'hex')
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

/**
 * Sends one request to a broker on loopback and resolves to its answer, behind the size.
 * @throws Error when the broker is not there or does not answer within two seconds
 */
export function request(port: number, bytes: Buffer): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let received = Buffer.alloc(0)
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no answer on port ${port} within ${TIMEOUT_MS} ms`)))
    socket.once('error', fail)
    socket.once('close', () => fail(new Error(`the broker on port ${port} closed the connection`)))
    socket.once('connect', () => socket.write(bytes))
    socket.on('data', (data) => {
      received = Buffer.concat([received, data])
      if (received.length < 4 || received.length < 4 + received.readInt32BE()) return
      resolve(new Reader(received.subarray(4)))
      socket.destroy()
    })
  })
}

/** Reads an answer, one value after the other; past its end it throws a RangeError. */
export class Reader {
  readonly #data: Buffer
  #at = 0
  constructor(data: Buffer) {
    this.#data = data
  }
  int8(): number {
    return this.#data.readInt8(this.#move(1))
  }
  int16(): number {
    return this.#data.readInt16BE(this.#move(2))
  }
  int32(): number {
    return this.#data.readInt32BE(this.#move(4))
  }
  skip(bytes: number): void {
    this.#move(bytes)
  }
  #move(bytes: number): number {
    const at = this.#at
    this.#at += bytes
    return at
  }
}
