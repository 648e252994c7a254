import { type Codec, DecodeError } from '#libs/stream/processor.ts'
import { type AvroType, invalidPaths } from '#schemas/avro-type.ts'

/**
 * Confluent's wire format: a zero byte, the schema's id as a big-endian 32-bit integer, the Avro body.
 * Source: Confluent documentation, "Formats, Serializers, and Deserializers", wire format.
 */
const MAGIC = 0
export const HEADER_BYTES = 5
const FIRST_GUESS_BYTES = 2_048

/** The codec of every topic. Topics without a record of their own (`dead-letters`) carry bytes, unchanged. */
export interface SchemaCodec extends Codec {
  /** Resolves when records of every topic can be written and read; rejects with what to do. For readiness. */
  ready(): Promise<void>
  /** How many schemas this codec keeps in memory: grows with schema ids met, never with records. */
  cacheSize(): number
}

/** The schema id of a record; a `DecodeError` when the bytes are not in Confluent's wire format. */
export function schemaIdOf(topic: string, bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) {
    throw new DecodeError(
      `${topic}: ${bytes.length} bytes are too few for a record in Confluent's wire format`,
    )
  }
  if (bytes[0] !== MAGIC) {
    throw new DecodeError(
      `${topic}: the first byte is ${bytes[0]}, not 0: not a record in Confluent's wire format; was it produced without a schema?`,
    )
  }
  return bytes.readUInt32BE(1)
}

/** Reads bodies that one writer schema wrote, as values of the topic's own (newest) schema. */
export class Reader {
  readonly #type: AvroType
  readonly #resolver: ReturnType<AvroType['createResolver']> | undefined

  /** @throws DecodeError when values of `writer` can never be read as `reader`. */
  constructor(topic: string, id: number, reader: AvroType, writer: AvroType) {
    this.#type = reader
    try {
      this.#resolver = sameSchema(reader, writer) ? undefined : reader.createResolver(writer)
    } catch (error) {
      throw new DecodeError(
        `${topic}: schema ${id} is not one that this topic's record can be read from: ${(error as Error).message}`,
        { cause: error },
      )
    }
  }

  read(topic: string, bytes: Buffer): unknown {
    let end: number
    let value: unknown
    try {
      const decoded = this.#type.decode(bytes, HEADER_BYTES, this.#resolver)
      value = decoded.value
      end = decoded.offset
    } catch (error) {
      throw new DecodeError(`${topic}: the bytes do not follow their schema: ${(error as Error).message}`, {
        cause: error,
      })
    }
    if (end !== bytes.length) {
      const fault = end < 0 ? 'end too early' : `go on after the value, at byte ${end} of ${bytes.length}`
      throw new DecodeError(`${topic}: the bytes do not follow their schema: they ${fault}`)
    }
    return value
  }
}

/** Defaults, too, are what a resolver fills in: only the full text tells whether it is needed. */
function sameSchema(a: AvroType, b: AvroType): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** Writes values of one schema. The scratch buffer is reused, so that a record costs one allocation of its size. */
export class Writer {
  readonly #topic: string
  readonly #type: AvroType
  readonly id: number
  #scratch: Buffer

  constructor(topic: string, id: number, type: AvroType) {
    this.#topic = topic
    this.#type = type
    this.id = id
    this.#scratch = this.#grown(FIRST_GUESS_BYTES)
  }

  /** @throws Error naming the fields that do not fit, without their values. */
  write(value: unknown): Buffer {
    let end: number
    try {
      end = this.#type.encode(value, this.#scratch, HEADER_BYTES)
      if (end < 0) {
        this.#scratch = this.#grown(this.#scratch.length - end)
        end = this.#type.encode(value, this.#scratch, HEADER_BYTES)
      }
    } catch (error) {
      const paths = invalidPaths(this.#type, value)
      const where = paths.length > 0 ? paths.join('; ') : (error as Error).message
      throw new Error(`${this.#topic}: the value does not fit ${this.#type.name}: ${where}`)
    }
    return Buffer.from(this.#scratch.subarray(0, end))
  }

  #grown(bytes: number): Buffer {
    const scratch = Buffer.alloc(bytes)
    scratch[0] = MAGIC
    scratch.writeUInt32BE(this.id, 1)
    return scratch
  }
}

/** A topic without a schema takes bytes only. */
export function bytesOf(topic: string, value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  throw new Error(
    `${topic} has no schema, so its values have to be bytes; add schemas/${topic}/v1.avsc and list it in schemas/topics.ts`,
  )
}
