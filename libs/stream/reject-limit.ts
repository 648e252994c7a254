import type { LogRecord } from '#libs/event-log/port.ts'
import { timesRedriven } from '#libs/stream/dead-letter-redrive.ts'
import { StreamError } from '#libs/stream/errors.ts'

/**
 * Ends a processor that rejects record after record: then it, or its configuration, is what is broken. Records that
 * were brought back from the dead letters do not count: many of them come in a row, and each has been rejected before.
 */
export class RejectLimit {
  readonly #group: string
  readonly #max: number
  #inARow = 0

  constructor(group: string, max: number) {
    this.#group = group
    this.#max = max
  }

  good(): void {
    this.#inARow = 0
  }

  /** @throws StreamError `TOO_MANY_REJECTS`. */
  rejected(place: LogRecord, reason: string): void {
    if (timesRedriven(place.headers) > 0) return
    this.#inARow++
    if (this.#inARow <= this.#max) return
    throw new StreamError('TOO_MANY_REJECTS', {
      group: this.#group,
      place,
      problem: `${this.#inARow} records in a row were rejected, more than the ${this.#max} that are allowed; the last one because: ${reason}. Look for a wrong topic, schema or configuration before starting again`,
    })
  }
}
