import { setTimeout as sleep } from 'node:timers/promises'
import {
  marketplaces,
  resolveMarketplaces,
  type Seller,
  SellerPool,
  SpApiInputError,
} from '#libs/sp-api/index.ts'
import { ConfigError } from './config.ts'
import { openSeller } from './open-seller.ts'
import { type SellerList, SellerSource, type UnusableSeller } from './seller-source.ts'
import type { SellerAccount } from './sellers.ts'
import type { ServiceContext } from './service.ts'

/** The sellers of a service. */
export interface Sellers {
  readonly pool: SellerPool
  /** Rejects with what is missing while there is nobody to ask. */
  ready(): Promise<void>
  /** Who is stopped, where and why; and who can not be asked at all. */
  status(): SellerStatus
  /** Ends their connections; calls under way fail. Idempotent. */
  close(): Promise<void>
}

export interface SellerStatus {
  readonly stopped: readonly {
    readonly seller: string
    readonly marketplaceId: string
    readonly reason: string
  }[]
  readonly unusable: readonly UnusableSeller[]
}

export interface OpenSellersOptions {
  /** How often to look for new credentials, in milliseconds. */
  readonly lookMs?: number
  /** Sellers that name no marketplaces are asked in all there are: Amazon says where they may not be. */
  readonly everywhere?: boolean
}

/** How often to look for new credentials. Who has just stored some waits no longer than for a cup of tea. */
const LOOK_MS = 10_000

/**
 * Every seller of the configuration and of the table of credentials, with its own tokens, quota and circuit. New sellers
 * and new credentials are taken up while the service runs. Throws a `ConfigError`.
 */
