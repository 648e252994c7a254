import type { UsagePlan } from './port.ts'

/**
 * From the plan that Amazon publishes to the pace at which a client may spend it without a 429.
 *
 * Let J be the jitter: the longest minus the shortest way from a slot's time to Amazon's server. What leaves at rate r'
 * with burst b' reaches the server, in any window T, as at most b' + r'·(T + J) calls. So r' ≤ r and b' + r'·J ≤ b is
 * enough for no 429 at all, provided that nobody else spends from that plan. Times are milliseconds throughout.
 */

/** The reservation GCRA's two parameters, and a third for background callers. */
export interface Pace {
  /** Time between two slots once the burst is spent: 1/r'. */
  readonly periodMs: number
  /** How far before its theoretical time a slot may be used: (b' − 1)/r'. */
  readonly toleranceMs: number
  /** The same for background callers, who leave the urgent share of the burst free. */
  readonly backgroundToleranceMs: number
  /**
   * The part of the period that is there only because nobody knows when the call before arrives: its answer can take
   * it back (`arrived` in `slots.ts`). 0 where the burst absorbs the jitter.
   */
  readonly doubtMs: number
}

export interface PaceOptions {
  /** J. A larger one costs burst; only where the burst is used up does it cost rate. */
  readonly jitterMs: number
  /** The part of the burst that background callers leave free, 0 to below 1. */
  readonly urgentShare: number
}

/** Enough for a busy event loop and a tail of the network; 2 requests a second with a burst of 2 tolerate 500. */
export const DEFAULT_JITTER_MS = 400
export const DEFAULT_URGENT_SHARE = 0.2

/**
 * Background callers of a new bucket wait until the urgent share is full. At one request in three minutes a fifth of a
 * burst of 20 would be twelve minutes after each start, so that a slow plan keeps none: who is urgent has the next slot.
 */
export const LONGEST_FILL_MS = 30_000

/** What is left of the rate for clocks that do not run alike. */
const CLOCK_MARGIN = 0.999

/** @throws RangeError when the plan can not be kept. */
export function pace(plan: UsagePlan, options: PaceOptions): Pace {
  checkPlan(plan)
  const perMs = (plan.ratePerSecond * CLOCK_MARGIN) / 1000
  const burst = plan.burst - perMs * options.jitterMs
  if (burst < 1) {
    const periodMs = spacing(plan, options.jitterMs)
    // With room for two and more, one call's arrival says too little about the others'.
    const doubtMs = plan.burst < 2 ? options.jitterMs : 0
    return { periodMs, toleranceMs: 0, backgroundToleranceMs: 0, doubtMs }
  }
  const periodMs = 1 / perMs
  const toleranceMs = (burst - 1) * periodMs
  // Less than two slots of burst have no whole one to keep free.
  const wished =
    options.urgentShare === 0 || burst < 2 ? 0 : Math.min(burst - 1, Math.max(1, options.urgentShare * burst))
  const affordable = Math.min(wished, LONGEST_FILL_MS / periodMs)
  const kept = affordable < 1 ? 0 : affordable
  return { periodMs, toleranceMs, backgroundToleranceMs: toleranceMs - kept * periodMs, doubtMs: 0 }
}

/**
 * Where jitter alone can eat the burst up, slots are spaced so that jitter can not bring b + 1 calls into the time in
 * which the server takes b: N evenly spaced calls arrive within (N − 1)·P − J at the closest, and the server has then
 * taken b + r·((N − 1)·P − J). The smallest N above b binds. For b = 1 this is P = 1/r + J, of which the answer to
 * the call before gives most of J back (`arrivals.ts`).
 */
function spacing(plan: UsagePlan, jitterMs: number): number {
  const whole = Math.floor(plan.burst)
  const perMs = (plan.ratePerSecond * CLOCK_MARGIN) / 1000
  return ((whole + 1 - plan.burst) / perMs + jitterMs) / whole
}

/** @throws RangeError when a plan can not be kept. */
export function checkPlan(plan: UsagePlan): void {
  if (!(plan.ratePerSecond > 0 && Number.isFinite(plan.ratePerSecond)))
    throw new RangeError(`usage plan: the rate must be above 0 requests a second, got ${plan.ratePerSecond}`)
  if (!(plan.burst >= 1 && Number.isFinite(plan.burst)))
    throw new RangeError(`usage plan: the burst must be at least 1, got ${plan.burst}`)
}

/** @throws RangeError when an option of a bucket makes no sense. */
export function checkPaceOptions(options: PaceOptions): void {
  if (!(options.jitterMs >= 0 && Number.isFinite(options.jitterMs)))
    throw new RangeError(`jitterMs must be 0 or more milliseconds, got ${options.jitterMs}`)
  if (!(options.urgentShare >= 0 && options.urgentShare < 1))
    throw new RangeError(`urgentShare must be at least 0 and below 1, got ${options.urgentShare}`)
}
