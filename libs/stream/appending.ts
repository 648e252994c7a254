import { setTimeout as sleep } from 'node:timers/promises'
import { type EventLog, EventLogError, type NewRecord } from '#libs/event-log/port.ts'
import type { StreamLogger } from '#libs/stream/metrics.ts'

export interface AppendSettings {
  readonly log: Pick<EventLog, 'append'>
  readonly backOff: { readonly firstMs: number; readonly maxMs: number }
  readonly logger: StreamLogger
}

export interface AppendHooks {
  /** Asked before each attempt but the first. False once what the records were made of is another member's, or all ends. */
  isWanted(): boolean
  /** Called at the first refusal: it may take long from now on. */
  refused(): void
  /** Ends a wait early. */
  readonly signal: AbortSignal
}

/**
 * Appends, again and again while the log can not be reached: its absence ends no process, as that of the database does
 * not. Records of a refused append may be there all the same, and then twice. False when they are not wanted any more.
 *
 * @throws whatever else the log says, such as `UNKNOWN_TOPIC`: that does not mend by itself.
 */
export async function untilAppended(
  records: readonly NewRecord[],
  { log, backOff, logger }: AppendSettings,
  { isWanted, refused, signal }: AppendHooks,
): Promise<boolean> {
  for (let attempt = 0; attempt === 0 || isWanted(); attempt++) {
    try {
      await log.append(records)
      return true
    } catch (err) {
      if (!(err instanceof EventLogError) || err.code !== 'LOG_UNAVAILABLE') throw err
      if (attempt === 0) refused()
      const waitMs = Math.min(backOff.firstMs * 2 ** attempt, backOff.maxMs)
      const what = { records: records.length, attempt, waitMs, err }
      logger.warn(what, 'The log does not take outputs now; they are appended again')
      await sleep(waitMs, undefined, { ref: false, signal }).catch(() => undefined)
    }
  }
  return false
}