export async function openSellers(
  context: ServiceContext,
  { lookMs = LOOK_MS, everywhere = false }: OpenSellersOptions = {},
): Promise<Sellers> {
  const { config, logger } = context
  const source = new SellerSource(config, 'asinstream-sellers')
  try {
    const list = await source.read()
    if (list.accounts.length === 0 && !source.mayGrow) {
      throw new ConfigError([
        "SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN must be set: they are on your application's page in Seller Central. (SP_API_SELLERS has room for several sellers, and `asinstream sellers` keeps them encrypted in the database.) To try things out without them, run `npm run simulator` and set SP_API_ENDPOINT and LWA_ENDPOINT to its URL; it takes any credentials.",
      ])
    }
    const roster = new Roster(context, everywhere)
    const pool = roster.open(list, source.mayGrow)
    const closing = new AbortController()
    const watching = source.mayChange ? watch(source, roster, lookMs, closing.signal, logger) : undefined
    return {
      pool,
      async ready() {
        if (pool.sellers.length === 0)
          throw new Error('there is no seller yet: asinstream sellers add stores one')
      },
      status: () => ({ stopped: pool.stopped, unusable: roster.unusable }),
      async close() {
        closing.abort()
        await watching
        await pool.close()
        await source.close()
      },
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Looks for other sellers now and then, until the signal. A look that fails leaves everybody as they are. */
async function watch(
  source: SellerSource,
  roster: Roster,
  lookMs: number,
  signal: AbortSignal,
  logger: ServiceContext['logger'],
): Promise<void> {
  let failed: string | null = null
  while (!signal.aborted) {
    await sleep(lookMs, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    try {
      roster.update(await source.read())
      failed = null
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== failed)
        logger.warn({ err: error }, 'the sellers could not be read; they stay as they were')
      failed = reason
    }
  }
}

interface Member {
  readonly seller: Seller
  /** Everything about the account: another one is another seller. */
  readonly account: string
}

/** Makes sellers of accounts, and keeps those that have not changed. */
class Roster {
  readonly #context: ServiceContext
  readonly #wanted: readonly string[]
  /** Where a seller is asked that does not say where. */
  readonly #served: readonly string[]
  readonly #members = new Map<string, Member>()
  #pool: SellerPool | undefined
  #told = new Set<string>()
  unusable: readonly UnusableSeller[] = []

  constructor(context: ServiceContext, everywhere: boolean) {
    this.#context = context
    this.#wanted = ids('MARKETPLACES', context.config.MARKETPLACES)
    this.#served = everywhere ? marketplaces.map(({ marketplaceId }) => marketplaceId) : this.#wanted
  }

  /** The pool of the first list. Where no other list may come, everything has to be right. */
  open(list: SellerList, mayGrow: boolean): SellerPool {
    const { logger, metrics } = this.#context
    const sellers = this.#take(list, mayGrow)
    const problem = this.#alone(sellers)
    if (problem !== null && !mayGrow) throw new ConfigError([problem])
    this.#tell([...list.notes, ...(problem === null ? [] : [problem])])
    this.#pool = new SellerPool({
      sellers,
      log: logger,
      onStopped: ({ seller, marketplaceId }) =>
        metrics.sellerStopped.set({ seller, marketplace: marketplaceId }, 1),
      onResumed: ({ seller, marketplaceId }) =>
        metrics.sellerStopped.set({ seller, marketplace: marketplaceId }, 0),
    })
    return this.#pool
  }

  update(list: SellerList): void {
    const { logger } = this.#context
    const pool = this.#pool!
    const sellers = this.#take(list, true)
    const problem = this.#alone(sellers)
    this.#tell([...list.notes, ...(problem === null ? [] : [problem])])
    const isSame =
      sellers.length === pool.sellers.length && sellers.every((one) => pool.sellers.includes(one))
    if (isSame) return
    const before = new Set(pool.sellers.map(({ name }) => name))
    const changed = sellers.filter((seller) => !pool.sellers.includes(seller)).map(({ name }) => name)
    const removed = pool.sellers.filter(({ name }) => !sellers.some((seller) => seller.name === name))
    logger.info(
      {
        added: changed.filter((name) => !before.has(name)),
        changed: changed.filter((name) => before.has(name)),
        removed: removed.map(({ name }) => name),
      },
      'other sellers, or other credentials, from now on',
    )
    for (const { name } of removed) this.#members.delete(name)
    // Who left is closed when the last lookup has ended, which nobody waits for.
    pool
      .setSellers(sellers)
      .then(() => this.#forget(removed))
      .catch((error: unknown) => logger.warn({ err: error }, 'a seller did not leave cleanly'))
  }

  #take({ accounts, unusable }: SellerList, mayGrow: boolean): readonly Seller[] {
    const broken: UnusableSeller[] = [...unusable]
    const sellers = accounts.flatMap((account) => {
      try {
        return [this.#member(account)]
      } catch (error) {
        if (!(error instanceof ConfigError) || !mayGrow) throw error
        broken.push({ seller: account.name, reason: error.problems.join(' ') })
        return []
      }
    })
    this.unusable = broken
    // A row that no longer opens (a key that this process does not have yet) takes nothing from a seller that works.
    const kept = broken.flatMap(({ seller: name }) => {
      const known = this.#members.get(name)
      return known === undefined || sellers.some((seller) => seller.name === name) ? [] : [known.seller]
    })
    return [...sellers, ...kept]
  }

  #member(account: SellerAccount): Seller {
    const text = JSON.stringify(account)
    const known = this.#members.get(account.name)
    if (known?.account === text) return known.seller
    const { name } = account
    const served = account.marketplaces ? ids(`the seller ${name}`, account.marketplaces) : this.#served
    const seller = openSeller(account, served, this.#context)
    const { circuitOpen, sellerStopped } = this.#context.metrics
    circuitOpen.set({ seller: name }, 0)
    for (const marketplace of served) sellerStopped.set({ seller: name, marketplace }, 0)
    this.#members.set(name, { seller, account: text })
    return seller
  }

  #forget(removed: readonly Seller[]): void {
    const { circuitOpen, sellerStopped } = this.#context.metrics
    for (const { name, marketplaceIds } of removed) {
      // It may have come back meanwhile.
      if (this.#pool!.sellers.some((seller) => seller.name === name)) continue
      circuitOpen.remove({ seller: name })
      for (const marketplace of marketplaceIds) sellerStopped.remove({ seller: name, marketplace })
    }
  }

  /** Marketplaces that nobody serves; null: there are none. */
  #alone(sellers: readonly Seller[]): string | null {
    if (sellers.length === 0) return null
    const alone = this.#wanted.filter(
      (id) => !sellers.some(({ marketplaceIds }) => marketplaceIds.includes(id)),
    )
    return alone.length === 0
      ? null
      : `No seller serves ${alone.join(', ')}: add it to the marketplaces of one, or take it out of MARKETPLACES.`
  }

  /** Says what is wrong, once each. */
  #tell(notes: readonly string[]): void {
    const said = [
      ...notes,
      ...this.unusable.map(({ seller, reason }) => `the seller ${seller} can not be asked: ${reason}`),
    ]
    for (const note of said) if (!this.#told.has(note)) this.#context.logger.warn(note)
    this.#told = new Set(said)
  }
}

function ids(whose: string, named: readonly string[]): readonly string[] {
  try {
    return resolveMarketplaces(named).map(({ marketplaceId }) => marketplaceId)
  } catch (error) {
    if (!(error instanceof SpApiInputError)) throw error
    throw new ConfigError([`${whose}: ${error.message}`])
  }
}
