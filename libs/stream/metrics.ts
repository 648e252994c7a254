/** What the runner counts. `group` is the processor's; labels are few and bounded, never keys or ids of records. */
export interface StreamMetrics {
  /** Records pulled from a topic. */
  consumed(group: string, topic: string, records: number): void
  /** Records appended to an output topic; dead letters are not among them. */
  emitted(group: string, topic: string, records: number): void
  dropped(group: string, reason: string, records: number): void
  /** Records sent to the dead-letter topic, by the topic that they came from. */
  rejected(group: string, topic: string, records: number): void
  retried(group: string, reason: string, records: number): void
  /** One chunk is through `process`: how many records it had and how long that took. */
  processed(group: string, records: number, seconds: number): void
  /** Records pulled and not finished. */
  buffered(group: string, records: number): void
  /** Now minus the time at which the log took the oldest record of a chunk that has been finished. */
  freshness(group: string, seconds: number): void
}

const nothing = () => {}

export const noMetrics: StreamMetrics = {
  consumed: nothing,
  emitted: nothing,
  dropped: nothing,
  rejected: nothing,
  retried: nothing,
  processed: nothing,
  buffered: nothing,
  freshness: nothing,
}

/** The part of a pino logger that the runner uses. */
export interface StreamLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const noLogger: StreamLogger = { info: nothing, warn: nothing, error: nothing }

type Counted = 'emitted' | 'dropped' | 'rejected' | 'retried'

/** Counts of one chunk by label, so that a metric is touched once per chunk and label, not once per record. */
export class Tally {
  readonly #counts: Record<Counted, Map<string, number>> = {
    emitted: new Map(),
    dropped: new Map(),
    rejected: new Map(),
    retried: new Map(),
  }

  add(what: Counted, label: string): void {
    const counts = this.#counts[what]
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }

  report(metrics: StreamMetrics, group: string): void {
    for (const what of Object.keys(this.#counts) as Counted[]) {
      for (const [label, records] of this.#counts[what]) metrics[what](group, label, records)
    }
  }
}
