import { request } from 'undici'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { type Config, proxyOf } from '#libs/service/config.ts'
import { SellerSource } from '#libs/service/seller-source.ts'
import { type SellerAccount, sellersOf } from '#libs/service/sellers.ts'
import {
  createMemoryTokenStore,
  createSpApi,
  type Marketplace,
  type ProxyServers,
  parseUsagePlans,
  RegionalEndpointManager,
  resolveMarketplaces,
  type SpApi,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { Connections } from '#libs/sp-api/proxy.ts'
import type { Finding } from '../commands/doctor.ts'
import type { Tools } from '../tools.ts'
import { checkRoles } from './amazon-roles.ts'
import { compareClock } from './clock.ts'

const TIMEOUT_MS = 15_000
/** Amazon's plan is one call a minute, burst 15. Three regions at most are asked, so that nothing has to be spread. */
const A_FEW_CALLS = { ratePerSecond: 5, burst: 3 }
/** Somebody waits for the doctor: what is not free by then counts as spent. */
const SLOT_WAIT_MS = 3_000

/** The credentials of every seller, where its accounts sell, and what its grant permits. */
export async function* checkAmazon(config: Config, tools: Tools): AsyncGenerator<Finding> {
  const { accounts: sellers, findings } = await readSellers(config)
  yield* findings
  if (sellers.length === 0) {
    if (findings.length > 0) return
    yield {
      check: 'Amazon',
      status: 'info',
      message:
        'SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN are not set: npm start asks a simulator; catalog-fetcher needs them',
    }
    return
  }
  const endpoints = new RegionalEndpointManager({
    spApiEndpoint: config.SP_API_ENDPOINT,
    lwaEndpoint: config.LWA_ENDPOINT,
  })
  yield await checkClock(endpoints.lwaTokenUrl, proxyOf(config))
  const network = { endpoints, proxy: proxyOf(config) }
  const checked = await Promise.all(
    sellers.map(async (seller) => ({
      named: sellers.length === 1 ? '' : ` (${seller.name})`,
      findings: await Array.fromAsync(checkSeller(seller, { config, network, tools })),
    })),
  )
  for (const { named, findings: found } of checked)
    yield* found.map((finding) => ({ ...finding, check: `${finding.check}${named}` }))
}

/** The sellers of the configuration and of the database, and what is wrong with some. */
async function readSellers(
  config: Config,
): Promise<{ readonly accounts: readonly SellerAccount[]; readonly findings: readonly Finding[] }> {
  const check = 'Amazon sellers'
  let source: SellerSource | undefined
  try {
    source = new SellerSource(config, 'asinstream-doctor')
    const { accounts, unusable, notes } = await source.read()
    const findings = [
      ...unusable.map(({ seller, reason }) => ({
        check,
        status: 'failed' as const,
        message: `${seller} can not be asked: ${reason}`,
      })),
      ...notes.map((message) => ({ check, status: 'warning' as const, message })),
    ]
    return { accounts, findings }
  } catch (error) {
    const message = `those in the database can not be read: ${(error as Error).message}`
    return { accounts: sellersOf(config), findings: [{ check, status: 'failed', message }] }
  } finally {
    await source?.close()
  }
}

interface SellerCheck {
  readonly config: Config
  readonly network: { readonly endpoints: RegionalEndpointManager; readonly proxy: ProxyServers }
  readonly tools: Tools
}

async function* checkSeller(
  seller: SellerAccount,
  { config, network, tools }: SellerCheck,
): AsyncGenerator<Finding> {
  const { clientId, clientSecret, previousClientSecret, refreshToken, bucketKey } = seller
  const wanted = resolveMarketplaces(seller.marketplaces ?? config.MARKETPLACES)
  const ownBucket = createMemoryTokenBucket()
  const tokenStore = createMemoryTokenStore()
  const application = { clientId, clientSecret, previousClientSecret }
  const common = { application, refreshToken, tokenStore, ...network }
  const account = createSpApi({
    ...common,
    sellerKey: 'doctor',
    bucket: ownBucket,
    usagePlans: usagePlansWith({ getMarketplaceParticipations: A_FEW_CALLS }),
    maxSlotWaitMs: TIMEOUT_MS,
  })
  // What services ask as well comes out of the quota that they share, where it is shared.
  const shared = createSpApi({
    ...common,
    sellerKey: bucketKey,
    bucket: tools.backends.bucket(),
    usagePlans: usagePlansWith(parseUsagePlans(seller.usagePlans ?? '')),
    maxSlotWaitMs: SLOT_WAIT_MS,
  })
  try {
    try {
      await account.checkCredentials(AbortSignal.timeout(TIMEOUT_MS))
      yield { check: 'Amazon credentials', status: 'ok', message: 'Login with Amazon gave an access token' }
    } catch (error) {
      yield { check: 'Amazon credentials', status: 'failed', message: (error as Error).message }
      return
    }
    const regions = Map.groupBy(wanted, (marketplace) => marketplace.region)
    for (const [region, marketplaces] of regions) yield* checkRegion(account, region, marketplaces)
    const [first] = wanted
    if (first !== undefined)
      yield* checkRoles(shared, first.marketplaceId, config.OFFERS_POLICY, {
        marketplaceId: first.marketplaceId,
        priority: 'urgent',
        attempts: 1,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
  } finally {
    await Promise.all([account.close(), shared.close()])
    await Promise.all([ownBucket.close(), tokenStore.close()])
  }
}

async function* checkRegion(
  spApi: SpApi,
  region: string,
  marketplaces: readonly Marketplace[],
): AsyncGenerator<Finding> {
  const check = `Amazon ${region}`
  const [first] = marketplaces
  if (first === undefined) return
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const found = await spApi.marketplaceParticipations(first.marketplaceId, { signal })
    const open = new Set(found.filter((one) => one.isParticipating).map((one) => one.marketplaceId))
    for (const { countryCode, marketplaceId } of marketplaces) {
      yield open.has(marketplaceId)
        ? { check, status: 'ok', message: `the account sells in ${countryCode}` }
        : {
            check,
            status: 'warning',
            message: `the account does not sell in ${countryCode} (${marketplaceId})`,
            advice: 'Take it out of MARKETPLACES, or register the account there.',
          }
    }
  } catch (error) {
    yield {
      check,
      status: 'failed',
      message: (error as Error).message,
      advice: `A refresh token belongs to one region: for ${marketplaces.map((one) => one.countryCode).join(', ')} it has to come from an account there.`,
    }
  }
}

/** Amazon's clock, by the Date header, which has whole seconds. */
async function checkClock(url: URL, proxy: ProxyServers): Promise<Finding> {
  const connections = new Connections({ proxy, connectMs: TIMEOUT_MS, agent: {} })
  try {
    return await compareClock(url.host, async () => {
      const answer = await request(url, {
        dispatcher: connections.to(url),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.body.dump()
      const theirMs = Date.parse(String(answer.headers.date ?? ''))
      if (Number.isNaN(theirMs)) throw new NoTime(url.host)
      // Somewhere within that second.
      return { theirMs: theirMs + 500, exactMs: 500 }
    })
  } catch (error) {
    if (error instanceof NoTime)
      return { check: 'Clock', status: 'info', message: `${url.host} tells no time, so it was not compared` }
    const { message, cause } = error as Error
    return {
      check: 'Amazon',
      status: 'failed',
      message: `${url.host} does not answer (${cause instanceof Error ? cause.message : message})`,
      advice: 'Check the network, HTTPS_PROXY and LWA_ENDPOINT.',
    }
  } finally {
    await connections.close()
  }
}

class NoTime extends Error {}
