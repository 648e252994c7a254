/** Times as Amazon writes them: without milliseconds, and not the same way everywhere. */

/** `2026-11-23T02:00:00+00:00`, as Reports, Feeds and flat files have it. */
export const withOffset = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')

/** `2026-11-23T02:00:00Z`. */
export const inUtc = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
