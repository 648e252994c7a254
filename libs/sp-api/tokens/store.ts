/** What was published under a name. */
export interface Published {
  readonly text: string
  /** How much longer it is kept, in milliseconds. */
  readonly remainingMs: number
}

/** The right to fetch what a name stands for. It ends with either call, and soon after its holder has died. */
export interface Claim {
  /** Shows the text to everybody for so long, in milliseconds; does nothing when the claim was lost meanwhile. */
  publish(text: string, ttlMs: number): Promise<void>
  release(): Promise<void>
}

/**
 * Where processes share access tokens, and agree on who fetches the next one. It sees sealed texts alone. Every method
 * rejects with a `TokenStoreError` when the store does not answer; whoever asked does without it then.
 */
export interface TokenStore {
  /** Null: there is nothing, or its time is over. */
  read(name: string): Promise<Published | null>
  /** Null: another has the claim. */
  claim(name: string): Promise<Claim | null>
  /** Idempotent; claims that are held end. */
  close(): Promise<void>
}

/** The store does not answer. */
export class TokenStoreError extends Error {
  override readonly name = 'TokenStoreError'
}

/** For the clients of one process: several services that ask for one seller. */
export function createMemoryTokenStore(now: () => number = () => performance.now()): TokenStore {
  const published = new Map<string, { readonly text: string; readonly until: number }>()
  const claims = new Map<string, symbol>()

  const forgetExpired = () => {
    for (const [name, { until }] of published) if (until <= now()) published.delete(name)
  }

  return {
    async read(name) {
      const found = published.get(name)
      const remainingMs = (found?.until ?? 0) - now()
      return found && remainingMs > 0 ? { text: found.text, remainingMs } : null
    },
    async claim(name) {
      if (claims.has(name)) return null
      const mine = Symbol(name)
      claims.set(name, mine)
      const end = (): boolean => claims.get(name) === mine && claims.delete(name)
      return {
        async publish(text, ttlMs) {
          if (!end()) return
          forgetExpired()
          published.set(name, { text, until: now() + ttlMs })
        },
        async release() {
          end()
        },
      }
    },
    async close() {
      published.clear()
      claims.clear()
    },
  }
}
