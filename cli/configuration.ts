import { type Config, ConfigError, loadConfig } from '#libs/service/config.ts'
import { resolveMarketplaces } from '#libs/sp-api/marketplaces.ts'
import { parseUsagePlans } from '#libs/sp-api/usage-plans.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configuration, with every problem at once: also those that services would find only after they began. Throws a
 * `ConfigError`.
 */
export function readConfig(environment: Environment): Config {
  const problems: string[] = []
  const check = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      problems.push(...(error instanceof ConfigError ? error.problems : [(error as Error).message]))
      return undefined
    }
  }
  const config = check(() => loadConfig(environment))
  const { MARKETPLACES, SP_API_USAGE_PLANS } = environment
  if (MARKETPLACES) {
    const names = MARKETPLACES.split(',').map((name) => name.trim())
    check(() => resolveMarketplaces(names.filter((name) => name !== '')))
  }
  if (SP_API_USAGE_PLANS) check(() => parseUsagePlans(SP_API_USAGE_PLANS))
  if (config === undefined || problems.length > 0) throw new ConfigError(problems)
  return config
}
