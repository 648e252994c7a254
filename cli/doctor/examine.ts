import { type Config, ConfigError } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import { type Environment, readConfig } from '../configuration.ts'
import { openTools, type Tools } from '../tools.ts'
import { checkAmazon } from './amazon.ts'
import { checkDatabase, checkEventLog } from './database.ts'
import { checkDisk, checkNode, checkPort } from './machine.ts'
import { checkRedis } from './redis.ts'
import { checkRegistry } from './registry.ts'

/** Every finding, as soon as it is there; one check that fails does not keep the others from being made. */
export async function* examine(environment: Environment, dataDir: string): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node)
  const config = yield* checkConfiguration(environment)
  yield* checkDisk(dataDir)
  if (config === null) return
  await using tools = openTools(config)
  for (const check of checks) yield* guarded(check, config, tools)
}

type Check = (config: Config, tools: Tools) => AsyncGenerator<Finding>

const checks: readonly Check[] = [
  (config) => checkPort(config),
  checkDatabase,
  checkEventLog,
  (config) => checkRedis(config),
  (config) => checkRegistry(config),
  (config) => checkAmazon(config),
]

function* checkConfiguration(environment: Environment): Generator<Finding, Config | null> {
  try {
    const config = readConfig(environment)
    yield { check: 'Configuration', status: 'ok', message: 'every variable that is set makes sense' }
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const message of error.problems) yield { check: 'Configuration', status: 'failed', message }
    return null
  }
}

/** An error that no check foresaw is a finding as well. */
async function* guarded(check: Check, config: Config, tools: Tools): AsyncGenerator<Finding> {
  try {
    yield* check(config, tools)
  } catch (error) {
    yield {
      check: 'doctor',
      status: 'failed',
      message: error instanceof Error ? error.message : String(error),
    }
  }
}
