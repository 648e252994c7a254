import { DecodeError } from '#libs/stream/processor.ts'
import { type AvroType, avroType } from '#schemas/avro-type.ts'
import { loadSchemas, newest, type SchemaVersion } from '#schemas/versions.ts'
import { bytesOf, Reader, type SchemaCodec, schemaIdOf, Writer } from '#schemas/wire.ts'

/**
 * The codec of a machine without a schema registry: ids follow from the schemas of the `schemas/` folder, so that
 * every process that has the same folder agrees on them.
 */
export function createLocalCodec(schemas = loadSchemas()): SchemaCodec {
  const writers = new Map<string, Writer>()
  const readers = new Map<string, ReadonlyMap<number, Reader>>()
  const known = localIds(schemas)
  for (const [topic, versions] of schemas) {
    const type = avroType(newest(versions).schema)
    writers.set(topic, new Writer(topic, localSchemaId(type), type))
    readers.set(topic, localReaders(topic, type, versions))
  }
  return {
    decode(topic, bytes) {
      const ofTopic = readers.get(topic)
      if (ofTopic === undefined) return bytes
      const id = schemaIdOf(topic, bytes)
      const reader = ofTopic.get(id)
      if (reader === undefined) throw unknownId(topic, id, known.get(id))
      return reader.read(topic, bytes)
    },
    encode(topic, value) {
      const writer = writers.get(topic)
      return writer === undefined ? bytesOf(topic, value) : writer.write(value)
    },
    ready: () => Promise.resolve(),
    cacheSize: () => known.size,
  }
}

/** 31 bits of the SHA-256 fingerprint of a schema's canonical form: positive in any client's signed integer. */
export function localSchemaId(type: AvroType): number {
  return type.fingerprint('sha256').readUInt32BE(0) & 0x7fff_ffff
}

function localReaders(
  topic: string,
  reader: AvroType,
  versions: readonly SchemaVersion[],
): Map<number, Reader> {
  return new Map(
    versions.map(({ schema }) => {
      const writer = avroType(schema)
      const id = localSchemaId(writer)
      return [id, new Reader(topic, id, reader, writer)]
    }),
  )
}

/** Which file each id is of; two schemas with one id would be read as each other, so that is refused at start. */
function localIds(schemas: ReadonlyMap<string, readonly SchemaVersion[]>): ReadonlyMap<number, string> {
  const ids = new Map<number, { readonly canonical: string; readonly name: string }>()
  for (const { topic, version, schema } of [...schemas.values()].flat()) {
    const type = avroType(schema)
    const id = localSchemaId(type)
    const canonical = JSON.stringify(type.schema())
    const name = `${topic} v${version}`
    const other = ids.get(id)
    if (other !== undefined && other.canonical !== canonical) {
      throw new Error(
        `Schemas ${other.name} and ${name} have the same id ${id}; change the newer one (a doc does not count)`,
      )
    }
    ids.set(id, { canonical, name })
  }
  return new Map([...ids].map(([id, { name }]) => [id, name]))
}

function unknownId(topic: string, id: number, elsewhere: string | undefined): DecodeError {
  return new DecodeError(
    elsewhere === undefined
      ? `${topic}: schema id ${id} is none of this topic's versions in schemas/. A newer release wrote it (upgrade this one, then redrive), or a process with SCHEMA_REGISTRY_URL set did (set it here too)`
      : `${topic}: schema id ${id} is ${elsewhere}, which does not belong on this topic; whoever wrote it used the wrong topic`,
  )
}
