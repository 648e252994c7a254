/** How often to look whether Amazon has finished something; milliseconds. */
export interface Patience {
  readonly firstMs: number
  readonly longestMs: number
  /** Given up after this long. */
  readonly totalMs: number
}

export const defaultPatience: Patience = { firstMs: 5_000, longestMs: 60_000, totalMs: 12 * 3_600_000 }

/** The pause after `looks` looks that found nothing: half as long again as the one before, up to the longest. */
export function pauseAfter(looks: number, { firstMs, longestMs }: Patience): number {
  return Math.min(firstMs * 1.5 ** looks, longestMs)
}
