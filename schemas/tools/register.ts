import { parseRegistryUrl, RegistryError } from '#schemas/registry-client.ts'
import { loadSchemas, type SchemaVersion, subjectOf } from '#schemas/versions.ts'

/** One line for people per subject and version. */
export type Report = (line: string) => void

const COMPATIBILITY = 'FULL_TRANSITIVE'
const TIMEOUT_MS = 10_000
/** Answers of registries that have no such endpoint, or have it switched off for this user. */
const NOT_SUPPORTED = new Set([404, 405, 501])

/**
 * Registers every kept version of every topic's record, oldest first, and asks the registry to keep each subject
 * FULL_TRANSITIVE. Registering again changes nothing.
 *
 * @throws RegistryError when the registry does not answer, or refuses.
 */
export async function registerAll(url: string, report: Report, schemas = loadSchemas()): Promise<void> {
  const ask = client(url)
  for (const [topic, versions] of schemas) {
    const subject = subjectOf(topic)
    await setCompatibility(ask, subject, report)
    for (const version of versions) {
      const id = await register(ask, subject, version)
      report(`${subject}: version ${version.version} has the id ${id}`)
    }
  }
}

interface Answer {
  readonly status: number
  readonly body: { readonly id?: unknown; readonly message?: unknown }
}
type Ask = (method: 'PUT' | 'POST', path: string, body: object) => Promise<Answer>

async function setCompatibility(ask: Ask, subject: string, report: Report): Promise<void> {
  const { status, body } = await ask('PUT', `/config/${encodeURIComponent(subject)}`, {
    compatibility: COMPATIBILITY,
  })
  if (status === 200) return
  if (!NOT_SUPPORTED.has(status)) throw refusal(`to keep ${subject} ${COMPATIBILITY}`, status, body)
  report(`${subject}: this registry has no compatibility setting; only "npm run schemas:check" guards it`)
}

async function register(ask: Ask, subject: string, { schema, version }: SchemaVersion): Promise<number> {
  const { status, body } = await ask('POST', `/subjects/${encodeURIComponent(subject)}/versions`, {
    schema: JSON.stringify(schema),
  })
  if (status === 409) {
    throw new RegistryError(
      `The registry holds versions of ${subject} that version ${version} is not compatible with: ${String(body.message)}. They came from elsewhere: compare "GET /subjects/${subject}/versions" with the files of schemas/`,
    )
  }
  if (status !== 200 || !Number.isInteger(body.id))
    throw refusal(`version ${version} of ${subject}`, status, body)
  return body.id as number
}

function refusal(what: string, status: number, body: Answer['body']): RegistryError {
  const hint = status === 401 || status === 403 ? '; check the user and password in SCHEMA_REGISTRY_URL' : ''
  return new RegistryError(
    `The registry refused ${what}: status ${status}, ${String(body.message ?? 'no reason given')}${hint}`,
  )
}

function client(url: string): Ask {
  const { host, auth } = parseRegistryUrl(url)
  const headers = new Headers({ 'content-type': 'application/vnd.schemaregistry.v1+json' })
  if (auth !== undefined) {
    headers.set(
      'authorization',
      `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`,
    )
  }
  return async (method, path, body) => {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const response = await fetch(`${host}${path}`, { method, headers, body: JSON.stringify(body), signal })
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

/** What is not the registry's JSON (a proxy's page, for one) is quoted as the reason. */
function parseBody(text: string): Answer['body'] {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : { message: text.slice(0, 200) }
  } catch {
    return { message: text.slice(0, 200) }
  }
}

if (import.meta.main) {
  const url = process.env.SCHEMA_REGISTRY_URL
  try {
    if (url === undefined || url === '') {
      throw new RegistryError(
        'SCHEMA_REGISTRY_URL is not set; set it to the registry, such as http://registry:8081',
      )
    }
    await registerAll(url, console.log)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
