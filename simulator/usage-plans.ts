/**
 * Usage plans: a token bucket per application, seller and operation, and one per application and operation
 * (Selling Partner API documentation, "Usage Plans and Rate Limits"). A call needs a token of both.
 */

export interface Plan {
  /** Requests a second. */
  rate: number
  burst: number
  /** Requests a second of the application over all its sellers; null when none is published. */
  appRate: number | null
}

export interface QuotaUse {
  readonly operation: string
  readonly application: string
  readonly seller: string
  readonly ratePerSecond: number
  readonly burst: number
  /** Calls that took a token in the window. */
  readonly used: number
  /** Calls refused in the window. */
  readonly throttled: number
  /** From the window's start, or the first call when that came later, until now. */
  readonly windowSeconds: number
  /** Tokens that this window had: those in the bucket when it began, and those that flowed since. */
  readonly available: number
  /** The same until the last call, for when the work ended before the window. */
  readonly activeSeconds: number
  readonly availableWhileActive: number
}

interface Bucket {
  tokens: number
  /** When `tokens` was right. */
  at: number
}

interface SellerBucket extends Bucket {
  readonly operation: string
  readonly application: string
  readonly seller: string
  /** Tokens that flowed in the window until `at`, whether the bucket had room for them or not. */
  flowed: number
  /** Tokens at the window's start. */
  initial: number
  windowStart: number
  used: number
  throttled: number
  lastCall: number
  availableAtLastCall: number
}

/** Sums of rate × time carry rounding errors; a caller who is exactly on time must not lose by one. */
const EPSILON = 1e-6

export class UsagePlans {
  readonly #now: () => number
  readonly #plans: Record<string, Plan>
  readonly #sellers = new Map<string, SellerBucket>()
  readonly #applications = new Map<string, Bucket>()

  constructor(plans: Readonly<Record<string, Readonly<Plan>>>, now: () => number) {
    this.#now = now
    this.#plans = Object.fromEntries(
      Object.entries(plans).map(([operation, plan]) => [operation, { ...plan }]),
    )
  }

  plan(operation: string): Readonly<Plan> {
    const plan = this.#plans[operation]
    if (plan === undefined)
      throw new Error(`${operation} has no usage plan; there are ${Object.keys(this.#plans).join(', ')}.`)
    return plan
  }

  plans(): Readonly<Record<string, Readonly<Plan>>> {
    return structuredClone(this.#plans)
  }

  /** Changes a plan from now on; what has flowed until now flowed at the old rate. Throws when it makes no sense. */
  set(operation: string, change: Partial<Plan>): void {
    const plan = this.plan(operation) as Plan
    for (const [name, value] of Object.entries(change)) {
      if (!['rate', 'burst', 'appRate'].includes(name))
        throw new Error(`A plan has rate, burst and appRate, not ${name}.`)
      if (name === 'appRate' && value === null) continue
      if (typeof value !== 'number' || !(value > 0))
        throw new Error(`The ${name} of ${operation} must be a number above 0, not ${value}.`)
      if (name === 'burst' && value < 1)
        throw new Error(`The burst of ${operation} must be at least 1, not ${value}.`)
    }
    for (const bucket of this.#sellers.values())
      if (bucket.operation === operation) this.#settle(bucket, plan)
    Object.assign(plan, change)
    for (const bucket of this.#sellers.values()) {
      if (bucket.operation === operation) bucket.tokens = Math.min(bucket.tokens, plan.burst)
    }
  }

  /** Takes a token of both levels, or none: false when either is empty. */
  take(operation: string, application: string, seller: string): boolean {
    const plan = this.plan(operation)
    const bucket = this.#sellerBucket(operation, application, seller, plan)
    const now = this.#settle(bucket, plan)
    const whole = this.#applicationBucket(operation, application, plan, now)
    bucket.lastCall = now
    bucket.availableAtLastCall = bucket.initial + bucket.flowed
    if (bucket.tokens < 1 - EPSILON || (whole !== null && whole.tokens < 1 - EPSILON)) {
      bucket.throttled++
      return false
    }
    bucket.tokens -= 1
    bucket.used++
    if (whole !== null) whole.tokens -= 1
    return true
  }

  /** Starts a new window for the figures; tokens stay as they are. */
  resetWindow(): void {
    for (const bucket of this.#sellers.values()) {
      const now = this.#settle(bucket, this.plan(bucket.operation))
      Object.assign(bucket, this.#freshWindow(bucket.tokens, now))
    }
  }

  use(): readonly QuotaUse[] {
    return [...this.#sellers.values()].map((bucket) => {
      const plan = this.plan(bucket.operation)
      const now = this.#settle(bucket, plan)
      return {
        operation: bucket.operation,
        application: bucket.application,
        seller: bucket.seller,
        ratePerSecond: plan.rate,
        burst: plan.burst,
        used: bucket.used,
        throttled: bucket.throttled,
        windowSeconds: (now - bucket.windowStart) / 1000,
        available: bucket.initial + bucket.flowed,
        activeSeconds: (bucket.lastCall - bucket.windowStart) / 1000,
        availableWhileActive: bucket.availableAtLastCall,
      }
    })
  }

  #sellerBucket(operation: string, application: string, seller: string, plan: Readonly<Plan>): SellerBucket {
    const key = `${operation}\n${application}\n${seller}`
    let bucket = this.#sellers.get(key)
    if (bucket === undefined) {
      const now = this.#now()
      const state = { tokens: plan.burst, at: now, ...this.#freshWindow(plan.burst, now) }
      bucket = { operation, application, seller, ...state }
      this.#sellers.set(key, bucket)
    }
    return bucket
  }

  #applicationBucket(
    operation: string,
    application: string,
    plan: Readonly<Plan>,
    now: number,
  ): Bucket | null {
    if (plan.appRate === null) return null
    const burst = Math.max(1, plan.appRate)
    const key = `${operation}\n${application}`
    let bucket = this.#applications.get(key)
    if (bucket === undefined) {
      bucket = { tokens: burst, at: now }
      this.#applications.set(key, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * plan.appRate) / 1000)
    bucket.at = now
    return bucket
  }

  #freshWindow(tokens: number, now: number) {
    return {
      flowed: 0,
      initial: tokens,
      windowStart: now,
      used: 0,
      throttled: 0,
      lastCall: now,
      availableAtLastCall: tokens,
    }
  }

  /** Lets flow what has come since the last time; answers the present time. */
  #settle(bucket: SellerBucket, plan: Readonly<Plan>): number {
    const now = this.#now()
    const flow = ((now - bucket.at) * plan.rate) / 1000
    bucket.flowed += flow
    bucket.tokens = Math.min(plan.burst, bucket.tokens + flow)
    bucket.at = now
    return now
  }
}
