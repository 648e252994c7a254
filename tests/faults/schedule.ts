import { createRandom } from '#simulator/catalogue/hash.ts'

/** A fault and how far the work is when it strikes. */
export interface PlannedFault {
  /** Share of the products that are in a final state, 0 … 1. */
  readonly at: number
  readonly target: string
}

/**
 * Faults at random moments, one in each `count`th of the work, spread over all targets: each is hit before one is hit
 * again. The moments are shares of the work, not times, so that a seed repeats a run on a slower machine too.
 */
export function planFaults(options: {
  readonly seed: number
  readonly count: number
  readonly targets: readonly string[]
}): readonly PlannedFault[] {
  const { seed, count, targets } = options
  const random = createRandom(seed)
  let bag: string[] = []
  return Array.from({ length: count }, (_, i) => {
    const at = 0.02 + (0.93 * (i + random())) / count
    if (bag.length === 0) bag = [...targets]
    const [target] = bag.splice(Math.floor(random() * bag.length), 1)
    return { at: Math.round(at * 1_000) / 1_000, target: target as string }
  })
}
