import type Router from '@koa/router'
import { type Config, describeConfig, type VariableName } from '#libs/service/config.ts'
import { durationText } from '#libs/service/duration.ts'
import { secretMask, secretsOf } from '#libs/service/secrets.ts'
import { isDuration } from '#libs/service/variables.ts'
import { readQuery } from '../query.ts'

/** What this process runs with. It does not change while it runs. */
export function addConfigurationRoutes(router: Router, { config }: { readonly config: Config }): void {
  const document = configurationDocument(config)
  router.get('/config', (ctx) => {
    readQuery(ctx, [])
    ctx.body = document
  })
}

/** Every variable with its value in force, durations as one writes them; null where there is none, secrets masked. */
export function configurationDocument(config: Config): Readonly<Record<VariableName, unknown>> {
  const shown = Object.entries(describeConfig(config)).map(([name, value]) => [
    name,
    typeof value === 'number' && isDuration(name as VariableName) ? durationText(value) : value,
  ])
  // A value that is no secret may hold one all the same, such as a password in a URL.
  const mask = secretMask(secretsOf(config))
  return JSON.parse(mask(JSON.stringify(Object.fromEntries(shown))))
}
