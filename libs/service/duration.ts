const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Texts that are durations. */
export const durationPattern = /^\d{1,9}(\.\d{1,9})?(ms|s|m|h|d)$/

/** `250ms`, `30s`, `15m`, `24h`, `7d` as milliseconds; null when the text is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  const unit = match?.[2] === undefined ? undefined : unitMs[match[2]]
  return match && unit !== undefined ? Number(match[1]) * unit : null
}

const units = Object.entries(unitMs).toReversed()

/** The same as text, in the largest unit that it is whole in. */
export function durationText(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms > 0 && ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
