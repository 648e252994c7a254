import type { EventLogAdmin } from '#libs/event-log/port.ts'
import { OFFERS_REQUESTS, OFFERS_RESULTS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'

/** Who reads what; tests/flow holds it to the services. */
export const readers = [
  { service: 'catalog-fetcher', group: 'catalog-fetcher', topic: SYNC_REQUESTS },
  { service: 'persister', group: 'persister', topic: SYNC_RESULTS },
  { service: 'offer-fetcher', group: 'offer-fetcher', topic: OFFERS_REQUESTS },
  { service: 'persister', group: 'persister-offers', topic: OFFERS_RESULTS },
] as const

/** What one group has before it on one topic. */
export interface GroupLag {
  readonly service: string
  readonly group: string
  readonly topic: string
  /** Records that are not done. */
  readonly waiting: number
  /** Records done a second since the log is looked at, over a minute at most; null until it was looked at twice. */
  readonly ratePerSecond: number | null
  /** At that rate; 0 when nothing waits, null when it can not be told. */
  readonly secondsToDrain: number | null
}

export interface LagReport {
  readonly groups: readonly GroupLag[]
  /** Why nothing is known, or that what is shown is old; null when all is well. */
  readonly note: string | null
}

/** What is asked of a log. */
export type LagSource = Pick<EventLogAdmin, 'endOffsets' | 'committedOffsets' | 'offsetsByTime'>

/** How often the log is asked at most, and how long the first reader waits for it. */
const FRESH_MS = 5_000
const FIRST_WAIT_MS = 1_500
const WINDOW_MS = 60_000

interface Sample {
  readonly at: number
  /** By group: the sums over its partitions. */
  readonly groups: ReadonlyMap<string, { readonly waiting: number; readonly done: number }>
}

/**
 * How far each service is behind the log. It is looked at only while somebody asks, every five seconds at most, and nobody
 * waits for a log that does not answer: they get what was last known, and a note.
 */
export class LagWatch {
  readonly #source: () => Promise<LagSource | null>
  readonly #clock: () => number
  #samples: readonly Sample[] = []
  #note: string | null = null
  #looking: Promise<void> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  /**
   * @param source the log; null while there is none
   * @param clock milliseconds
   */
  constructor(source: () => Promise<LagSource | null>, clock: () => number = () => performance.now()) {
    this.#source = source
    this.#clock = clock
  }

  async read(): Promise<LagReport> {
    if (this.#clock() - this.#lookedAt >= FRESH_MS) this.#looking ??= this.#look()
    if (this.#samples.length === 0) await withinLimit(this.#looking)
    const groups = this.#groups()
    const silent = groups.length === 0 ? 'the log has not answered yet' : null
    return { groups, note: this.#note ?? silent }
  }

  async #look(): Promise<void> {
    try {
      const source = await this.#source()
      if (source === null) {
        this.#note = 'no service has used the log yet'
        return
      }
      const groups = new Map(
        await Promise.all(
          readers.map(async ({ group, topic }) => [group, await sums(source, group, topic)] as const),
        ),
      )
      const at = this.#clock()
      this.#samples = [...this.#samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, groups }]
      this.#note = null
    } catch (error) {
      this.#note = `the log can not be asked: ${error instanceof Error ? error.message : String(error)}`
    } finally {
      this.#looking = undefined
      this.#lookedAt = this.#clock()
    }
  }

  #groups(): readonly GroupLag[] {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined) return []
    const seconds = (last.at - first.at) / 1_000
    return readers.flatMap(({ service, group, topic }) => {
      const [before, now] = [first.groups.get(group), last.groups.get(group)]
      if (before === undefined || now === undefined) return []
      const rate =
        seconds < 1 ? null : Math.max(0, Math.round(((now.done - before.done) / seconds) * 100) / 100)
      const secondsToDrain =
        now.waiting === 0 ? 0 : rate === null || rate === 0 ? null : Math.ceil(now.waiting / rate)
      return [{ service, group, topic, waiting: now.waiting, ratePerSecond: rate, secondsToDrain }]
    })
  }
}

async function withinLimit(work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FIRST_WAIT_MS)
  })
  await Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

async function sums(
  source: LagSource,
  group: string,
  topic: string,
): Promise<{ readonly waiting: number; readonly done: number }> {
  const [ends, committed] = await Promise.all([
    source.endOffsets(topic),
    source.committedOffsets(group, topic),
  ])
  // Who has never committed begins with the oldest record, which is not the first one for ever.
  const oldest = [...ends.keys()].every((partition) => committed.has(partition))
    ? new Map<number, bigint>()
    : await source.offsetsByTime(topic, 0)
  let waiting = 0n
  let done = 0n
  for (const [partition, end] of ends) {
    const next = committed.get(partition) ?? oldest.get(partition) ?? 0n
    waiting += end > next ? end - next : 0n
    done += next
  }
  return { waiting: Number(waiting), done: Number(done) }
}
