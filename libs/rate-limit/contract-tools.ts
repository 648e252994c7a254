import type { BucketKey, BucketPlans, Reservation, ReserveRequest, TokenBucket, UsagePlan } from './port.ts'

/** One home of the bucket, with the time that passes for it. */
export interface BucketHome {
  create(options: BucketOptions): TokenBucket
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs a test; a home with a clock of its own moves it meanwhile. */
  run<T>(test: Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface BucketOptions {
  readonly jitterMs: number
  readonly urgentShare?: number
}

/** A slot as it left: asked and answered at these times of the home's clock, to be used `waitMs` after the answer. */
export interface Slot {
  readonly asked: number
  readonly answered: number
  readonly waitMs: number
}

/** Without jitter the whole burst is the client's, so that what a test counts is exact. */
export const EXACT: BucketOptions = { jitterMs: 0, urgentShare: 0 }

let serial = 0
/** A bucket that nobody has used. */
export const newKey = (): BucketKey => ({
  application: `app {${process.pid}}:${Date.now()}-${serial++}`,
  seller: 'A1',
  operation: 'op',
})

export const request = (
  key: BucketKey,
  plans: BucketPlans,
  more: Partial<ReserveRequest> = {},
): ReserveRequest => ({
  key,
  plans,
  slots: 1,
  priority: 'background',
  maxWaitMs: 3_600_000,
  ...more,
})

export async function granted(bucket: TokenBucket, wanted: ReserveRequest): Promise<Reservation> {
  const answer = await bucket.reserve(wanted)
  if (!answer.granted) throw new Error(`refused: the next slot is ${answer.waitMs} ms away`)
  return answer
}

/** Reserves and keeps the times. */
export async function slotsOf(
  home: BucketHome,
  bucket: TokenBucket,
  wanted: ReserveRequest,
): Promise<Slot[]> {
  const asked = home.now()
  const { waitsMs } = await granted(bucket, wanted)
  const answered = home.now()
  return waitsMs.map((waitMs) => ({ asked, answered, waitMs }))
}

/** Time for a bucket to fill up. */
export const fill = (home: BucketHome, plan: UsagePlan): Promise<void> =>
  home.sleep((plan.burst / plan.ratePerSecond) * 1100 + 20)

/** When calls arrive that take up to `jitterMs` longer than the shortest, the answer's own way included. */
export function arrivals(taken: readonly Slot[], jitterMs: number, random: () => number): number[] {
  return taken.map(({ asked, answered, waitMs }) => {
    const onTheWay = Math.min(answered - asked, jitterMs)
    return asked + onTheWay + waitMs + random() * (jitterMs - onTheWay)
  })
}

export async function withBucket<T>(
  home: BucketHome,
  options: BucketOptions,
  test: (bucket: TokenBucket) => Promise<T>,
): Promise<T> {
  const bucket = home.create(options)
  try {
    return await home.run(test(bucket))
  } finally {
    await bucket.close()
  }
}

/** Numbers in [0, 1) that a seed repeats (Park and Miller 1988). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}
