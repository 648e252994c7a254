import type { Config } from '#libs/service/config.ts'
import { missingSchemas } from '../bring-up-to-date.ts'
import type { Finding } from '../commands/doctor.ts'

export async function* checkRegistry(config: Config): AsyncGenerator<Finding> {
  const { SCHEMA_REGISTRY_URL: url } = config
  if (url === undefined) {
    yield {
      check: 'Schema registry',
      status: 'info',
      message: 'SCHEMA_REGISTRY_URL is not set: schemas are read from the schemas/ folder',
    }
    return
  }
  // It says what to do: that it does not answer, or what is not registered and how to register it.
  const message = await missingSchemas(config)
  yield message === null
    ? { check: 'Schema registry', status: 'ok', message: 'it has the schemas of this release' }
    : { check: 'Schema registry', status: 'failed', message }
}
