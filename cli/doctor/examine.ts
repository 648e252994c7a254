import { type Config, ConfigError } from '#libs/service/config.ts'
import { secretMask, secretsOf } from '#libs/service/secrets.ts'
import type { Finding } from '../commands/doctor.ts'
import { type Environment, readConfig } from '../configuration.ts'
import { openTools, type Tools } from '../tools.ts'
import { checkAmazon } from './amazon.ts'
import { checkApi } from './api.ts'
import { checkDatabase } from './database.ts'
import { checkEventLog } from './event-log.ts'
import { checkDisk, checkMemory, checkNode, checkPort } from './machine.ts'
import { checkQuota } from './quota.ts'
import { checkRedis } from './redis.ts'
import { checkRegistry } from './registry.ts'

export interface Examination {
  readonly environment: Environment
  /** Of `dev`. */
  readonly dataDir: string
  /** How long one check may take, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Every finding, in the order in which people read them. What needs others is asked of all of them at once; one that fails
 * or does not answer keeps no other from being made. No finding shows a secret.
 */
export async function* examine(examination: Examination): AsyncGenerator<Finding> {
  const { environment, dataDir, timeoutMs } = examination
  yield checkNode(process.versions.node)
  yield checkMemory()
  const config = yield* checkConfiguration(environment)
  yield* checkDisk(dataDir)
  if (config === null) return
  const mask = secretMask(secretsOf(config))
  const tools = openTools(config)
  const running = checks.map(([name, check]) => collect(name, check(config, tools, environment), timeoutMs))
  for (const findings of running) {
    for (const finding of await findings)
      yield {
        ...finding,
        message: mask(finding.message),
        ...(finding.advice !== undefined && { advice: mask(finding.advice) }),
      }
  }
  await within(timeoutMs, Promise.resolve(tools[Symbol.asyncDispose]()))
}

type Check = (config: Config, tools: Tools, environment: Environment) => AsyncIterable<Finding>

const checks: readonly (readonly [name: string, check: Check])[] = [
  ['Port', (config) => checkPort(config)],
  ['PostgreSQL', checkDatabase],
  ['Event log', checkEventLog],
  ['Redis', (config) => checkRedis(config)],
  ['Quota', checkQuota],
  ['Schema registry', (config) => checkRegistry(config)],
  ['Amazon', checkAmazon],
  ['API', (_config, _tools, environment) => checkApi(environment)],
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

/** What a check found, or had found when its time was over; an error that no check foresaw is a finding as well. */
async function collect(
  name: string,
  check: AsyncIterable<Finding>,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const work = async () => {
    for await (const finding of check) findings.push(finding)
  }
  try {
    if (await within(timeoutMs, work())) return findings
    const message = `it did not answer within ${timeoutMs / 1_000} s`
    return [
      ...findings,
      {
        check: name,
        status: 'failed',
        message,
        advice: 'Check that it runs, and the network on the way to it.',
      },
    ]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [...findings, { check: name, status: 'failed', message }]
  }
}

/** Whether the work ended within the time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), ms)
  try {
    return await Promise.race([work.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
