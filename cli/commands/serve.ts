import { Argument, Command } from 'commander'
import type { Finish } from '../main.ts'
import { endWithNpm } from '../npm-parent.ts'

/** As `services/all.ts` has them, which brings all services along. */
export const serviceChoices = [
  'product-change',
  'catalog-fetcher',
  'offer-fetcher',
  'persister',
  'reporting',
  'all',
] as const
type ServiceChoice = (typeof serviceChoices)[number]

export function serveCommand(finish: Finish): Command {
  return new Command('serve')
    .description('run one service, or all of them, in this process')
    .addArgument(new Argument('<service>', 'which one').choices(serviceChoices))
    .addHelpText(
      'after',
      `
Configured by the environment (docs/reference.md): DATABASE_URL, KAFKA_BROKERS, REDIS_URL, SCHEMA_REGISTRY_URL, and Amazon's
SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN. Run "asinstream migrate" before.

Examples:
  npm run serve -- all
  npm run serve -- catalog-fetcher

SIGTERM and Ctrl-C finish what is in flight, within SHUTDOWN_GRACE. Each service has /livez, /readyz and /metrics on its
PORT; reporting and all listen on 8080 unless PORT is set. The heap may grow to 512 MB, or to what a smaller container
allows; NODE_OPTIONS with --max-old-space-size (in MB) sets another limit.`,
    )
    .action(async (name: ServiceChoice) => finish(await serve(name)))
}

async function serve(name: ServiceChoice): Promise<number> {
  const [{ services }, { runService }, { readConfig }, { startAllServices }] = await Promise.all([
    import('#services/all.ts'),
    import('#libs/service/run.ts'),
    import('../configuration.ts'),
    import('../all-services.ts'),
  ])
  readConfig(process.env)
  endWithNpm(process.env)
  if (name !== 'all') return runService(name, services[name])
  return runService('all', (context) =>
    startAllServices((part) => ({ ...context, logger: context.logger.child({ part }) })),
  )
}
