import {
  type AskRegistry,
  parseRegistryUrl,
  type RegistryAnswer,
  RegistryError,
  registryHttp,
} from '#schemas/registry-http.ts'
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
  const ask = registryHttp(parseRegistryUrl(url), TIMEOUT_MS)
  for (const [topic, versions] of schemas) {
    const subject = subjectOf(topic)
    await setCompatibility(ask, subject, report)
    for (const version of versions) {
      const id = await register(ask, subject, version)
      report(`${subject}: version ${version.version} has the id ${id}`)
    }
  }
}

async function setCompatibility(ask: AskRegistry, subject: string, report: Report): Promise<void> {
  const { status, body } = await ask('PUT', `/config/${encodeURIComponent(subject)}`, {
    compatibility: COMPATIBILITY,
  })
  if (status === 200) return
  if (!NOT_SUPPORTED.has(status)) throw refusal(`to keep ${subject} ${COMPATIBILITY}`, status, body)
  report(`${subject}: this registry has no compatibility setting; only "npm run schemas:check" guards it`)
}

async function register(
  ask: AskRegistry,
  subject: string,
  { schema, version }: SchemaVersion,
): Promise<number> {
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

function refusal(what: string, status: number, body: RegistryAnswer['body']): RegistryError {
  const hint = status === 401 || status === 403 ? '; check the user and password in SCHEMA_REGISTRY_URL' : ''
  return new RegistryError(
    `The registry refused ${what}: status ${status}, ${String(body.message ?? 'no reason given')}${hint}`,
  )
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
