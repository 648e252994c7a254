/** What a simulator can be told, with defaults and checks; the command line and in-process callers share it. */

import { ORDINALS } from './catalogue/asin.ts'
import { catalogueDefaults } from './catalogue/catalogue.ts'
import { checkFaults, type FaultShares } from './faults.ts'
import type { Plan } from './usage-plans.ts'

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  /** The catalogue is a function of it. */
  readonly seed: number
  /** Usage plan of searchCatalogItems per application and seller: requests a second, and how many at once. */
  readonly rate: number
  readonly burst: number
  /** Requests a second that an application has over all its sellers, for searchCatalogItems. */
  readonly appRate: number
  /** Plans of other operations in the place of Amazon's, by name. */
  readonly plans: Readonly<Record<string, Readonly<Partial<Plan>>>>
  /** Each answer takes between these two, in milliseconds. */
  readonly latencyMs: readonly [number, number]
  readonly faults: FaultShares
  readonly tokenTtlSeconds: number
  readonly asinsPerUpc: number
  readonly notFound: number
  /** How many products each seller offers, less those that a marketplace does not know. */
  readonly listings: number
  /** How many orders a seller gets in each marketplace. */
  readonly ordersPerDay: number
  /** Whether answers carry `x-amzn-RateLimit-Limit`, which Amazon calls best effort. */
  readonly rateHeader: boolean
  /** When set, the one application that LWA knows; otherwise it takes any id and secret. */
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  /** Milliseconds, monotonic; tests hand in their own. */
  readonly now: () => number
}

export const simulatorDefaults: SimulatorOptions = {
  port: 0,
  host: '127.0.0.1',
  seed: catalogueDefaults.seed,
  rate: 2,
  burst: 2,
  appRate: 500,
  plans: {},
  latencyMs: [0, 0],
  faults: {},
  tokenTtlSeconds: 3600,
  asinsPerUpc: catalogueDefaults.asinsPerUpc,
  notFound: catalogueDefaults.notFound,
  listings: 200,
  ordersPerDay: 48,
  rateHeader: true,
  clientId: undefined,
  clientSecret: undefined,
  now: () => performance.now(),
}

/** A value that makes no sense; the message names the option and says what it takes. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

/** Fills in the defaults. Throws an OptionError for the first value that makes no sense. */
export function resolveOptions(given: Partial<SimulatorOptions>): SimulatorOptions {
  const options = { ...simulatorDefaults, ...given }
  const { latencyMs, clientId, clientSecret } = options
  whole('port', options.port, 0, 65_535)
  whole('seed', options.seed, 0, 0xffff_ffff)
  whole('burst', options.burst, 1, 1_000_000)
  number('rate', options.rate, 0.0001, 1_000_000)
  number('app-rate', options.appRate, 0.0001, 1_000_000)
  number('latency', latencyMs[0], 0, 600_000)
  number('latency', latencyMs[1], latencyMs[0], 600_000)
  number('token-ttl', options.tokenTtlSeconds, 0.001, 86_400)
  number('asins-per-upc', options.asinsPerUpc, 1, ORDINALS - 4)
  number('not-found', options.notFound, 0, 1)
  whole('listings', options.listings, 0, 10_000_000)
  number('orders-per-day', options.ordersPerDay, 0.01, 1_000_000)
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw new OptionError('--client-id and --client-secret go together: give both, or neither.')
  }
  const wrong = checkFaults(options.faults)
  if (wrong !== null) throw new OptionError(`--faults: ${wrong}`)
  return options
}

function number(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new OptionError(`--${name} must be a number from ${min} to ${max}, not ${value}.`)
  }
}

function whole(name: string, value: number, min: number, max: number): void {
  number(name, value, min, max)
  if (!Number.isInteger(value)) throw new OptionError(`--${name} must be a whole number, not ${value}.`)
}
