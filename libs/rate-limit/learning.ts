/**
 * What a bucket learns from Amazon's answers, as pure functions. Two things are kept apart: the rate that successes
 * announce (`x-amzn-RateLimit-Limit`; it is on 20x, 400 and 404 only), and a brake that repeated 429s apply to it.
 * Both recover by themselves with time, so nothing has to be scheduled.
 */
export interface Learned {
  /** The rate in force at `since`, in requests a second, and where it is going. */
  readonly ratePerSecond: number
  readonly target: number
  readonly since: number
  /** What the rate is multiplied with until `brakeUntil`; after that it doubles each minute up to 1. */
  readonly brake: number
  readonly brakeUntil: number
  /** Times of the latest 429s, oldest first, at most three. */
  readonly rejections: readonly number[]
}

/** A change upwards takes 5 % a minute: the header is best effort, and a rate that is too high costs 429s. */
export const RAISE_PER_MINUTE = 1.05
export const BRAKE_MS = 60_000
export const REJECTIONS_TO_BRAKE = 3
/** So many slots long is the window in which that many 429s make the brake bite. */
export const REJECTION_WINDOW_SLOTS = 10
const SMALLEST_BRAKE = 1 / 16
const MINUTE_MS = 60_000

export const unlearned = (ratePerSecond: number): Learned => ({
  ratePerSecond,
  target: ratePerSecond,
  since: 0,
  brake: 1,
  brakeUntil: 0,
  rejections: [],
})

/** Requests a second in force at `now`. */
export function rateAt(learned: Learned, now: number): number {
  return announcedAt(learned, now) * brakeAt(learned, now)
}

function announcedAt(learned: Learned, now: number): number {
  if (learned.ratePerSecond >= learned.target) return learned.target
  const minutes = Math.max(0, now - learned.since) / MINUTE_MS
  return Math.min(learned.target, learned.ratePerSecond * RAISE_PER_MINUTE ** minutes)
}

/** What the announced rate is multiplied with at `now`, at most 1. */
export function brakeAt(learned: Learned, now: number): number {
  if (now <= learned.brakeUntil) return learned.brake
  return Math.min(1, learned.brake * 2 ** ((now - learned.brakeUntil) / MINUTE_MS))
}

/** A success announced `ratePerSecond`: cut at once, raise slowly. */
export function announce(learned: Learned, ratePerSecond: number, now: number): Learned {
  const current = announcedAt(learned, now)
  return { ...learned, ratePerSecond: Math.min(current, ratePerSecond), target: ratePerSecond, since: now }
}

/** A 429 came back: the third within 10/r seconds halves the rate for a minute, or for that window when it is longer. */
export function reject(learned: Learned, now: number): Learned {
  const windowMs = (REJECTION_WINDOW_SLOTS * 1000) / announcedAt(learned, now)
  const rejections = [...learned.rejections.filter((at) => now - at <= windowMs), now]
  if (rejections.length < REJECTIONS_TO_BRAKE) return { ...learned, rejections }
  return {
    ...learned,
    brake: Math.max(SMALLEST_BRAKE, brakeAt(learned, now) / 2),
    brakeUntil: now + Math.max(BRAKE_MS, windowMs),
    rejections: [],
  }
}
