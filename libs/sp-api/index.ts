/**
 * Amazon's Selling Partner API for one seller: tokens, a slot of the usage plan before every request, and lookups of
 * product codes in the catalogue.
 *
 *     const api = createSpApi({ application, refreshToken, sellerKey: 'shop', bucket: createMemoryTokenBucket() })
 *     const outcomes = await api.lookupCodes({ marketplaceId: 'US', gtin14s: ['00036000291452'] })
 */
import type { TokenBucket } from '#libs/rate-limit/port.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { AdaptiveBatchSize } from './batch-size.ts'
import { OperationCalls } from './call.ts'
import { type Circuit, type CircuitOptions, defaultCircuit } from './circuit.ts'
import { Circuits } from './circuits.ts'
import { type Clock, type SpApiLog, silentLog, systemClock } from './clock.ts'
import { SpApiInputError } from './errors.ts'
import { NetworkAwareClient } from './http-client.ts'
import {
  type AsinLookupRequest,
  CodeLookup,
  type Lookup,
  type LookupOptions,
  type LookupRequest,
} from './lookup.ts'
import { findMarketplace } from './marketplaces.ts'
import type { FinishedRequest } from './observe.ts'
import type { ProxyServers } from './proxy.ts'
import { RateTracker } from './rate-tracker.ts'
import { RefusalMemory } from './refusals.ts'
import { RegionalEndpointManager } from './regional-endpoints.ts'
import { defaultRetryPolicy, type RetryPolicy } from './retry.ts'
import { SecretScrubber } from './secrets.ts'
import { getMarketplaceParticipations, type MarketplaceParticipation } from './sellers.ts'
import type { LwaApplication } from './tokens/grant.ts'
import { LoginWithAmazon } from './tokens/login-with-amazon.ts'
import { fetchRestrictedToken } from './tokens/restricted.ts'
import { SharedTokens } from './tokens/shared-tokens.ts'
import type { TokenStore } from './tokens/store.ts'
import { TokenCache } from './tokens/token-cache.ts'
import { DEFAULT_MAX_ANSWER_BYTES, defaultTimeouts, HttpTransport, type Timeouts } from './transport.ts'
import {
  defaultUsagePlans,
  type OperationKey,
  planOfLimit,
  plansWithin,
  type RateLimit,
  type UsagePlans,
} from './usage-plans.ts'

export type { OperationOptions, Page, PageOptions } from './call.ts'
export type { CatalogCandidate } from './candidate.ts'
export { toCandidate } from './candidate.ts'
export type { CatalogItem } from './catalog-answer.ts'
export { INCLUDED_DATA, MAX_IDENTIFIERS } from './catalog-items.ts'
export type { Clock, SpApiLog } from './clock.ts'
export {
  CircuitOpenError,
  OperationQueueError,
  operationQueueErrorCodes,
  SpApiError,
  type SpApiFailure,
  SpApiInputError,
  spApiFailures,
  spApiInputErrorCodes,
} from './errors.ts'
export { ASIN_PATTERN } from './identifier-kinds.ts'
export { gtin14sOf } from './join.ts'
export type { AsinLookupRequest, Lookup, LookupMeta, LookupOptions, LookupRequest } from './lookup.ts'
export { findMarketplace, type Marketplace, marketplaces, resolveMarketplaces } from './marketplaces.ts'
export type { FinishedRequest } from './observe.ts'
export { OperationQueue } from './operation-queue/operation-queue.ts'
export type { OperationQueueOptions, QueuedCall, QueueOptions, QueueSeller } from './operation-queue/port.ts'
export { type ProxyServers, proxyFromEnvironment } from './proxy.ts'
export { type EndpointOverrides, RegionalEndpointManager } from './regional-endpoints.ts'
export {
  type Away,
  type Seller,
  SellerPool,
  type SellerPoolOptions,
  type SellerTask,
  type StoppedSeller,
} from './seller-pool.ts'
export type { MarketplaceParticipation } from './sellers.ts'
export type { LwaApplication } from './tokens/grant.ts'
export type { DataElement } from './tokens/restricted-data.ts'
export { createMemoryTokenStore, type TokenStore } from './tokens/store.ts'
export {
  defaultUsagePlans,
  type OperationKey,
  parseUsagePlans,
  planOfLimit,
  type RateLimit,
  type UsagePlans,
  usagePlansWith,
} from './usage-plans.ts'

