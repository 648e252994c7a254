import confluent from '@kafkajs/confluent-schema-registry'
import type { AvroJson } from '#schemas/versions.ts'

/** What this project asks of a registry that speaks Confluent's protocol. Errors are `RegistryError`s. */
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

/** The registry could not be asked, or its answer was none: nothing is known about the record. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
}

/** Confluent's codes for "no such subject", "no such version" and "no such schema". */
const NOT_FOUND_CODES = new Set([40401, 40402, 40403])
const DEFAULT_TIMEOUT_MS = 5_000

/** Splits user and password from a registry's URL, so that neither gets into a message. */
export function parseRegistryUrl(url: string): {
  readonly host: string
  readonly auth: { readonly username: string; readonly password: string } | undefined
} {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new RegistryError(
      'SCHEMA_REGISTRY_URL is not a URL that starts with http:// or https://, such as http://registry:8081',
    )
  }
  const username = decodeURIComponent(parsed.username)
  const password = decodeURIComponent(parsed.password)
  return {
    host: `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, ''),
    auth: username === '' && password === '' ? undefined : { username, password },
  }
}

/** A client of the registry at `url` (`http://user:password@host:port/path`). */
export function createRegistryClient(url: string, timeoutMs: number = DEFAULT_TIMEOUT_MS): RegistryClient {
  const { host, auth } = parseRegistryUrl(url)
  const registry = new confluent.SchemaRegistry({
    host,
    ...(auth === undefined ? {} : { auth }),
    clientId: 'asinstream',
    retry: { retries: 1, initialRetryTimeInSecs: 0.1 },
    middlewares: [timeoutAndErrorCode(timeoutMs)],
  })
  const asking = async <T>(what: string, ask: () => Promise<T>): Promise<T | null> => {
    try {
      return await ask()
    } catch (error) {
      if (isNotFound(error)) return null
      throw new RegistryError(
        `The schema registry at ${host} did not answer for ${what} (${reasonOf(error)}); check that it runs and that SCHEMA_REGISTRY_URL names it`,
        { cause: error },
      )
    }
  }
  return {
    name: host,
    idOf: (subject, schema) =>
      asking(`subject ${subject}`, async () => {
        const id: unknown = await registry.getRegistryIdBySchema(subject, {
          type: confluent.SchemaType.AVRO,
          schema: JSON.stringify(schema),
        })
        if (!Number.isInteger(id)) throw new Error('its answer has no id')
        return id as number
      }),
    schemaOf: (id) => asking(`schema ${id}`, async () => ({ schema: avroOf(await registry.getSchema(id)) })),
  }
}

/** What the library hands back for Avro is an avsc type; Protobuf and JSON schemas are other classes. */
function avroOf(found: unknown): AvroJson | null {
  const type = found as { typeName?: unknown; schema?: (options: { exportAttrs: boolean }) => AvroJson }
  return typeof type.typeName === 'string' && typeof type.schema === 'function'
    ? type.schema({ exportAttrs: true })
    : null
}

type RegistryMiddleware = NonNullable<
  ConstructorParameters<typeof confluent.SchemaRegistry>[0]['middlewares']
>[number]

interface MappersmithResponse {
  status(): number
  rawData(): unknown
  enhance(extras: { rawData: string }): MappersmithResponse
}

/**
 * The library tells only the status, and a proxy's 404 page is not the registry's "no such schema": the protocol's
 * error code is therefore carried over in the message. Without a timeout it would wait for a silent registry for ever.
 */
function timeoutAndErrorCode(timeoutMs: number): RegistryMiddleware {
  const middleware = () => ({
    prepareRequest: (next: () => Promise<{ enhance(extras: { timeout: number }): unknown }>) =>
      next().then((request) => request.enhance({ timeout: timeoutMs })),
    response: (next: () => Promise<MappersmithResponse>) =>
      next().catch((response: MappersmithResponse) => {
        throw withErrorCode(response)
      }),
  })
  // The library hands on mappersmith's loose types; the shapes above are the part that is used.
  return middleware as unknown as RegistryMiddleware
}

function withErrorCode(response: MappersmithResponse): MappersmithResponse {
  const raw = response.rawData()
  let code: unknown
  let message: unknown
  try {
    ;({ error_code: code, message } = JSON.parse(String(raw)) as { error_code?: unknown; message?: unknown })
  } catch {
    // Not the registry's own JSON: there is no code to carry, and the library's message says what came.
    return response
  }
  if (typeof code !== 'number') return response
  return response.enhance({ rawData: JSON.stringify({ message: `[${code}] ${String(message)}` }) })
}

function isNotFound(error: unknown): boolean {
  const cause = error instanceof Error ? error : undefined
  const code = Number(/\[(\d{5})\]/.exec(cause?.message ?? '')?.[1])
  return NOT_FOUND_CODES.has(code)
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^asinstream - /, '').slice(0, 300)
}
