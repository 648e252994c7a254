import { type LightDatabase, openLightDatabase } from '#libs/db/light-database.ts'
import { databaseUrl } from './backends.ts'
import type { Config } from './config.ts'
import { CredentialVault, isUnusable, type VaultContents } from './credential-vault.ts'
import { credentialProblems, readSellersFile, type SellerAccount, sellersOf } from './sellers.ts'

/** A seller that is there and can not be asked. */
export interface UnusableSeller {
  readonly seller: string
  readonly reason: string
}

export interface SellerList {
  readonly accounts: readonly SellerAccount[]
  readonly unusable: readonly UnusableSeller[]
  /** What the operator should know besides. */
  readonly notes: readonly string[]
}

/** Who the sellers are, in the configuration and in the table of credentials. */
export class SellerSource {
  readonly #config: Config
  readonly #table: { readonly db: LightDatabase; readonly vault: CredentialVault } | null
  /** The configuration with the sellers of the file as they were read last. */
  #latest: Config

  /** Throws a `ConfigError` when there is a key for the table but no database. */
  constructor(config: Config, applicationName: string) {
    this.#config = config
    this.#latest = config
    const keys = config.CREDENTIALS_KEY
    this.#table = keys
      ? { db: openLightDatabase(databaseUrl(config), applicationName), vault: new CredentialVault(keys) }
      : null
  }

  /** Whether another look may find other sellers. */
  get mayChange(): boolean {
    return this.#table !== null || this.#config.SP_API_SELLERS_FILE !== undefined
  }

  /** Whether there may be sellers later where there are none now. */
  get mayGrow(): boolean {
    return this.#table !== null
  }

  /** Rejects with PostgreSQL's error when the table can not be read. */
  async read(): Promise<SellerList> {
    const notes = this.#readFile()
    const configured = sellersOf(this.#latest)
    if (this.#table === null) return { accounts: configured, unusable: [], notes }
    const stored = storedSellers(await this.#table.vault.read(this.#table.db), this.#config)
    return merged(configured, stored, notes)
  }

  /** A file that can not be used changes nothing. */
  #readFile(): readonly string[] {
    const file = this.#config.SP_API_SELLERS_FILE
    if (file === undefined) return []
    const sellers = readSellersFile(file.path)
    if ('problem' in sellers) return [`SP_API_SELLERS_FILE ${sellers.problem}: the sellers stay as they were`]
    const config = { ...this.#config, SP_API_SELLERS_FILE: { path: file.path, sellers } }
    const [problem] = credentialProblems({ SP_API_SELLERS_FILE: file.path, ...applicationOf(config) }, config)
    if (problem !== undefined) return [`${problem} The sellers stay as they were.`]
    this.#latest = config
    return []
  }

  async close(): Promise<void> {
    await this.#table?.db.close()
  }
}

function applicationOf({
  SP_API_CLIENT_ID,
  SP_API_CLIENT_SECRET,
}: Config): Record<string, string | undefined> {
  return { SP_API_CLIENT_ID, SP_API_CLIENT_SECRET }
}

function storedSellers(
  { sellers, applications }: VaultContents,
  config: Config,
): Pick<SellerList, 'accounts' | 'unusable'> {
  const accounts: SellerAccount[] = []
  const unusable: UnusableSeller[] = []
  for (const { name, seller } of sellers) {
    if (isUnusable(seller)) {
      unusable.push({ seller: name, reason: seller.problem })
      continue
    }
    const application = seller.clientId === null ? null : applications.get(seller.clientId)?.application
    // It went with its last seller since the sellers were read: the next look knows.
    if (application === undefined) continue
    if (application && isUnusable(application)) {
      unusable.push({ seller: name, reason: application.problem })
      continue
    }
    const { SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_CLIENT_SECRET_PREVIOUS } = config
    const clientId = application?.clientId ?? SP_API_CLIENT_ID
    const clientSecret = application?.clientSecret ?? SP_API_CLIENT_SECRET
    if (clientId === undefined || clientSecret === undefined) {
      unusable.push({
        seller: name,
        reason:
          'it has no application: set SP_API_CLIENT_ID and SP_API_CLIENT_SECRET, or add it again with --client-id',
      })
      continue
    }
    accounts.push({
      name,
      bucketKey: name,
      clientId,
      clientSecret,
      previousClientSecret: application
        ? (application.previousClientSecret ?? undefined)
        : SP_API_CLIENT_SECRET_PREVIOUS,
      refreshToken: seller.refreshToken,
      marketplaces: seller.marketplaces ?? undefined,
      usagePlans: seller.usagePlans ?? config.SP_API_USAGE_PLANS,
    })
  }
  return { accounts, unusable }
}

/** What is in the table counts: it is what can be changed while services run. */
function merged(
  configured: readonly SellerAccount[],
  stored: Pick<SellerList, 'accounts' | 'unusable'>,
  notes: readonly string[],
): SellerList {
  const inTable = (account: SellerAccount) =>
    stored.accounts.find(
      ({ name, refreshToken }) => name === account.name || refreshToken === account.refreshToken,
    )
  return {
    accounts: [...configured.filter((account) => inTable(account) === undefined), ...stored.accounts],
    unusable: stored.unusable,
    notes: [
      ...notes,
      ...configured.flatMap((account) => {
        const rival = inTable(account)
        return rival
          ? [
              `the seller ${account.name} of the configuration is left out: ${rival.name} in the table is the same`,
            ]
          : []
      }),
    ],
  }
}
