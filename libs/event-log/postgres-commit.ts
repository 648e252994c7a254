import { asError, type Database, identifier, isTransient, retrying } from './postgres-database.ts'
import type { Assignment } from './postgres-membership.ts'

/** Commits of one member. One statement is under way at a time; commits that come meanwhile share the next one. */

interface Waiting {
  next: bigint
  readonly settle: { resolve: () => void; reject: (error: Error) => void }[]
}

export interface CommitterOptions {
  readonly database: Database
  readonly group: string
  readonly memberId: string
  /** The table knows a newer owner of a partition. */
  readonly onFenced: () => void
  readonly onError: (error: Error) => void
}

export class Committer {
  readonly #options: CommitterOptions
  #waiting = new Map<Assignment, Waiting>()
  #running: Promise<void> | undefined

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  /** Resolves when the offset is durable, or when the partition has been lost and nothing was moved. */
  commit(assignment: Assignment, next: bigint): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(assignment) ?? { next, settle: [] }
      waiting.next = next
      waiting.settle.push({ resolve, reject })
      this.#waiting.set(assignment, waiting)
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = this.#waiting
      this.#waiting = new Map()
      const all = [...batch.values()].flatMap(({ settle }) => settle)
      try {
        await this.#write(batch)
        for (const { resolve } of all) resolve()
      } catch (error) {
        for (const { reject } of all) reject(this.#options.database.asLogError(error))
      }
    }
    this.#running = undefined
  }

  async #write(batch: ReadonlyMap<Assignment, Waiting>): Promise<void> {
    const { database, group, memberId, onError, onFenced } = this.#options
    const held = (): [Assignment, Waiting][] =>
      [...batch].filter(([{ revocation }]) => !revocation.signal.aborted)
    try {
      await retrying(
        async () => {
          const commits = held()
          if (commits.length === 0) return
          // The fence: a row that has changed hands does not match, whatever this process still believes.
          const moved = await database.query<{ partition_id: number }>(
            'control',
            `update ${identifier(database.schema)}.leases l set committed_offset = c.next_offset
             from unnest($3::int[], $4::bigint[], $5::bigint[]) as c(partition_id, epoch, next_offset)
             where l.group_name = $1 and l.member_id = $2
               and l.partition_id = c.partition_id and l.epoch = c.epoch
             returning l.partition_id`,
            [
              group,
              memberId,
              commits.map(([{ partitionId }]) => partitionId),
              commits.map(([{ epoch }]) => epoch),
              commits.map(([, { next }]) => String(next)),
            ],
          )
          if (moved.length < commits.length) onFenced()
        },
        { retriable: (error) => isTransient(error) && held().length > 0, onRetry: onError },
      )
    } catch (error) {
      if (held().length > 0) throw error
      onError(asError(error)) // All partitions are lost: there is nothing left to commit.
    }
  }
}
