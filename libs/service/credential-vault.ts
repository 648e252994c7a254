import type { Database, Queryable } from '#libs/db/database.ts'
import {
  lockCredentials,
  readCredentials,
  removeSeller,
  type StoredApplication,
  type StoredSeller,
  saveApplication,
  saveSeller,
} from '#libs/db/seller-credentials.ts'
import { CredentialError, type CredentialKeys } from './credential-keys.ts'

/** A seller with its secrets open. */
export interface OpenSeller {
  readonly name: string
  /** Null: the application of the environment. */
  readonly clientId: string | null
  readonly refreshToken: string
  readonly marketplaces: readonly string[] | null
  readonly usagePlans: string | null
}

export interface OpenApplication {
  readonly clientId: string
  readonly clientSecret: string
  /** Null: there is none, or its time is over. */
  readonly previousClientSecret: string | null
}

/** What of a row is as one may see it. */
export interface StoredRow {
  readonly keyId: string
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** A row that can not be used, and why. */
export interface Unusable {
  readonly problem: string
}

export interface VaultContents {
  readonly sellers: readonly (StoredRow & { readonly name: string; readonly seller: OpenSeller | Unusable })[]
  readonly applications: ReadonlyMap<string, StoredRow & { readonly application: OpenApplication | Unusable }>
}

/** Whose a secret is: what it is sealed for, so that it opens nowhere else. */
const owner = {
  refreshToken: (name: string, clientId: string | null) =>
    `refresh token of the seller ${name}${clientId === null ? '' : ` for the application ${clientId}`}`,
  clientSecret: (clientId: string) => `client secret of the application ${clientId}`,
  previousClientSecret: (clientId: string) => `previous client secret of the application ${clientId}`,
}

/** Credentials of sellers in PostgreSQL, sealed by keys that are not there. */
export class CredentialVault {
  readonly #keys: CredentialKeys

  constructor(keys: CredentialKeys) {
    this.#keys = keys
  }

  /** Everything; a row that does not open is told with its reason and spoils no other. */
  async read(db: Queryable): Promise<VaultContents> {
    const { sellers, applications } = await readCredentials(db)
    return {
      sellers: sellers.map((row) => ({
        ...seen(row),
        name: row.name,
        seller: attempt(() => this.#seller(row)),
      })),
      applications: new Map(
        applications.map((row) => [
          row.clientId,
          { ...seen(row), application: attempt(() => this.#application(row)) },
        ]),
      ),
    }
  }

  async saveSeller(db: Queryable, seller: OpenSeller): Promise<void> {
    await saveSeller(db, this.#sealedSeller(seller))
  }

  /** `previous`: the secret before it, and until when Amazon takes it, in milliseconds since the epoch. */
  async saveApplication(
    db: Queryable,
    { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
    previous: { readonly secret: string; readonly validUntil: number } | null,
  ): Promise<void> {
    await saveApplication(db, this.#sealedApplication(clientId, clientSecret, previous))
  }

  /** Resolves to whether it was there. */
  async removeSeller(db: Database, name: string): Promise<boolean> {
    return db.transaction((tx) => removeSeller(tx, name))
  }

  /**
   * Seals everything anew with the newest key, all or nothing. Resolves to how many rows had another one. Rejects with a
   * `CredentialError` when one of them does not open.
   */
  async sealAnew(db: Database): Promise<number> {
    return db.transaction(async (tx) => {
      await lockCredentials(tx)
      const { sellers, applications } = await readCredentials(tx)
      const older = ({ keyId }: StoredRow) => keyId !== this.#keys.newestId
      for (const row of applications.filter(older)) {
        const { clientSecret, previous } = this.#secretsOf(row)
        await saveApplication(tx, this.#sealedApplication(row.clientId, clientSecret, previous))
      }
      for (const row of sellers.filter(older)) await saveSeller(tx, this.#sealedSeller(this.#seller(row)))
      return sellers.filter(older).length + applications.filter(older).length
    })
  }

  #seller(row: StoredSeller): OpenSeller {
    const { name, clientId, refreshToken: sealed, keyId, marketplaces, usagePlans } = row
    const refreshToken = this.#keys.open(owner.refreshToken(name, clientId), { keyId, sealed })
    return { name, clientId, refreshToken, marketplaces, usagePlans }
  }

  #sealedSeller({ name, clientId, refreshToken, marketplaces, usagePlans }: OpenSeller): StoredSeller {
    const { keyId, sealed } = this.#keys.seal(owner.refreshToken(name, clientId), refreshToken)
    return { name, clientId, refreshToken: sealed, keyId, marketplaces, usagePlans }
  }

  #application(row: StoredApplication): OpenApplication {
    const { clientSecret, previous } = this.#secretsOf(row)
    const isTaken = previous !== null && previous.validUntil > Date.now()
    return { clientId: row.clientId, clientSecret, previousClientSecret: isTaken ? previous.secret : null }
  }

  #secretsOf(row: StoredApplication) {
    const { clientId, keyId, clientSecret, previousClientSecret: older, previousValidUntil: validUntil } = row
    return {
      clientSecret: this.#keys.open(owner.clientSecret(clientId), { keyId, sealed: clientSecret }),
      previous:
        older && validUntil
          ? {
              secret: this.#keys.open(owner.previousClientSecret(clientId), { keyId, sealed: older }),
              validUntil,
            }
          : null,
    }
  }

  #sealedApplication(
    clientId: string,
    clientSecret: string,
    previous: { readonly secret: string; readonly validUntil: number } | null,
  ): StoredApplication {
    const { keyId, sealed } = this.#keys.seal(owner.clientSecret(clientId), clientSecret)
    return {
      clientId,
      clientSecret: sealed,
      previousClientSecret:
        previous && this.#keys.seal(owner.previousClientSecret(clientId), previous.secret).sealed,
      previousValidUntil: previous?.validUntil ?? null,
      keyId,
    }
  }
}

const seen = ({ keyId, updatedAt }: StoredRow): StoredRow => ({ keyId, updatedAt })

function attempt<T>(work: () => T): T | Unusable {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    return { problem: error.message }
  }
}

export const isUnusable = (found: object): found is Unusable => 'problem' in found
