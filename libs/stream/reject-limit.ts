import { type Place, StreamError } from '#libs/stream/errors.ts'

/** Ends a processor that rejects record after record: then it, or its configuration, is what is broken. */
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
  rejected(place: Place, reason: string): void {
    this.#inARow++
    if (this.#inARow <= this.#max) return
    throw new StreamError('TOO_MANY_REJECTS', {
      group: this.#group,
      place,
      problem: `${this.#inARow} records in a row were rejected, more than the ${this.#max} that are allowed; the last one because: ${reason}. Look for a wrong topic, schema or configuration before starting again`,
    })
  }
}
