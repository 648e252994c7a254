import { DecodeError } from '#libs/stream/processor.ts'
import { type AvroType, avroType } from '#schemas/avro-type.ts'
import { createRegistryClient, type RegisteredSchema } from '#schemas/registry-client.ts'
import { loadSchemas, newest, type SchemaVersion, subjectOf } from '#schemas/versions.ts'
import { bytesOf, Reader, type SchemaCodec, schemaIdOf, Writer } from '#schemas/wire.ts'

export interface RegistryCodecOptions {
  /** `http(s)://[user:password@]host[:port][/path]`. */
  readonly url: string
  /** How long one question to the registry may take; default 5,000. */
  readonly timeoutMs?: number
  /** For how long "the registry does not know this id" is believed without asking again; default 30,000. */
  readonly unknownForMs?: number
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number
  readonly schemas?: ReadonlyMap<string, readonly SchemaVersion[]>
}

/** Bounds what a flood of records with invented ids can take up. */
const MAX_UNKNOWN_IDS = 1_000

/**
 * The codec of a cluster with a schema registry (Confluent's protocol, TopicNameStrategy). It registers nothing: it
 * asks for the ids of its own schemas, and for writer schemas that it meets, each once.
 *
 * Records whose schema id is known decode without the registry. An id that it does not know yet is asked for: not
 * there is a `DecodeError`, no answer a `RegistryError`, which says nothing about the record.
 */
export function createRegistryCodec(options: RegistryCodecOptions): SchemaCodec {
  const { url, timeoutMs, unknownForMs = 30_000, now = Date.now, schemas = loadSchemas() } = options
  const client = createRegistryClient(url, timeoutMs)
  const topics = new Map(
    [...schemas].map(([topic, versions]) => [topic, new TopicSchemas(topic, newest(versions))]),
  )
  const written = new Map<number, RegisteredSchema>()
  const unknownUntil = new Map<number, number>()
  const asked = new Map<number, Promise<RegisteredSchema>>()
  let checking: Promise<void> | undefined

  /** Asks for a writer schema; records that come for it meanwhile wait for the one answer. */
  const writerSchema = (topic: string, id: number): Promise<RegisteredSchema> => {
    const asking =
      asked.get(id) ??
      client.schemaOf(id).then((found) => {
        if (found !== null) {
          written.set(id, found)
          return found
        }
        if (unknownUntil.size >= MAX_UNKNOWN_IDS) unknownUntil.clear()
        unknownUntil.set(id, now() + unknownForMs)
        throw unknownId(topic, id, client.name)
      })
    if (!asked.has(id)) {
      asked.set(id, asking)
      const forget = () => asked.delete(id)
      asking.then(forget, forget)
    }
    return asking
  }

  const lookUpOwn = async (own: TopicSchemas): Promise<Writer> => {
    const id = await client.idOf(subjectOf(own.topic), own.version.schema)
    if (id === null) {
      throw new Error(
        `The schema registry at ${client.name} does not have version ${own.version.version} of ${subjectOf(own.topic)}. Services never register: run "npm run schemas:register" with SCHEMA_REGISTRY_URL set, from this release`,
      )
    }
    return own.setId(id)
  }

  const decodeWith = (own: TopicSchemas, id: number, found: RegisteredSchema, bytes: Buffer): unknown =>
    own.addReader(id, found, client.name).read(own.topic, bytes)

  return {
    decode(topic, bytes) {
      const own = topics.get(topic)
      if (own === undefined) return bytes
      const id = schemaIdOf(topic, bytes)
      const reader = own.readers.get(id)
      if (reader !== undefined) return reader.read(topic, bytes)
      const found = written.get(id)
      if (found !== undefined) return decodeWith(own, id, found, bytes)
      if ((unknownUntil.get(id) ?? 0) > now()) throw unknownId(topic, id, client.name)
      return writerSchema(topic, id).then((schema) => decodeWith(own, id, schema, bytes))
    },
    encode(topic, value) {
      const own = topics.get(topic)
      if (own === undefined) return bytesOf(topic, value)
      return own.writer !== undefined
        ? own.writer.write(value)
        : lookUpOwn(own).then((writer) => writer.write(value))
    },
    ready() {
      checking ??= Promise.all([...topics.values()].map(lookUpOwn))
        .then(() => undefined)
        .finally(() => {
          checking = undefined
        })
      return checking
    },
    cacheSize: () =>
      [...topics.values()].reduce((sum, own) => sum + own.readers.size, written.size + unknownUntil.size),
  }
}

/** What is known about one topic: the type that today's code reads, and how to get there from each schema id. */
class TopicSchemas {
  readonly topic: string
  readonly version: SchemaVersion
  readonly readers = new Map<number, Reader>()
  writer: Writer | undefined
  readonly #type: AvroType

  constructor(topic: string, version: SchemaVersion) {
    this.topic = topic
    this.version = version
    this.#type = avroType(version.schema)
  }

  setId(id: number): Writer {
    if (this.writer?.id !== id) {
      this.writer = new Writer(this.topic, id, this.#type)
      this.readers.set(id, new Reader(this.topic, id, this.#type, this.#type))
    }
    return this.writer
  }

  addReader(id: number, found: RegisteredSchema, registry: string): Reader {
    const reader = new Reader(this.topic, id, this.#type, this.#writerType(id, found, registry))
    this.readers.set(id, reader)
    return reader
  }

  #writerType(id: number, { schema }: RegisteredSchema, registry: string): AvroType {
    if (schema === null) {
      throw new DecodeError(
        `${this.topic}: schema ${id} of the registry at ${registry} is not Avro; whoever wrote this record used the wrong topic`,
      )
    }
    try {
      return avroType(schema)
    } catch (error) {
      throw new DecodeError(
        `${this.topic}: schema ${id} of the registry at ${registry} is not valid Avro: ${(error as Error).message}`,
        { cause: error },
      )
    }
  }
}

function unknownId(topic: string, id: number, registry: string): DecodeError {
  return new DecodeError(
    `${topic}: the schema registry at ${registry} has no schema ${id}. A process without SCHEMA_REGISTRY_URL, or with another registry, wrote this record: give all of them the same one`,
  )
}
