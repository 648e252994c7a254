import { createHash } from 'node:crypto'
import type { TokenBucket } from '#libs/rate-limit/port.ts'
import { Problem } from '#libs/service/problem.ts'
import type { SellerAccount } from '#libs/service/sellers.ts'
import {
  createSpApi,
  findMarketplace,
  type ProxyServers,
  parseUsagePlans,
  type RegionalEndpointManager,
  resolveMarketplaces,
  SpApiError,
  SpApiInputError,
  usagePlansWith,
} from '#libs/sp-api/index.ts'

/** Longest wait for Amazon; somebody waits for the answer. */
const TIMEOUT_MS = 10_000
/** The plan of the question is one call a minute: when the next slot is further away than this, it is not asked. */
const SLOT_WAIT_MS = 2_000
/** What was found right is not asked again for so long; what was wrong may have been mended. */
const TRUSTED_MS = 5 * 60_000

export interface AmazonConnectionOptions {
  readonly accounts: () => Promise<readonly SellerAccount[]>
  /** Country codes or ids that an account serves which names none. */
  readonly marketplaces: readonly string[]
  readonly bucket: () => TokenBucket
  readonly endpoints: RegionalEndpointManager
  readonly proxy?: ProxyServers
  readonly clock: () => number
}

/** Of one account in one marketplace. */
interface Finding {
  readonly seller: string
  readonly marketplaceId: string
  readonly verdict: 'ok' | 'refused' | 'unavailable'
  readonly message: string
}

/** Whether Amazon can be asked at all: the credentials, and whether an account sells in the marketplaces. */
export class AmazonConnection {
  readonly #options: AmazonConnectionOptions
  /** By account and marketplace, when it was found right. */
  readonly #trusted = new Map<string, number>()

  constructor(options: AmazonConnectionOptions) {
    this.#options = options
  }

