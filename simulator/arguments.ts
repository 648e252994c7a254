/** The simulator's command line. */

import { parseArgs } from 'node:util'
import { type FaultShares, faultKinds } from './faults.ts'
import { DEFAULT_MARKETPLACE, marketplaces } from './marketplaces.ts'
import { OptionError, resolveOptions, type SimulatorOptions, simulatorDefaults } from './options.ts'

export interface CatalogueCommand {
  readonly count: number
  readonly seed: number
  readonly asinsPerUpc: number
  readonly notFound: number
  readonly duplicates: number
  readonly damaged: number
  readonly restricted: number
  readonly marketplaceId: string
  readonly withExpected: boolean
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'serve'; readonly options: Partial<SimulatorOptions> }
  | { readonly name: 'catalogue'; readonly options: CatalogueCommand }

const serveFlags = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  burst: { type: 'string' },
  'app-rate': { type: 'string' },
  plan: { type: 'string' },
  latency: { type: 'string' },
  faults: { type: 'string' },
  'token-ttl': { type: 'string' },
  'asins-per-upc': { type: 'string' },
  'not-found': { type: 'string' },
  listings: { type: 'string' },
  'orders-per-day': { type: 'string' },
  'no-rate-header': { type: 'boolean' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const catalogueFlags = {
  count: { type: 'string' },
  seed: { type: 'string' },
  'asins-per-upc': { type: 'string' },
  'not-found': { type: 'string' },
  duplicates: { type: 'string' },
  damaged: { type: 'string' },
  restricted: { type: 'string' },
  marketplace: { type: 'string' },
  expected: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Throws an OptionError whose message says what is wrong with the first argument that is. */
export function parseCommand(args: readonly string[]): Command {
  const [first, ...rest] = args
  if (first === 'catalogue') return parseCatalogue(rest)
  if (first !== undefined && !first.startsWith('-')) {
    throw new OptionError(
      `There is no command "${first}"; there is "catalogue", or none to serve. See --help.`,
    )
  }
  const { values } = parse(() => parseArgs({ args: [...args], options: serveFlags, allowPositionals: false }))
  if (values.help) return { name: 'help' }
  const options = {
    ...given('port', toNumber('port', values.port)),
    ...given('host', values.host),
    ...given('seed', toNumber('seed', values.seed)),
    ...given('rate', toNumber('rate', values.rate)),
    ...given('burst', toNumber('burst', values.burst)),
    ...given('appRate', toNumber('app-rate', values['app-rate'])),
    ...given('plans', values.plan === undefined ? undefined : parsePlans(values.plan)),
    ...given('latencyMs', values.latency === undefined ? undefined : parseLatency(values.latency)),
    ...given('faults', values.faults === undefined ? undefined : parseFaults(values.faults)),
    ...given('tokenTtlSeconds', toNumber('token-ttl', values['token-ttl'])),
    ...given('asinsPerUpc', toNumber('asins-per-upc', values['asins-per-upc'])),
    ...given('notFound', toNumber('not-found', values['not-found'])),
    ...given('listings', toNumber('listings', values.listings)),
    ...given('ordersPerDay', toNumber('orders-per-day', values['orders-per-day'])),
    ...given('clientId', values['client-id']),
    ...given('clientSecret', values['client-secret']),
    ...(values['no-rate-header'] ? { rateHeader: false } : {}),
  }
  resolveOptions(options)
  return { name: 'serve', options }
}

function parseCatalogue(args: readonly string[]): Command {
  const { values } = parse(() =>
    parseArgs({ args: [...args], options: catalogueFlags, allowPositionals: false }),
  )
  if (values.help) return { name: 'help' }
  const share = (name: 'duplicates' | 'damaged' | 'restricted') => {
    const value = toNumber(name, values[name]) ?? 0
    if (value > 1) throw new OptionError(`--${name} must be a share from 0 to 1, not ${value}.`)
    return value
  }
  const count = toNumber('count', values.count)
  if (count === undefined || !Number.isInteger(count)) {
    throw new OptionError('--count must be given: how many products, as a whole number.')
  }
  const marketplaceId = values.marketplace ?? DEFAULT_MARKETPLACE
  if (!marketplaces.has(marketplaceId)) {
    throw new OptionError(
      `--marketplace must be one of ${[...marketplaces.keys()].join(', ')}, not ${marketplaceId}.`,
    )
  }
  const shared = resolveOptions({
    ...given('seed', toNumber('seed', values.seed)),
    ...given('asinsPerUpc', toNumber('asins-per-upc', values['asins-per-upc'])),
    ...given('notFound', toNumber('not-found', values['not-found'])),
  })
  const shares = {
    duplicates: share('duplicates'),
    damaged: share('damaged'),
    restricted: share('restricted'),
  }
  if (shares.duplicates + shares.damaged + shares.restricted > 1) {
    throw new OptionError('--duplicates, --damaged and --restricted must not be more than 1 together.')
  }
  const { seed, asinsPerUpc, notFound } = shared
  const withExpected = values.expected ?? false
  return {
    name: 'catalogue',
    options: { count, seed, asinsPerUpc, notFound, ...shares, marketplaceId, withExpected },
  }
}

function parse<T>(parser: () => T): T {
  try {
    return parser()
  } catch (error) {
    throw new OptionError(`${(error as Error).message.split('. ')[0]}. See --help.`)
  }
}

const given = <K extends string, V>(key: K, value: V | undefined) =>
  value === undefined ? {} : { [key]: value }

function toNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new OptionError(`--${name} must be a number, not "${text}".`)
  return Number(text)
}

/** `50` or `50-200`, in milliseconds. */
function parseLatency(text: string): readonly [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (match === null)
    throw new OptionError(
      `--latency must be milliseconds such as 50, or a range such as 50-200, not "${text}".`,
    )
  return [Number(match[1]), Number(match[2] ?? match[1])]
}

/** `getItemOffersBatch=2/5,getCompetitivePricing=10`. */
function parsePlans(text: string): SimulatorOptions['plans'] {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, operation, rate, burst] = /^([\w.]+)=(\d*\.?\d+)(?:\/(\d+))?$/.exec(part.trim()) ?? []
      if (operation === undefined) {
        throw new OptionError(
          `--plan must be operations with rates and bursts, such as getItemOffersBatch=2/5, not "${part}".`,
        )
      }
      return [operation, { rate: Number(rate), ...(burst === undefined ? {} : { burst: Number(burst) }) }]
    }),
  )
}

