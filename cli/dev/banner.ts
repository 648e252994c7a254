import { isAbsolute, relative } from 'node:path'
import type { Config } from '#libs/service/config.ts'
import { counted, styled, table } from '../terminal.ts'
import type { Amazon } from './amazon.ts'
import { DEFAULT_PORT } from './choose-port.ts'
import { exampleProduct } from './sample.ts'

export interface BannerFacts {
  readonly config: Config
  readonly amazon: Amazon
  /** Base URL of API and page. */
  readonly url: string
  /** The embedded database; null when DATABASE_URL names another one. */
  readonly embedded: { readonly folder: string; readonly url: string } | null
  readonly logPath: string
  /** Products that were seeded now. */
  readonly seeded: number
  /** The default port, when it was in use. */
  readonly movedFrom: number | null
}

/** What runs, where to look, and three lines to copy, each as it stands. */
export function banner(facts: BannerFacts): string {
  const { url, movedFrom, logPath, seeded } = facts
  const places = [
    ['Page', styled('cyan', `${url}/`)],
    ['API', `${url}/products`],
    ['psql', psqlLine(facts)],
    ['Log file', shown(logPath)],
  ]
  return [
    '',
    styled('bold', 'asinstream is up.') +
      (movedFrom === null ? '' : ` Port ${movedFrom} is in use, so it took ${new URL(url).port}.`),
    '',
    table([...whatRuns(facts), ['', ''], ...places]),
    '',
    ...(seeded > 0 ? [`The database was empty: ${counted(seeded, 'sample product')} went in.`, ''] : []),
    'Lines to copy: import a CSV, sync again, see how far it is.',
    ...copyLines(facts).map((line) => `  ${line}`),
    '',
    'Ctrl-C ends it; the data stays.',
    '',
  ].join('\n')
}

function whatRuns({ config, amazon, embedded }: BannerFacts): [string, string][] {
  return [
    [
      'Amazon',
      amazon.kind === 'amazon'
        ? `Amazon's own API${config.SP_API_ENDPOINT ? ` at ${config.SP_API_ENDPOINT}` : ''}, marketplaces ${config.MARKETPLACES.join(', ')}`
        : `a simulator in this process, ${amazon.rate} requests a second, burst ${amazon.burst} (Amazon's default: 2 and 2)`,
    ],
    [
      'Database',
      embedded === null
        ? 'PostgreSQL of DATABASE_URL'
        : `embedded PostgreSQL, kept in ${shown(embedded.folder)}`,
    ],
    ['Event log', config.KAFKA_BROKERS ? `Kafka at ${config.KAFKA_BROKERS.join(', ')}` : 'in PostgreSQL'],
    ['Buckets', config.REDIS_URL ? 'in Redis, of REDIS_URL' : 'in memory'],
    [
      'Schemas',
      config.SCHEMA_REGISTRY_URL ? 'of the registry, SCHEMA_REGISTRY_URL' : 'of the folder schemas/',
    ],
  ]
}

function psqlLine({ embedded }: BannerFacts): string {
  // A database of somebody's own may have a password that is not for a screen.
  return embedded === null ? 'psql "$DATABASE_URL"' : `psql '${embedded.url}'`
}

function copyLines({ url, amazon }: BannerFacts): readonly string[] {
  const { upc, title, brand } = exampleProduct()
  const subset = amazon.kind === 'simulator' ? `{"filter":{"brand":"${brand}"}}` : '{}'
  const curl = "curl -sS -w '\\n'"
  const isDefault = url === `http://127.0.0.1:${DEFAULT_PORT}`
  return [
    `printf 'sku,upc,title\\nMY-1,${upc},${title}\\n' | ${curl} -H 'content-type: text/csv' --data-binary @- ${url}/products`,
    `${curl} -H 'content-type: application/json' -d '${subset}' ${url}/marketplace/amazon/sync`,
    `npm run -s status${isDefault ? '' : ` -- --url ${url}`}`,
  ]
}

/** As one would type it here: relative where it is below this folder. */
function shown(path: string): string {
  const here = relative(process.cwd(), path)
  return here === '' || here.startsWith('..') || isAbsolute(here) ? path : here
}