export interface SpApiOptions {
  readonly application: LwaApplication
  readonly refreshToken: string
  /** Names the seller in the token bucket's keys; no secret. */
  readonly sellerKey: string
  readonly bucket: TokenBucket
  /** Where clients and processes that ask for the same seller share access tokens; without it this one has its own. */
  readonly tokenStore?: TokenStore | undefined
  readonly endpoints?: RegionalEndpointManager
  /** The seller's own plans; Amazon's defaults for all others. */
  readonly usagePlans?: Partial<UsagePlans>
  /** A limit of one's own, whatever the plans and whatever Amazon announces. */
  readonly rateLimit?: RateLimit | undefined
  /** Id or country code of the marketplace whose region serves operations that name none. */
  readonly homeMarketplaceId?: string
  readonly log?: SpApiLog
  /** Called once per finished HTTP request; must not throw. */
  readonly onRequest?: (request: FinishedRequest) => void
  readonly clock?: Clock
  readonly timeouts?: Partial<Timeouts>
  readonly retry?: Partial<RetryPolicy>
  readonly circuit?: Partial<CircuitOptions>
  /** The circuit opened or closed. */
  readonly onCircuit?: (open: boolean) => void
  /** Longest wait for a slot of the token bucket, in milliseconds; default two minutes. */
  readonly maxSlotWaitMs?: number
  /** How the network is left; default: directly. See `proxyFromEnvironment`. */
  readonly proxy?: ProxyServers | undefined
  /** Longest answer that is read, in bytes; default 10 MiB. */
  readonly maxAnswerBytes?: number
}

/** What a service that looks codes up sees: of one seller, or of several (`SellerPool`). */
export interface CodeLookups {
  /** What became of each of 1 to 20 codes of one marketplace; see `CodeLookup`. */
  lookupCodes(request: LookupRequest, options?: LookupOptions): Promise<Map<string, Lookup>>
  /** How many codes to put into the next lookup, 1 to 20; see `AdaptiveBatchSize`. */
  batchSize(): number
}

export interface SpApi extends CodeLookups {
  /** What became of each of 1 to 20 ASINs of one marketplace: the item that has it, or none. */
  lookupAsins(request: AsinLookupRequest, options?: LookupOptions): Promise<Map<string, Lookup>>
  /** Rejects with a `SpApiError` unless Login with Amazon takes the credentials. For readiness and diagnosis. */
  checkCredentials(signal?: AbortSignal): Promise<void>
  /** The marketplaces of the seller's account in the region of `marketplaceId`. Its usage plan is one call a minute. */
  marketplaceParticipations(
    marketplaceId: string,
    options?: LookupOptions,
  ): Promise<MarketplaceParticipation[]>
  /** Sends any operation of Amazon's API, from `libs/sp-api/operations/generated`; see `OperationCalls.call`. */
  call: OperationCalls['call']
  /** All pages of an operation; see `OperationCalls.pages`. */
  pages: OperationCalls['pages']
  /** When the next request of an operation, a search unless named, may be sent for who asks now, in milliseconds. */
  nextSlotMs(operation?: OperationKey): Promise<number>
  /** Whether the host of a marketplace answers this seller at all; or one operation of it. */
  circuit(
    marketplaceId: string,
    operation?: OperationKey,
  ): Pick<Circuit, 'isOpen' | 'openForMs' | 'waitMs' | 'change'>
  /** Ends connections; calls under way fail. Idempotent. */
  close(): Promise<void>
}

const DEFAULT_MAX_SLOT_WAIT_MS = 120_000

