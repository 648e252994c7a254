import confluent from '@kafkajs/confluent-schema-registry'
import { type AskRegistry, parseRegistryUrl, RegistryError, registryHttp } from '#schemas/registry-http.ts'
import type { AvroJson } from '#schemas/versions.ts'

/** What services ask of a registry that speaks Confluent's protocol. Errors are `RegistryError`s. */
export interface RegistryClient {
  /** The URL without user and password, for messages. */
  readonly name: string
  /** Id of a schema under a subject; null when the registry answers that it has none. */
  idOf(subject: string, schema: AvroJson): Promise<number | null>
  /** The schema with an id; null when the registry answers that there is none. */
  schemaOf(id: number): Promise<RegisteredSchema | null>
}

/** `schema` is null when the id names one that is not Avro. */
export interface RegisteredSchema {
  readonly schema: AvroJson | null
}

/** Confluent's codes for "no such subject", "no such version" and "no such schema". */
const NOT_FOUND_CODES: ReadonlySet<unknown> = new Set([40401, 40402, 40403])
const DEFAULT_TIMEOUT_MS = 5_000

/** A client of the registry at `url` (`http://user:password@host:port/path`). */
export function createRegistryClient(url: string, timeoutMs: number = DEFAULT_TIMEOUT_MS): RegistryClient {
  const address = parseRegistryUrl(url)
  const { host, auth } = address
  const http = registryHttp(address, timeoutMs)
  const registry = new confluent.SchemaRegistry({
    host,
    ...(auth === undefined ? {} : { auth }),
    clientId: 'asinstream',
    retry: { retries: 1, initialRetryTimeInSecs: 0.1 },
    middlewares: [withTimeout(timeoutMs)],
  })
  const failed = (what: string, error: unknown) =>
    new RegistryError(
      `The schema registry at ${host} did not answer for ${what} (${reasonOf(error)}); check that it runs and that SCHEMA_REGISTRY_URL names it`,
      { cause: error },
    )

  /** `again` is the same question without the library, which keeps the protocol's error code to itself. */
  const asking = async <T>(
    what: string,
    ask: () => Promise<T>,
    again: Parameters<AskRegistry>,
  ): Promise<T | null> => {
    try {
      return await ask()
    } catch (error) {
      if (!mayBeNotFound(error)) throw failed(what, error)
      // A proxy's 404, or that of a wrong path, says nothing about schemas; only the code does.
      const { body } = await http(...again)
      if (NOT_FOUND_CODES.has(body.error_code)) return null
      throw failed(what, error)
    }
  }

  return {
    name: host,
    idOf: (subject, schema) => {
      const text = JSON.stringify(schema)
      const ask = async () => {
        const found = { type: confluent.SchemaType.AVRO as const, schema: text }
        const id: unknown = await registry.getRegistryIdBySchema(subject, found)
        if (!Number.isInteger(id)) throw new Error('its answer has no id')
        return id as number
      }
      return asking(`subject ${subject}`, ask, [
        'POST',
        `/subjects/${encodeURIComponent(subject)}`,
        { schema: text },
      ])
    },
    schemaOf: (id) =>
      asking(`schema ${id}`, async () => ({ schema: avroOf(await registry.getSchema(id)) }), [
        'GET',
        `/schemas/ids/${id}`,
      ]),
  }
}

/** What the library hands back for Avro is an avsc type; Protobuf and JSON schemas are other classes. */
function avroOf(found: unknown): AvroJson | null {
  const type = found as { typeName?: unknown; schema(options: { exportAttrs: boolean }): AvroJson }
  return typeof type.typeName === 'string' ? type.schema({ exportAttrs: true }) : null
}

type RegistryMiddleware = NonNullable<
  ConstructorParameters<typeof confluent.SchemaRegistry>[0]['middlewares']
>[number]

/** Without one, the library would wait for a silent registry for ever. */
function withTimeout(timeoutMs: number): RegistryMiddleware {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }),
  })
}

/** The library wraps a 404 in an error of its own, without the status, when it looks for an id. */
function mayBeNotFound(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  return (
    ('status' in error && error.status === 404) || error.constructor.name === 'ConfluentSchemaRegistryError'
  )
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^asinstream - /, '').slice(0, 300)
}
