/** What results of every topic are held to. */

export const MARKETPLACE = /^[A-Z0-9]{1,20}$/
/** Amazon's own pattern: ISBN-10 or letter first. */
export const ASIN = /^(?:[0-9]{9}[0-9X]|[A-Z][A-Z0-9]{9})$/
export const MAX_INT = 2_147_483_647

/** A result from before the project, or from a day after now, was not observed. */
const EARLIEST_MS = Date.UTC(2020, 0, 1)
const FUTURE_SLACK_MS = 86_400_000

export function isObservedAt(ms: number, now: number): boolean {
  return ms >= EARLIEST_MS && ms <= now + FUTURE_SLACK_MS
}

/** PostgreSQL holds no NUL in text. */
export function clean(text: string | null): string | null {
  return text?.includes('\0') ? text.replaceAll('\0', '') : text
}

export const brief = (text: string): string => JSON.stringify(text.slice(0, 60))
