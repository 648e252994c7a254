import { hkdfSync } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { SpApiError, spApiFailures } from '../errors.ts'
import { type IssuedToken, type LwaApplication, purposeOf, type TokenGrant } from './grant.ts'
import { KEY_BYTES, seal, UnsealError, unseal } from './seal.ts'
import { type Claim, type TokenStore, TokenStoreError } from './store.ts'

const NAME_BYTES = 16
/** How often to look whether another process is done. Its request takes a few hundred milliseconds. */
const LOOK_MS = 100
/** Long enough for everybody who waits to see it. */
const FAILURE_MS = 2_000

export interface SharedTokensOptions {
  readonly store: TokenStore
  readonly application: LwaApplication
  /** Tokens of another Login with Amazon are other tokens. */
  readonly tokenUrl: URL
  readonly clock: Clock
}

/**
 * Tokens that processes share: one of them fetches, the others take what it brought. Names and keys are derived from
 * what the token is asked for with (HKDF, RFC 5869), so that whoever can read a token could have fetched it, and whoever
 * sees only the store can not.
 */
export class SharedTokens {
  readonly #options: SharedTokensOptions

  constructor(options: SharedTokensOptions) {
    this.#options = options
  }

  /**
   * A token for which `isGood` holds: what another has published, or what `fetch` brings, by one process at a time. When
   * that process fails because Login with Amazon does not answer, those who waited fail with it. Rejects with a
   * `SpApiError`. Without an answer of the store, it is `fetch` alone.
   */
  async obtain(
    grant: TokenGrant,
    isGood: (token: IssuedToken) => boolean,
    fetch: () => Promise<IssuedToken>,
  ): Promise<IssuedToken> {
    const place = this.#placeOf(grant)
    const turn = await this.#turn(place, isGood).catch(doWithout)
    if (turn === null) return fetch()
    if ('token' in turn) return turn.token
    try {
      const token = await fetch()
      await this.#publish(place, turn.claim, token)
      return token
    } catch (error) {
      await this.#fail(place, turn.claim, error)
      throw error
    }
  }

  /** A token that is good, or the turn to fetch one. */
  async #turn(place: Place, isGood: (token: IssuedToken) => boolean): Promise<Turn> {
    const { store, clock } = this.#options
    for (let looks = 0; ; looks++) {
      const found = await this.#read(place)
      if (found instanceof SpApiError) {
        // Who has not waited asks himself: it may be an old failure.
        if (looks > 0) throw found
      } else if (found && isGood(found)) return { token: found }
      const claim = await store.claim(place.name)
      if (claim) {
        // It may have been published since it was looked for.
        const latest = await this.#read(place).catch((error: unknown) => release(claim, error))
        if (latest && !(latest instanceof SpApiError) && isGood(latest)) {
          await claim.release()
          return { token: latest }
        }
        return { claim }
      }
      await clock.sleep(LOOK_MS * (0.5 + clock.random()))
    }
  }

  async #read({ name, key }: Place): Promise<IssuedToken | SpApiError | null> {
    const { store, clock } = this.#options
    const askedAt = clock.monotonicMs()
    const published = await store.read(name)
    if (published === null) return null
    const message = open(key, name, published.text)
    if (message === null) return null
    if ('failure' in message) return new SpApiError(message.failure, message.reason)
    return { ...message, expiresAt: askedAt + published.remainingMs }
  }

  async #publish({ name, key }: Place, claim: Claim, token: IssuedToken): Promise<void> {
    const ttlMs = Math.floor(token.expiresAt - this.#options.clock.monotonicMs())
    const message: Message = { value: token.value, lifeMs: token.lifeMs }
    const told = ttlMs > 0 ? claim.publish(sealed(key, name, message), ttlMs) : claim.release()
    await told.catch(doWithout)
  }

  async #fail(place: Place, claim: Claim, error: unknown): Promise<void> {
    // A refusal comes at once, so that each process may hear its own: their secrets may differ.
    const shared = error instanceof SpApiError && error.kind !== 'unauthorized'
    const known = await this.#read(place).catch(doWithout)
    // A token that is still there is worth more to others than the failure to renew it.
    if (!shared || (known && !(known instanceof SpApiError)))
      return void (await claim.release().catch(doWithout))
    const { kind, operation, httpStatus, retryAfterMs, message: reason } = error
    const message: Message = { failure: { kind, operation, httpStatus, retryAfterMs }, reason }
    await claim.publish(sealed(place.key, place.name, message), FAILURE_MS).catch(doWithout)
  }

  #placeOf(grant: TokenGrant): Place {
    const { application, tokenUrl } = this.#options
    const secret = 'scope' in grant ? application.clientSecret : grant.refreshToken
    const info = JSON.stringify(['asinstream token', tokenUrl.href, ...purposeOf(grant)])
    const bytes = Buffer.from(hkdfSync('sha256', secret, application.clientId, info, NAME_BYTES + KEY_BYTES))
    return { name: bytes.subarray(0, NAME_BYTES).toString('hex'), key: bytes.subarray(NAME_BYTES) }
  }
}

interface Place {
  readonly name: string
  readonly key: Buffer
}

type Turn = { readonly token: IssuedToken } | { readonly claim: Claim }

const messageSchema = z.union([
  z.object({ value: z.string(), lifeMs: z.number() }),
  z.object({
    failure: z.object({
      kind: z.enum(spApiFailures),
      operation: z.string(),
      httpStatus: z.number().nullable(),
      retryAfterMs: z.number().nullable(),
    }),
    reason: z.string(),
  }),
])
type Message = z.output<typeof messageSchema>

const sealed = (key: Buffer, name: string, message: Message): string =>
  seal(key, name, JSON.stringify(message)).toString('base64')

/** Null: it is none of ours, so it is as if there were nothing. */
function open(key: Buffer, name: string, text: string): Message | null {
  try {
    const parsed = messageSchema.safeParse(JSON.parse(unseal(key, name, Buffer.from(text, 'base64'))))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof UnsealError || error instanceof SyntaxError) return null
    throw error
  }
}

/** The store says by itself that it is gone. */
function doWithout(error: unknown): null {
  if (error instanceof TokenStoreError) return null
  throw error
}

async function release(claim: Claim, error: unknown): Promise<never> {
  await claim.release().catch(doWithout)
  throw error
}
