import type { ProxyServers } from '#libs/sp-api/index.ts'
import { credentialProblems, sellersOf } from './sellers.ts'
import { type Config, type Variable, type VariableName, variables } from './variables.ts'

export type { Config, VariableName }

/** The environment can not be used: one line per variable, each with what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`the configuration can not be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads and checks every variable at once; an empty value counts as unset. Throws a `ConfigError` that lists all
 * problems and never shows the value of a secret.
 */
export function loadConfig(environment: Environment): Config {
  const problems: string[] = []
  const values: Partial<Record<VariableName, unknown>> = {}
  for (const [name, spec] of entries()) {
    const raw = rawValue(environment, name)
    const result = spec.schema.safeParse(raw)
    if (result.success) {
      values[name] = result.data
      continue
    }
    const shown = spec.secret || raw === undefined ? '' : ` (it is ${JSON.stringify(raw)})`
    problems.push(
      `${name} ${result.error.issues.map((issue) => issue.message).join('; ')}${shown}. ${spec.doc}`,
    )
  }
  problems.push(...credentialProblems(environment, values as Partial<Config>))
  if (environment.SP_API_CLIENT_SECRET_PREVIOUS && !environment.SP_API_CLIENT_SECRET)
    problems.push(
      'SP_API_CLIENT_SECRET must be set as well: SP_API_CLIENT_SECRET_PREVIOUS is the one before it.',
    )
  if (environment.REDIS_SENTINELS && !environment.REDIS_URL)
    problems.push(
      'REDIS_URL must be set as well: its host is the name under which REDIS_SENTINELS know the master.',
    )
  if (Boolean(environment.RATE_LIMIT_CALLS) !== Boolean(environment.RATE_LIMIT_WINDOW))
    problems.push('RATE_LIMIT_CALLS and RATE_LIMIT_WINDOW only work together: set both, or none.')
  const workers = values.MAX_WORKERS
  if (workers !== undefined && environment.FETCH_CONCURRENCY && workers !== values.FETCH_CONCURRENCY)
    problems.push(
      'MAX_WORKERS and FETCH_CONCURRENCY are two names of one thing and have different values: set one of them.',
    )
  values.FETCH_CONCURRENCY = values.MAX_WORKERS = workers ?? values.FETCH_CONCURRENCY
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(values) as Config
}

/** Some programs write the names of proxies in small letters, which count first. */
function rawValue(environment: Environment, name: string): string | undefined {
  const small = name.endsWith('_PROXY') ? environment[name.toLowerCase()] : undefined
  return small || environment[name] || undefined
}

/** How the network is left for Amazon. */
export function proxyOf(config: Config): ProxyServers {
  return { https: config.HTTPS_PROXY, http: config.HTTP_PROXY, except: config.NO_PROXY }
}

/** Whether Amazon's credentials are set, or kept in the database. */
export function hasCredentials(config: Config): boolean {
  return sellersOf(config).length > 0 || config.CREDENTIALS_KEY !== undefined
}

/** Every variable with its value as people may see it: secrets masked, durations in milliseconds. */
export function describeConfig(config: Config): Readonly<Record<VariableName, unknown>> {
  return Object.fromEntries(
    entries().map(([name, spec]) => [
      name,
      config[name] === undefined ? null : spec.secret ? '********' : config[name],
    ]),
  ) as Record<VariableName, unknown>
}

function entries(): [VariableName, Variable][] {
  return Object.entries(variables) as [VariableName, Variable][]
}
