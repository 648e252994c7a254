import {
  createSpApi,
  parseUsagePlans,
  RegionalEndpointManager,
  resolveMarketplaces,
  type Seller,
  SellerPool,
  SpApiInputError,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { type Config, ConfigError } from './config.ts'
import { type SellerAccount, sellersOf } from './sellers.ts'
import type { ServiceContext } from './service.ts'

/** The sellers of a service. */
export interface Sellers {
  readonly pool: SellerPool
  /** Ends their connections; calls under way fail. Idempotent. */
  close(): Promise<void>
}

/** Every seller of the configuration with its own tokens, quota and circuit. Throws a `ConfigError`. */
export async function openSellers(context: ServiceContext): Promise<Sellers> {
  const { config, logger, metrics } = context
  const accounts = sellersOf(config)
  if (accounts.length === 0) {
    throw new ConfigError([
      "SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN must be set: they are on your application's page in Seller Central. (SP_API_SELLERS has room for several sellers.) To try things out without them, run `npm run simulator` and set SP_API_ENDPOINT and LWA_ENDPOINT to its URL; it takes any credentials.",
    ])
  }
  const served = serving(config, accounts)
  const pool = new SellerPool({
    sellers: accounts.map((account) => openSeller(account, served.get(account) ?? [], context)),
    log: logger,
    onStopped: ({ seller, marketplaceId }) =>
      metrics.sellerStopped.set({ seller, marketplace: marketplaceId }, 1),
    onResumed: ({ seller, marketplaceId }) =>
      metrics.sellerStopped.set({ seller, marketplace: marketplaceId }, 0),
  })
  for (const [{ name }, marketplaceIds] of served) {
    metrics.circuitOpen.set({ seller: name }, 0)
    for (const marketplace of marketplaceIds) metrics.sellerStopped.set({ seller: name, marketplace }, 0)
  }
  return { pool, close: () => pool.close() }
}

/** Which marketplaces each seller serves: what it names, or all that products are kept in step with. */
function serving(
  config: Config,
  accounts: readonly SellerAccount[],
): ReadonlyMap<SellerAccount, readonly string[]> {
  const wanted = ids('MARKETPLACES', config.MARKETPLACES)
  const served = new Map(
    accounts.map((account) => {
      const { name, marketplaces } = account
      return [account, marketplaces ? ids(`the seller ${name}`, marketplaces) : wanted]
    }),
  )
  const alone = wanted.filter((id) => ![...served.values()].some((ids) => ids.includes(id)))
  if (alone.length > 0)
    throw new ConfigError([
      `No seller serves ${alone.join(', ')}: add it to the marketplaces of one, or take it out of MARKETPLACES.`,
    ])
  return served
}

function openSeller(
  account: SellerAccount,
  marketplaceIds: readonly string[],
  { config, backends, logger, metrics }: ServiceContext,
): Seller {
  const { name, bucketKey, clientId, clientSecret, refreshToken, usagePlans } = account
  const api = createSpApi({
    application: { clientId, clientSecret },
    refreshToken,
    sellerKey: bucketKey,
    bucket: backends.bucket(),
    tokenStore: backends.tokenStore(),
    endpoints: new RegionalEndpointManager({
      spApiEndpoint: config.SP_API_ENDPOINT,
      lwaEndpoint: config.LWA_ENDPOINT,
    }),
    usagePlans: usagePlansWith(checked(`the seller ${name}`, () => parseUsagePlans(usagePlans ?? ''))),
    log: logger.child({ seller: name }),
    onRequest(request) {
      const { operation } = request
      metrics.spApiRequests.inc({ operation, status: request.httpStatus ?? request.outcome })
      metrics.spApiSeconds.observe({ operation }, request.durationMs / 1_000)
      metrics.slotWaitSeconds.observe({ operation }, request.slotWaitMs / 1_000)
    },
    onCircuit: (open) => metrics.circuitOpen.set({ seller: name }, open ? 1 : 0),
  })
  return { name, api, marketplaceIds }
}

function ids(whose: string, marketplaces: readonly string[]): readonly string[] {
  return checked(whose, () => resolveMarketplaces(marketplaces).map(({ marketplaceId }) => marketplaceId))
}

function checked<T>(whose: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SpApiInputError)) throw error
    throw new ConfigError([`${whose}: ${error.message}`])
  }
}
