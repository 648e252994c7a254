import { KEY_BYTES, seal, UnsealError, unseal } from '#libs/sp-api/tokens/seal.ts'

/** A key for credentials at rest, and its name beside what it sealed. */
export interface CredentialKey {
  readonly id: string
  readonly key: Buffer
}

const ENTRY = /^([A-Za-z0-9][\w.-]{0,31}):([A-Za-z0-9+/]{43}=)$/

/**
 * Reads `id:key,id:key`, keys in base64: the first one seals, all of them open. Problems show no value: it is a secret.
 */
export function parseCredentialKeys(text: string): CredentialKeys | { readonly problem: string } {
  const keys: CredentialKey[] = []
  for (const [index, entry] of text.split(',').entries()) {
    const [, id, encoded] = ENTRY.exec(entry.trim()) ?? []
    if (id === undefined || encoded === undefined)
      return {
        problem: `must be id:key, several separated by commas, and entry ${index + 1} is not: an id of letters and digits, a colon, and ${KEY_BYTES} random bytes in base64 (openssl rand -base64 ${KEY_BYTES})`,
      }
    if (keys.some((other) => other.id === id)) return { problem: `has two keys of the id ${id}` }
    keys.push({ id, key: Buffer.from(encoded, 'base64') })
  }
  return new CredentialKeys(keys)
}

/** Something sealed, and which key opens it. */
export interface Sealed {
  readonly keyId: string
  readonly sealed: Buffer
}

/** A credential can not be opened: its key is not there, or it is not where it was put. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
}

/** Seals with the first key, opens with whichever it was. */
export class CredentialKeys {
  readonly #keys: readonly CredentialKey[]

  constructor(keys: readonly CredentialKey[]) {
    this.#keys = keys
  }

  get newestId(): string {
    return this.#keys[0]!.id
  }

  /** `owner`: whose it is and what; it opens for the same owner only. */
  seal(owner: string, secret: string): Sealed {
    const [{ id, key }] = this.#keys as [CredentialKey]
    return { keyId: id, sealed: seal(key, owner, secret) }
  }

  /** Throws a `CredentialError` that says what to do. */
  open(owner: string, { keyId, sealed }: Sealed): string {
    const found = this.#keys.find(({ id }) => id === keyId)
    if (found === undefined)
      throw new CredentialError(
        `the ${owner} was sealed with the key ${keyId}, which CREDENTIALS_KEY does not have: add it behind the newest one`,
      )
    try {
      return unseal(found.key, owner, sealed)
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      throw new CredentialError(
        `the ${owner} does not open with the key ${keyId}: it is another key of that id, or the row holds what belongs to another one`,
      )
    }
  }

  /** What no log may show. */
  secrets(): readonly string[] {
    return this.#keys.map(({ key }) => key.toString('base64'))
  }
}
