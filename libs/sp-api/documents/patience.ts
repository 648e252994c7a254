/** How long to wait for something that Amazon makes in the background; milliseconds. */
export interface Patience {
  /** Between looks; each pause is half as long again as the one before. */
  readonly firstMs: number
  readonly longestMs: number
  /** Given up after this long. */
  readonly totalMs: number
  /** Longer than a slot and an answer may take: who noted that it is about to ask longer ago has died over it. */
  readonly leaseMs: number
  /** Amazon lists a thing no later than this after it was made. */
  readonly listedAfterMs: number
}

export const defaultPatience: Patience = {
  firstMs: 5_000,
  longestMs: 60_000,
  totalMs: 12 * 3_600_000,
  leaseMs: 300_000,
  listedAfterMs: 30_000,
}

/** The pause after `looks` looks that found nothing: half as long again as the one before, up to the longest. */
export function pauseAfter(looks: number, { firstMs, longestMs }: Patience): number {
  return Math.min(firstMs * 1.5 ** looks, longestMs)
}
