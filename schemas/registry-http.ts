/** The registry could not be asked, or its answer was none: nothing is known about the record. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
}

/** An answer in the protocol's JSON; what is not JSON (a proxy's page, for one) is quoted as the message. */
export interface RegistryAnswer {
  readonly status: number
  readonly body: { readonly id?: unknown; readonly error_code?: unknown; readonly message?: unknown }
}

/** Asks the registry; rejects with a `RegistryError` when it does not answer at all. */
export type AskRegistry = (
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body?: object,
) => Promise<RegistryAnswer>

export interface RegistryAddress {
  /** The URL without user and password. */
  readonly host: string
  readonly auth: { readonly username: string; readonly password: string } | undefined
}

/** Splits user and password from a registry's URL, so that neither gets into a message. */
export function parseRegistryUrl(url: string): RegistryAddress {
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

/** Speaks Confluent's REST protocol, for what the client library leaves out. */
export function registryHttp({ host, auth }: RegistryAddress, timeoutMs: number): AskRegistry {
  const headers = new Headers({ 'content-type': 'application/vnd.schemaregistry.v1+json' })
  if (auth !== undefined) {
    const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
    headers.set('authorization', `Basic ${credentials}`)
  }
  return async (method, path, body) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await fetch(`${host}${path}`, { method, headers, signal, ...sent })
      return { status: response.status, body: parseBody(await response.text()) }
    } catch (error) {
      const { message, cause } = error as Error
      const reason = cause instanceof Error ? cause.message : message
      throw new RegistryError(
        `The schema registry at ${host} does not answer (${reason}); check that it runs and that SCHEMA_REGISTRY_URL names it`,
        { cause: error },
      )
    }
  }
}

function parseBody(text: string): RegistryAnswer['body'] {
  const quoted = { message: text.slice(0, 200) }
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : quoted
  } catch {
    return quoted
  }
}
