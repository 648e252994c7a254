import { setTimeout as sleep } from 'node:timers/promises'
import type { SyncStatusReport } from '#libs/db/sync-status.ts'
import { finalCounts, progressLine, scope, waiting } from '../status-text.ts'
import { duration } from '../terminal.ts'

/** How often the status is read; more often only shows digits changing. */
const POLL_MS = 500
/** Without a terminal a line comes at most this often, and only when something changed. */
export const LINE_EVERY_MS = 2_000

/** Where progress is shown. */
export interface ProgressView {
  /** While products wait for an outcome. */
  update(status: SyncStatusReport, nowMs: number): void
  /** Once nothing waits any more; `line` is the summary. */
  settle(line: string): void
}

export interface ProgressOptions {
  readonly read: () => Promise<SyncStatusReport>
  readonly view: ProgressView
  /** The line that says where to look, after a summary. */
  readonly next: (status: SyncStatusReport) => string
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
  /** How often the status is read, in milliseconds. */
  readonly pollMs?: number
}

/** Shows each sync until it is done, and goes on with the next one, until `signal` aborts. */
export async function followProgress(options: ProgressOptions): Promise<void> {
  const { read, view, next, signal, onError, pollMs = POLL_MS } = options
  let since: number | null = performance.now()
  let first = true
  let settled = ''
  while (!signal.aborted) {
    try {
      const status = await read()
      const busy = waiting(status) > 0
      if (busy) {
        since ??= performance.now()
        view.update(status, performance.now())
      } else if (since !== null || settled !== JSON.stringify(status.states)) {
        // What came and went between two looks shows only in the counts.
        const tookMs = first || since === null ? null : performance.now() - since
        view.settle(summary(status, tookMs))
        view.settle(next(status))
        since = null
        settled = JSON.stringify(status.states)
      }
      first = false
    } catch (error) {
      // Services report their own trouble; the display goes on when the database is back.
      if (!signal.aborted) onError(error)
    }
    await sleep(pollMs, undefined, { signal }).catch(() => {}) // aborted: the loop ends
  }
}

function summary(status: SyncStatusReport, tookMs: number | null): string {
  if (status.total === 0) return 'The catalogue is empty: import products, and they are synced at once.'
  const after = tookMs === null ? '' : ` after ${duration(tookMs / 1_000)}`
  return `${scope(status)}, all in a final state${after}: ${finalCounts(status.states)}.`
}

/** Plain lines: at most one every two seconds, and only when something changed. */
export function lineView(print: (line: string) => void): ProgressView {
  let shownAt = Number.NEGATIVE_INFINITY
  let shown = ''
  return {
    update(status, nowMs) {
      // The rate alone changes all the time; only the counts are news.
      const counts = JSON.stringify(status.states)
      if (counts === shown || nowMs - shownAt < LINE_EVERY_MS) return
      shown = counts
      shownAt = nowMs
      print(progressLine(status))
    },
    settle: (line) => {
      shown = ''
      print(line)
    },
  }
}
