import { type Pace, type PaceOptions, pace } from './plan.ts'
import type { UsagePlan } from './port.ts'

/**
 * How processes share a plan while they can not talk to each other: time-division multiple access. The plan's pace cuts
 * a clock that all of them read into slots, and each process uses every n-th one. Together they call as one would, so
 * that it makes no difference whether they are more than the burst.
 *
 * Without such a clock, or without an index that nobody else has, calls of n processes may always come together. A plan
 * stands that only when its burst has room for all of them: `burstHolds`.
 */
export interface TimeShare {
  readonly index: number
  readonly count: number
  /** Time 0 of the clock that all read, on the clock of this process. */
  readonly originMs: number
}

/** Two processes read the shared clock as differently as this at most. Counts as jitter. */
export const CLOCK_SKEW_MS = 100

/** Slots at `originMs + k · everyMs`. */
export interface Turns {
  readonly originMs: number
  readonly everyMs: number
}

/** The same for every process that knows the same plan, rate and jitter. */
export function turnsOf(plan: UsagePlan, { index, count, originMs }: TimeShare, options: PaceOptions): Turns {
  const periodMs = sharedPeriodMs(plan, options)
  return { originMs: originMs + index * periodMs, everyMs: count * periodMs }
}

export function sharedPeriodMs(plan: UsagePlan, options: PaceOptions): number {
  return pace(plan, { ...options, jitterMs: options.jitterMs + CLOCK_SKEW_MS }).periodMs
}

/** No burst: a turn that nobody uses is lost. */
export const turnPace = ({ everyMs }: Turns): Pace => ({
  periodMs: everyMs,
  toleranceMs: 0,
  backgroundToleranceMs: 0,
  doubtMs: 0,
})

/** The end of one turn's period and the start of the next are the same time, added up in different ways. */
const ROUNDING_MS = 0.01

/** The first turn at or after `at`. */
export function nextTurn({ originMs, everyMs }: Turns, at: number): number {
  return originMs + Math.ceil((at - ROUNDING_MS - originMs) / everyMs) * everyMs
}

/** Whether `count` processes at 1/n of the rate each stay within the plan even when their calls always come together. */
export function burstHolds(plan: UsagePlan, count: number, { jitterMs }: PaceOptions): boolean {
  return plan.burst - (plan.ratePerSecond / 1000) * jitterMs >= count
}
