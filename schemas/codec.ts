/**
 * The codecs of this project: Avro in Confluent's wire format, with ids from a schema registry where there is one
 * (`SCHEMA_REGISTRY_URL`), from the `schemas/` folder where there is none.
 */
export { createLocalCodec } from '#schemas/local-codec.ts'
export { createRegistryCodec, type RegistryCodecOptions } from '#schemas/registry-codec.ts'
export type { SchemaCodec } from '#schemas/wire.ts'
