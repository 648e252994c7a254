/** Whether a series of measurements stays where it is: robust against sawtooth, outliers and a warm-up. */

export interface Point {
  /** Seconds since the load began. */
  readonly at: number
  readonly value: number
}

/** How much a series may grow over the judged time: the larger of the two, in the series' unit. */
export interface Tolerance {
  /** Share of the series' median. */
  readonly relative: number
  readonly absolute: number
  /** A series that should not fall either, such as a throughput. */
  readonly bothWays?: boolean
}

export interface Verdict {
  /** Medians of the second and of the last quarter of all points. */
  readonly early: number
  readonly late: number
  /** Growth over the judged time by the Theil–Sen slope. */
  readonly growth: number
  /** What it may be. */
  readonly limit: number
  readonly flat: boolean
}

/** Below this many judged points nothing can be said. */
const MIN_POINTS = 8

/**
 * Drops the first quarter of the time as warm-up and judges the rest: not flat when the Theil–Sen slope times the judged
 * time is beyond the tolerance and the last quarter's median is beyond the second quarter's by as much in proportion.
 * A slope alone is fooled by a sawtooth that is cut at both ends, two medians alone by one step.
 * @returns null when there are too few points
 */
export function judge(points: readonly Point[], tolerance: Tolerance): Verdict | null {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return null
  const time = last.at - first.at
  const within = (from: number, to: number) =>
    points.filter(({ at }) => at >= first.at + from * time && at <= first.at + to * time)
  const judged = within(WARM_UP, 1)
  if (judged.length < MIN_POINTS) return null
  const early = median(within(WARM_UP, 0.5).map(({ value }) => value))
  const late = median(within(0.75, 1).map(({ value }) => value))
  const growth = theilSen(judged) * (1 - WARM_UP) * time
  const limit = Math.max(
    tolerance.absolute,
    tolerance.relative * Math.abs(median(judged.map(({ value }) => value))),
  )
  const beyond = (sign: 1 | -1) => sign * growth > limit && sign * (late - early) > limit * MEDIANS_APART
  return { early, late, growth, limit, flat: !(beyond(1) || (tolerance.bothWays === true && beyond(-1))) }
}

const WARM_UP = 0.25
/** The middles of the second and of the last quarter are half the time apart, of the three quarters that are judged. */
const MEDIANS_APART = 0.5 / (1 - WARM_UP)

/** The least point of each `seconds`. */
export function leastOf(points: readonly Point[], seconds: number): readonly Point[] {
  const windows = Map.groupBy(points, ({ at }) => Math.floor(at / seconds))
  return [...windows.values()].map((window) =>
    window.reduce((least, point) => (point.value < least.value ? point : least)),
  )
}

/** The median of the slopes between every two points, a second: up to 29 % of the points may be anything. */
export function theilSen(points: readonly Point[]): number {
  const slopes: number[] = []
  for (const [i, a] of points.entries()) {
    for (let j = i + 1; j < points.length; j++) {
      const b = points[j] as Point
      if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at))
    }
  }
  return median(slopes)
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