  /** Resolves when every one of these marketplaces has an account that can be asked. Throws a problem that says what is wrong. */
  async check(marketplaceIds: readonly string[]): Promise<void> {
    const accounts = await this.#options.accounts()
    if (accounts.length === 0) {
      throw new Problem(
        'amazon-unconfigured',
        'this server knows no credentials of Amazon: set SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN (or SP_API_SELLERS) for reporting as for catalog-fetcher, or send "checkConnection": false',
      )
    }
    const findings = (
      await Promise.all(accounts.map((account) => this.#checkAccount(account, marketplaceIds)))
    ).flat()
    const lacking = marketplaceIds.filter(
      (id) => !findings.some((one) => one.marketplaceId === id && one.verdict === 'ok'),
    )
    if (lacking.length === 0) return
    const bad = findings.filter((one) => lacking.includes(one.marketplaceId))
    const reasons = [
      ...new Set(bad.map((one) => (accounts.length === 1 ? one.message : `${one.seller}: ${one.message}`))),
      ...lacking
        .filter((id) => !bad.some((one) => one.marketplaceId === id))
        .map((id) => `no seller serves ${nameOf(id)}`),
    ]
    const refused = bad.every((one) => one.verdict === 'refused')
    throw new Problem(
      refused ? 'amazon-refused' : 'amazon-unavailable',
      `${reasons.join('; ')}. ${refused ? 'asinstream doctor says more.' : 'Try again, or send "checkConnection": false to have it started as soon as Amazon answers.'}`,
      {
        members: { marketplaces: lacking, findings: bad },
        ...(!refused && { headers: { 'retry-after': '30' } }),
      },
    )
  }

  async #checkAccount(
    account: SellerAccount,
    marketplaceIds: readonly string[],
  ): Promise<readonly Finding[]> {
    const serves = new Set(
      resolveMarketplaces(account.marketplaces ?? this.#options.marketplaces).map((one) => one.marketplaceId),
    )
    const wanted = marketplaceIds.filter((id) => serves.has(id))
    const ok = (id: string): Finding => ({
      seller: account.name,
      marketplaceId: id,
      verdict: 'ok',
      message: '',
    })
    const known = wanted.filter((id) => this.#isTrusted(account, id))
    const unknown = wanted.filter((id) => !known.includes(id))
    if (unknown.length === 0) return known.map(ok)
    const found = await this.#ask(account, unknown)
    for (const one of found)
      if (one.verdict === 'ok') this.#trusted.set(trustKey(account, one.marketplaceId), this.#options.clock())
    return [...known.map(ok), ...found]
  }

  #isTrusted(account: SellerAccount, marketplaceId: string): boolean {
    const since = this.#trusted.get(trustKey(account, marketplaceId))
    return since !== undefined && this.#options.clock() - since < TRUSTED_MS
  }

  async #ask(account: SellerAccount, wanted: readonly string[]): Promise<readonly Finding[]> {
    const all = (verdict: Finding['verdict'], message: string, ids = wanted): readonly Finding[] =>
      ids.map((marketplaceId) => ({ seller: account.name, marketplaceId, verdict, message }))
    let spApi: ReturnType<typeof createSpApi> | undefined
    try {
      spApi = createSpApi({
        application: account,
        refreshToken: account.refreshToken,
        sellerKey: account.bucketKey,
        bucket: this.#options.bucket(),
        endpoints: this.#options.endpoints,
        proxy: this.#options.proxy,
        usagePlans: plansOf(account),
      })
      await spApi.checkCredentials(AbortSignal.timeout(TIMEOUT_MS))
      const findings: Finding[] = []
      for (const [, ids] of Map.groupBy(wanted, (id) => findMarketplace(id).region))
        findings.push(...(await this.#askRegion(spApi, account, ids)))
      return findings
    } catch (error) {
      const refused =
        error instanceof SpApiInputError || (error instanceof SpApiError && error.kind === 'unauthorized')
      return all(refused ? 'refused' : 'unavailable', reasonOf(error))
    } finally {
      await spApi?.close()
    }
  }

  async #askRegion(
    spApi: ReturnType<typeof createSpApi>,
    account: SellerAccount,
    ids: readonly string[],
  ): Promise<readonly Finding[]> {
    const [first = ''] = ids
    const key = {
      application: account.clientId,
      seller: account.bucketKey,
      operation: 'getMarketplaceParticipations',
    } as const
    const { nextSlotMs } = await this.#options.bucket().state(key, plansOf(account)[key.operation])
    // The plan is spent, by us or by others: that the credentials are right has to do.
    const found =
      nextSlotMs > SLOT_WAIT_MS
        ? null
        : await spApi.marketplaceParticipations(first, {
            priority: 'urgent',
            attempts: 1,
            signal: AbortSignal.timeout(TIMEOUT_MS),
          })
    const open = found && new Set(found.filter((one) => one.isParticipating).map((one) => one.marketplaceId))
    return ids.map((marketplaceId) =>
      open === null || open.has(marketplaceId)
        ? { seller: account.name, marketplaceId, verdict: 'ok', message: '' }
        : {
            seller: account.name,
            marketplaceId,
            verdict: 'refused',
            message: `the account does not sell in ${nameOf(marketplaceId)}: register it there, or take it out of MARKETPLACES`,
          },
    )
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `Amazon did not answer within ${TIMEOUT_MS / 1_000} s`
  return error instanceof Error ? error.message : String(error)
}

const plansOf = (account: SellerAccount) => usagePlansWith(parseUsagePlans(account.usagePlans ?? ''))

const nameOf = (id: string): string => `${findMarketplace(id).countryCode} (${id})`

/** New credentials of a seller are looked at anew. */
const trustKey = (account: SellerAccount, marketplaceId: string): string =>
  createHash('sha256')
    .update(JSON.stringify([account.clientId, account.clientSecret, account.refreshToken, marketplaceId]))
    .digest('hex')