/** `429=0.01,reset=0.005`. */
function parseFaults(text: string): FaultShares {
  const shares: Record<string, number> = {}
  for (const part of text.split(',')) {
    const match = /^(\w+)=(\d*\.?\d+)$/.exec(part.trim())
    if (match === null)
      throw new OptionError(
        `--faults must be kinds with shares, such as 429=0.01,reset=0.005, not "${part}".`,
      )
    shares[match[1] as string] = Number(match[2])
  }
  return shares as FaultShares
}

export function helpText(): string {
  const d = simulatorDefaults
  const faults = Object.entries(faultKinds).map(([kind, text]) => `      ${kind.padEnd(11)} ${text}`)
  return `A simulator of Amazon's Selling Partner API and of Login with Amazon, on one port.

Usage:
  npm run simulator -- [options]                      serve until Ctrl-C; prints the URL
  npm run simulator -- catalogue --count N [options]  print N products as CSV that the simulator knows

Options for serving:
  --port N              port; 0, the default, takes a free one
  --host HOST           address to listen on (${d.host}); there is no protection, so keep it local
  --seed N              the catalogue is a function of this number (${d.seed})
  --rate N              searchCatalogItems a second per application and seller (${d.rate})
  --burst N             how many of them at once (${d.burst})
  --app-rate N          searchCatalogItems a second per application over all sellers (${d.appRate})
  --plan LIST           plans of other operations, a second and at once, in the place of Amazon's:
                        getItemOffersBatch=2/5,getCompetitivePricing=10
  --latency MS          each answer takes this long: 50, or 50-200 (0)
  --faults LIST         kinds with shares of calls, such as 429=0.01,reset=0.005:
${faults.join('\n')}
  --token-ttl SECONDS   how long an access token lives (${d.tokenTtlSeconds})
  --asins-per-upc N     mean number of items for a code that is found (${d.asinsPerUpc})
  --not-found SHARE     share of valid codes that Amazon does not know (${d.notFound})
  --listings N          products that each seller offers (${d.listings})
  --orders-per-day N    orders that each seller gets in a marketplace (${d.ordersPerDay})
  --no-rate-header      answers carry no x-amzn-RateLimit-Limit
  --client-id ID --client-secret SECRET
                        take only this application; the default takes any

Options for the catalogue (with the same --seed, --asins-per-upc and --not-found, it fits the server):
  --count N             how many products
  --duplicates SHARE    share of rows that carry another row's code (0)
  --damaged SHARE       share of rows with a damaged code (0)
  --restricted SHARE    share of rows with a code of a restricted range (0)
  --marketplace ID      where the outcomes are to hold (${DEFAULT_MARKETPLACE})
  --expected            add the column expected: success, not_found, ambiguous, invalid or restricted

  --help                this text
`
}
