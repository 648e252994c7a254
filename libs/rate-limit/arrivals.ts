/**
 * When a call was at Amazon's server at the latest, from what its sender sees.
 *
 * The call leaves at s, its answer begins at f, and it arrived at a in between: s + out ≤ a ≤ f − back, with the shortest
 * ways out and back. Only their sum can be measured, as the shortest round trip R. A next call that leaves no sooner than
 * (f − R) + 1/r can not be at the server sooner than a + 1/r, however the time was split between the ways. On average
 * that costs the mean of f − s − R a call, so that a burst of 1 is used to 1/(1 + r·mean(f − s − R)); no policy that sees
 * only s and f can do better with certainty.
 */
export interface RoundTrips {
  /** Takes one in, in milliseconds; answers the shortest that there can be, 0 as long as too little is known. */
  observe(roundTripMs: number): number
}

/**
 * The smallest ones say where the distribution ends, and the distance between them how certain that is. With n of them the
 * estimate below is too high with probability (1/2)^(n−1) where the density is even, less where it falls, and (3/4)^(n−1)
 * where it rises from 0 as that of two ways with jitter each does: here once in 7,500 times.
 */
const SMALLEST = 32
/** After so many the older half is forgotten: ways change. A shorter one counts at once. */
const EPOCH = 500

export function createRoundTrips(): RoundTrips {
  let older: readonly number[] = []
  let newer: readonly number[] = []
  let seen = 0
  return {
    observe(roundTripMs) {
      if (seen === EPOCH) {
        older = newer
        newer = []
        seen = 0
      }
      seen++
      newer = smallest([...newer, roundTripMs])
      const least = smallest([...older, ...newer])
      if (least.length < SMALLEST) return 0
      // An end-point estimate by order statistics as Robson and Whitlock's (1964), with more of them to be on the safe side.
      return Math.max(0, 2 * least[0]! - least[SMALLEST - 1]!)
    },
  }
}

const smallest = (values: readonly number[]): readonly number[] =>
  [...values].sort((a, b) => a - b).slice(0, SMALLEST)