/** Amazon's Selling Partner API for one seller. Throws `INVALID_CREDENTIALS`; connects to nothing yet. */
export function createSpApi(options: SpApiOptions): SpApi {
  const { application, refreshToken, sellerKey, bucket } = options
  checkPresent(application, refreshToken)
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLog
  const onRequest = options.onRequest ?? (() => {})
  const endpoints = options.endpoints ?? new RegionalEndpointManager()
  const scrubber = new SecretScrubber([
    application.clientSecret,
    application.previousClientSecret ?? '',
    refreshToken,
  ])
  // Amazon refuses requests without it. Source: Selling Partner API, "Include a User-Agent header".
  const userAgent = `asinstream/${packageJson.version} (Language=TypeScript; Platform=Node.js/${process.versions.node.split('.')[0]})`
  const transport = new HttpTransport({
    clock,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    maxAnswerBytes: options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
    proxy: options.proxy,
  })
  const tokenUrl = endpoints.lwaTokenUrl
  const lwa = new LoginWithAmazon({
    application,
    tokenUrl,
    transport,
    clock,
    log,
    scrubber,
    userAgent,
    onRequest,
  })
  const { tokenStore: store } = options
  const tokens: TokenCache = new TokenCache({
    fetch: (grant) =>
      grant.resource ? fetchRestrictedToken(api.call, clock, grant.resource) : lwa.fetch(grant),
    shared: store && new SharedTokens({ store, application, tokenUrl, clock }),
    clock,
    log,
    scrubber,
  })
  const circuits = new Circuits({
    clock,
    circuit: { ...defaultCircuit, ...options.circuit },
    onChange(open) {
      if (open)
        log.warn({ seller: sellerKey }, 'Amazon does not answer: it is asked now and then until it does')
      else log.info({ seller: sellerKey }, 'Amazon answers again')
      options.onCircuit?.(open)
    },
  })
  const { rateLimit } = options
  const plans: UsagePlans = { ...defaultUsagePlans, ...options.usagePlans }
  const rates = new RateTracker({
    bucket,
    account: { application: application.clientId, seller: sellerKey },
    plans: rateLimit ? plansWithin(plans, rateLimit) : plans,
    highestRate:
      rateLimit && ((operation) => planOfLimit(rateLimit, plans[operation].seller.burst).ratePerSecond),
    maxSlotWaitMs: options.maxSlotWaitMs ?? DEFAULT_MAX_SLOT_WAIT_MS,
    clock,
    log,
  })
  const client = new NetworkAwareClient({
    endpoints,
    tokens,
    refreshToken,
    rates,
    transport,
    circuits,
    scrubber,
    userAgent,
    retry: { ...defaultRetryPolicy, ...options.retry },
    clock,
    log,
    onRequest,
  })
  const calls = new OperationCalls(client, options.homeMarketplaceId)
  const batchSize = new AdaptiveBatchSize()
  const lookup = new CodeLookup({ client, refusals: new RefusalMemory(clock), batchSize, clock, log })
  const api: SpApi = {
    lookupCodes: async (request, callOptions) => {
      const marketplaceId = findMarketplace(request.marketplaceId).marketplaceId
      return lookup.lookupCodes({ ...request, marketplaceId }, callOptions)
    },
    lookupAsins: async (request, callOptions) => {
      const marketplaceId = findMarketplace(request.marketplaceId).marketplaceId
      return lookup.lookupAsins({ ...request, marketplaceId }, callOptions)
    },
    batchSize: () => batchSize.size,
    checkCredentials: async (signal) => {
      await tokens.get({ refreshToken }, signal)
    },
    marketplaceParticipations: async (marketplaceId, callOptions) =>
      (await getMarketplaceParticipations(client, marketplaceId, callOptions)).body,
    call: (operation, parameters, callOptions) => calls.call(operation, parameters, callOptions),
    pages: (operation, parameters, pageOptions) => calls.pages(operation, parameters, pageOptions),
    nextSlotMs: (operation = 'searchCatalogItems') => rates.nextSlotMs(operation),
    circuit: (marketplaceId, operation = 'searchCatalogItems') =>
      circuits.of(endpoints.hostOf(marketplaceId), operation),
    close: () => transport.close(),
  }
  return api
}

function checkPresent(application: LwaApplication, refreshToken: string): void {
  const missing = [
    ...(application.clientId ? [] : ['SP_API_CLIENT_ID']),
    ...(application.clientSecret ? [] : ['SP_API_CLIENT_SECRET']),
    ...(refreshToken ? [] : ['SP_API_REFRESH_TOKEN']),
  ]
  if (missing.length > 0)
    throw new SpApiInputError(
      'INVALID_CREDENTIALS',
      `Amazon's credentials are incomplete: set ${missing.join(', ')}`,
    )
}
