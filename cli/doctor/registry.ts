import type { Config } from '#libs/service/config.ts'
import { createRegistryCodec } from '#schemas/codec.ts'
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
  try {
    await createRegistryCodec({ url }).ready()
    yield { check: 'Schema registry', status: 'ok', message: 'it has the schemas of this release' }
  } catch (error) {
    // Its errors say what to do: that it does not answer, or what is not registered and how to register it.
    yield { check: 'Schema registry', status: 'failed', message: (error as Error).message }
  }
}
