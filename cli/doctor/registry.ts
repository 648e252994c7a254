import type { Config } from '#libs/service/config.ts'
import { createRegistryClient } from '#schemas/registry-client.ts'
import { parseRegistryUrl, registryHttp } from '#schemas/registry-http.ts'
import { loadSchemas, newest, subjectOf } from '#schemas/versions.ts'
import type { Finding } from '../commands/doctor.ts'

const CHECK = 'Schema registry'
const TIMEOUT_MS = 5_000
/** What `migrate` asks a registry to hold a subject to; the transitive ones of one direction protect less. */
const COMPATIBILITY = 'FULL_TRANSITIVE'

/** Whether every version of every schema is registered, and how the registry guards those to come. */
export async function* checkRegistry(config: Config): AsyncGenerator<Finding> {
  const { SCHEMA_REGISTRY_URL: url } = config
  if (url === undefined) {
    yield {
      check: CHECK,
      status: 'info',
      message: 'SCHEMA_REGISTRY_URL is not set: schemas are read from the schemas/ folder',
    }
    return
  }
  const client = createRegistryClient(url, TIMEOUT_MS)
  const ask = registryHttp(parseRegistryUrl(url), TIMEOUT_MS)
  const schemas = [...loadSchemas()]
  const missing: string[] = []
  for (const [topic, versions] of schemas) {
    const subject = subjectOf(topic)
    for (const { version, schema } of versions) {
      // It says what to do when the registry does not answer.
      if ((await client.idOf(subject, schema)) === null) missing.push(`${subject} version ${version}`)
    }
    const { status, body } = await ask(
      'POST',
      `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`,
      { schema: JSON.stringify(newest(versions).schema) },
    )
    if (status === 200 && (body as { is_compatible?: unknown }).is_compatible === false)
      yield {
        check: CHECK,
        status: 'failed',
        message: `the latest version of ${subject} in the registry does not go with that of this release`,
        advice: `Somebody registered another: compare GET /subjects/${subject}/versions with the files of schemas/.`,
      }
    const level = await compatibilityOf(ask, subject)
    if (level !== null && level !== COMPATIBILITY)
      yield {
        check: CHECK,
        status: 'warning',
        message: `${subject} is kept ${level}, not ${COMPATIBILITY}: a schema that breaks readers can be registered`,
        advice: 'Run: npm run migrate',
      }
  }
  yield missing.length === 0
    ? {
        check: CHECK,
        status: 'ok',
        message: `it has the schemas of this release, of ${schemas.length} topics`,
      }
    : {
        check: CHECK,
        status: 'failed',
        message: `it lacks ${missing.join(', ')}`,
        advice: 'Run: npm run migrate',
      }
}

/** Null where the registry keeps no such setting, or tells it to nobody. */
async function compatibilityOf(
  ask: ReturnType<typeof registryHttp>,
  subject: string,
): Promise<string | null> {
  const { status, body } = await ask('GET', `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`)
  const { compatibilityLevel: level } = body as { compatibilityLevel?: unknown }
  return status === 200 && typeof level === 'string' ? level : null
}
