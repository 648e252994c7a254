import type { UsagePlan } from './port.ts'

/** Amazon's side as the tests and the bench see it: a bucket that starts full and refills all the time. */
export interface ServerModel {
  /** A call arrives, at or after all earlier ones; false is a 429. Times in milliseconds. */
  arrive(at: number): boolean
}

export function createServerModel(plan: UsagePlan): ServerModel {
  let tokens = plan.burst
  let last = Number.NEGATIVE_INFINITY
  return {
    arrive(at) {
      const refill = ((at - last) * plan.ratePerSecond) / 1000
      // A hair more than nothing: sums of floating-point numbers end up a hair below what they should be.
      tokens = Math.min(plan.burst, tokens + refill) + 1e-9
      last = at
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}

/** How many of the calls that arrive at these times are answered with 429. */
export function rejections(plan: UsagePlan, arrivals: readonly number[]): number {
  const server = createServerModel(plan)
  return [...arrivals].sort((a, b) => a - b).filter((at) => !server.arrive(at)).length
}
