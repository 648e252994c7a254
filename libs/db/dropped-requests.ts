import type { Queryable } from './database.ts'

/** How often to look whether a sync was cancelled lately. */
const LOOK_MS = 1_000
/** How long the database is left alone when it does not answer: requests are processed as they come meanwhile. */
const LEAVE_ALONE_MS = 10_000

export interface RequestKey {
  readonly productId: string
  readonly marketplaceId: string
  readonly attempt: number
}

export interface DroppedRequestsOptions {
  readonly db: Queryable
  /** How long a request may lie on the log, in milliseconds: longer ago, a cancelled sync has none left. */
  readonly queuedTimeoutMs: number
  readonly onError: (error: unknown) => void
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number
}

/**
 * Which requests nobody waits for any more: those of a cancelled sync that are on the log still. Only for some time after
 * a sync was cancelled does it look at rows, a handful by their keys; otherwise it asks one thing a second.
 */
export class DroppedRequests {
  readonly #options: DroppedRequestsOptions
  readonly #now: () => number
  #lookAgainAt = 0
  /** Whether any was cancelled, at the last look. */
  #looked: Promise<boolean> = Promise.resolve(false)

  constructor(options: DroppedRequestsOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Positions of those that are not waited for; none when the database can not be asked. */
  async of(requests: readonly RequestKey[]): Promise<ReadonlySet<number>> {
    try {
      if (this.#now() >= this.#lookAgainAt) {
        this.#lookAgainAt = this.#now() + LOOK_MS
        this.#looked = this.#anyCancelled()
      }
      if (!(await this.#looked)) return NONE
      const rows = await this.#options.db.query<{ at: number }>(droppedSql, [
        requests.map((one) => one.productId),
        requests.map((one) => one.marketplaceId),
        requests.map((one) => one.attempt),
      ])
      return new Set(rows.map(({ at }) => at - 1))
    } catch (error) {
      this.#lookAgainAt = this.#now() + LEAVE_ALONE_MS
      this.#looked = Promise.resolve(false)
      this.#options.onError(error)
      return NONE
    }
  }

  async #anyCancelled(): Promise<boolean> {
    const [row] = await this.#options.db.query<{ any: boolean }>(
      `select exists (select 1 from sync_jobs where state = 'cancelling')
           or exists (select 1 from sync_jobs where state in ('cancelled', 'failed')
                         and finished_at > now() - $1 * interval '1 millisecond') as any`,
      [this.#options.queuedTimeoutMs],
    )
    return row?.any ?? false
  }
}

const NONE: ReadonlySet<number> = new Set()

// A row that is an attempt behind is being claimed right now: requests are appended before their claim is committed.
const droppedSql = `
  select r.at::int as at
    from unnest($1::uuid[], $2::text[], $3::int[]) with ordinality r (product_id, marketplace_id, attempt, at)
    left join product_syncs s on s.product_id = r.product_id and s.marketplace_id = r.marketplace_id
   where s.product_id is null or s.attempt > r.attempt or s.attempt = r.attempt and s.state <> 'queued'`
