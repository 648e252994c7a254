/** Faults on demand: which kinds there are, and how often each comes. */

/** What each kind does to an API call that was authorised and within its quota. */
export const faultKinds = {
  '429': 'QuotaExceeded although the quota was kept, as Amazon sometimes answers',
  '429rate': 'the same with `x-amzn-RateLimit-Limit`, which a 429 should not carry',
  '500': 'InternalFailure',
  '503': 'ServiceUnavailable',
  '403': 'Unauthorized, as when a role or the authorisation of the seller is missing',
  '403expired': 'a token that has not expired is said to have',
  reset: 'the connection is reset before anything is answered',
  resetamid: 'half of the announced body, then the connection is reset',
  resetafter: 'the whole answer, then the connection that was to be kept is reset',
  hang: 'the call is taken and never answered; ends when the client gives up or the simulator stops',
  stall: 'half of the announced body, then nothing; ends as a hang does',
  slow: 'the answer takes 5 seconds longer',
  html200: 'status 200 with an HTML page for a body',
  html400: 'status 400 with an HTML page for a body, as the gateway does',
  html503: 'status 503 with an HTML page for a body',
  truncated: 'half of the announced body, then the connection closes',
  badjson: 'status 200 with a body that is cut and still has the announced length',
  huge: 'status 200 with 64 MiB of valid JSON',
  token500: 'LWA answers a request for a token with 500',
  tokenreset: 'the connection is reset before LWA answers',
  tokenhang: 'LWA takes a request for a token and never answers',
} as const

export type FaultKind = keyof typeof faultKinds
/** Share of calls, 0 … 1, by kind. */
export type FaultShares = Readonly<Partial<Record<FaultKind, number>>>

const isTokenFault = (kind: string) => kind.startsWith('token')

/** What is wrong with the shares, in words, or null. */
export function checkFaults(shares: Readonly<Record<string, unknown>>): string | null {
  const sums = { token: 0, api: 0 }
  for (const [kind, share] of Object.entries(shares)) {
    if (!(kind in faultKinds))
      return `"${kind}" is not a fault; there are ${Object.keys(faultKinds).join(', ')}.`
    if (typeof share !== 'number' || !(share >= 0 && share <= 1))
      return `the share of ${kind} must be from 0 to 1, not ${share}.`
    sums[isTokenFault(kind) ? 'token' : 'api'] += share
  }
  return sums.api > 1 || sums.token > 1 ? 'the shares are more than 1 together.' : null
}

/** Draws a fault for a call. */
export class Faults {
  readonly #random: () => number
  #api: [FaultKind, number][] = []
  #token: [FaultKind, number][] = []
  #only: ReadonlySet<string> | null = null

  constructor(shares: FaultShares, random: () => number) {
    this.#random = random
    this.set(shares)
  }

  /**
   * Replaces all shares; with `only`, calls of other operations meet no fault. Throws an Error whose message says what is
   * wrong.
   */
  set(shares: FaultShares, only: readonly string[] | null = null): void {
    const wrong = checkFaults(shares)
    if (wrong !== null) throw new Error(`Faults: ${wrong}`)
    const entries = Object.entries(shares) as [FaultKind, number][]
    this.#api = entries.filter(([kind]) => !isTokenFault(kind))
    this.#token = entries.filter(([kind]) => isTokenFault(kind))
    this.#only = only === null ? null : new Set(only)
  }

  shares(): FaultShares {
    return Object.fromEntries([...this.#api, ...this.#token])
  }

  forCall(operation: string): FaultKind | null {
    return this.#only === null || this.#only.has(operation) ? this.#draw(this.#api) : null
  }

  forToken(): FaultKind | null {
    return this.#draw(this.#token)
  }

  #draw(shares: readonly [FaultKind, number][]): FaultKind | null {
    if (shares.length === 0) return null
    let chance = this.#random()
    for (const [kind, share] of shares) {
      if (chance < share) return kind
      chance -= share
    }
    return null
  }
}
