import { leaveToOthers } from './early-stop.ts'
import type { Logger } from './logger.ts'

export interface StopSignal {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly requested: Promise<void>
  readonly signal: AbortSignal
}

/**
 * A Ctrl-C comes twice under npm: once from the terminal, and once more, a moment later, from npm, which passes on its
 * own. Nobody presses a key twice in this time.
 */
const SAME_SIGNAL_MS = 250

/** Listens for SIGTERM and SIGINT; the second one ends the process without waiting. */
export function stopSignal(logger: Pick<Logger, 'info' | 'warn'>): StopSignal {
  const controller = new AbortController()
  let firstAt = 0
  const requested = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (controller.signal.aborted) {
        if (performance.now() - firstAt < SAME_SIGNAL_MS) return
        logger.warn(`${signal} again: ending at once`)
        process.exit(130)
      }
      firstAt = performance.now()
      logger.info(`${signal}: finishing what is in flight`)
      controller.abort()
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    leaveToOthers()
  })
  return { requested, signal: controller.signal }
}
