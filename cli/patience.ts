import { setTimeout as sleep } from 'node:timers/promises'
import { TemporaryError } from './failure.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
/** A restart, an upgrade or a failover takes less. */
const PATIENCE_MS = 600_000

export interface Patience {
  /** Told once for each time that nobody answers. */
  readonly onAway?: (error: TemporaryError) => void
  readonly onBack?: () => void
  readonly patienceMs?: number
  readonly pause?: (ms: number) => Promise<unknown>
}

/**
 * Asks, and asks again while asinstream restarts or has too much to do: who follows something for hours must not be cut off
 * by one lost answer. Rejects with what is not temporary, and with the last failure after ten minutes of them.
 */
export async function patiently<T>(ask: () => Promise<T>, options: Patience = {}): Promise<T> {
  const { onAway, onBack, patienceMs = PATIENCE_MS, pause = sleep } = options
  let pauseMs = FIRST_PAUSE_MS
  let waitedMs = 0
  for (;;) {
    try {
      const answer = await ask()
      if (waitedMs > 0) onBack?.()
      return answer
    } catch (error) {
      if (!(error instanceof TemporaryError) || waitedMs >= patienceMs) throw error
      if (waitedMs === 0) onAway?.(error)
      const ms = Math.min(Math.max(pauseMs, error.retryAfterMs ?? 0), 60_000)
      await pause(ms)
      waitedMs += ms
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }
}

/** Says on standard error what happens meanwhile. */
export const patienceOnStderr: Patience = {
  onAway: (error) => {
    process.stderr.write(`${error.message}\nTrying again …\n`)
  },
  onBack: () => {
    process.stderr.write('It answers again.\n')
  },
}
