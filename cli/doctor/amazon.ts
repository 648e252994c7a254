import { request } from 'undici'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { type Config, proxyOf } from '#libs/service/config.ts'
import { SellerSource } from '#libs/service/seller-source.ts'
import { type SellerAccount, sellersOf } from '#libs/service/sellers.ts'
import {
  createSpApi,
  type Marketplace,
  type ProxyServers,
  RegionalEndpointManager,
  resolveMarketplaces,
  type SpApi,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { Connections } from '#libs/sp-api/proxy.ts'
import type { Finding } from '../commands/doctor.ts'

const TIMEOUT_MS = 15_000
/** Amazon's plan is one call a minute, burst 15. Three regions at most are asked, so that nothing has to be spread. */
const A_FEW_CALLS = { ratePerSecond: 5, burst: 3 }
/** Tokens and signatures of others go wrong from about here on. */
const MAX_SKEW_MS = 60_000

export async function* checkAmazon(config: Config): AsyncGenerator<Finding> {
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
  for (const seller of sellers) {
    const wanted = resolveMarketplaces(seller.marketplaces ?? config.MARKETPLACES)
    const named = sellers.length === 1 ? '' : ` (${seller.name})`
    for await (const finding of checkSeller(seller, { endpoints, proxy: proxyOf(config) }, wanted))
      yield { ...finding, check: `${finding.check}${named}` }
  }
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

async function* checkSeller(
  { clientId, clientSecret, previousClientSecret, refreshToken }: SellerAccount,
  network: { readonly endpoints: RegionalEndpointManager; readonly proxy: ProxyServers },
  wanted: readonly Marketplace[],
): AsyncGenerator<Finding> {
  const bucket = createMemoryTokenBucket()
  const spApi = createSpApi({
    application: { clientId, clientSecret, previousClientSecret },
    refreshToken,
    sellerKey: 'doctor',
    bucket,
    ...network,
    usagePlans: usagePlansWith({ getMarketplaceParticipations: A_FEW_CALLS }),
    maxSlotWaitMs: TIMEOUT_MS,
  })
  try {
    yield* checkAccount(spApi, wanted)
  } finally {
    await spApi.close()
    await bucket.close()
  }
}

async function* checkAccount(spApi: SpApi, wanted: readonly Marketplace[]): AsyncGenerator<Finding> {
  try {
    await spApi.checkCredentials(AbortSignal.timeout(TIMEOUT_MS))
    yield { check: 'Amazon credentials', status: 'ok', message: 'Login with Amazon gave an access token' }
  } catch (error) {
    yield { check: 'Amazon credentials', status: 'failed', message: (error as Error).message }
    return
  }
  const regions = Map.groupBy(wanted, (marketplace) => marketplace.region)
  for (const [region, marketplaces] of regions) yield* checkRegion(spApi, region, marketplaces)
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

/** Amazon's clock against this machine's, by the Date header, which has whole seconds. */
async function checkClock(url: URL, proxy: ProxyServers): Promise<Finding> {
  const check = 'Clock'
  const connections = new Connections({ proxy, connectMs: TIMEOUT_MS, agent: {} })
  try {
    const before = Date.now()
    const answer = await request(url, {
      dispatcher: connections.to(url),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await answer.body.dump()
    const theirs = Date.parse(String(answer.headers.date ?? ''))
    if (Number.isNaN(theirs))
      return { check, status: 'info', message: `${url.host} tells no time, so the clock was not compared` }
    const skewMs = Math.abs((before + Date.now()) / 2 - theirs)
    const message = `${Math.round(skewMs / 1_000)} s from that of ${url.host}`
    return skewMs <= MAX_SKEW_MS
      ? { check, status: 'ok', message }
      : {
          check,
          status: 'failed',
          message,
          advice: "Set this machine's clock (NTP): tokens seem expired, or never are.",
        }
  } catch (error) {
    const { message, cause } = error as Error
    return {
      check,
      status: 'failed',
      message: `${url.host} does not answer (${cause instanceof Error ? cause.message : message})`,
      advice: 'Check the network, HTTPS_PROXY and LWA_ENDPOINT.',
    }
  } finally {
    await connections.close()
  }
}
