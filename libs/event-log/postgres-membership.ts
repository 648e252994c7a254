import { channel } from 'node:diagnostics_channel'
import { unknownTopic } from './postgres-append.ts'
import { fairAssignment } from './postgres-assignment.ts'
import { type Database, identifier, type Query } from './postgres-database.ts'

/**
 * One member of a group: its heartbeats, its share of the partitions and the end of its leases.
 *
 * Members share partitions without a leader: whoever looks holds the lock of the group's row, computes the fair
 * assignment from the rows, gives back what it has too much and takes what is free and its own. Whoever changes
 * anything raises the group's generation, and the others look again. A lease holds while its member's heartbeat is
 * younger than `leaseMs` by the database's clock.
 */

/** A partition that this member reads, from taking it to losing it. */
export interface Assignment {
  readonly partitionId: number
  readonly topic: string
  readonly partition: number
  /** The term of ownership that fences commits: grows with each new owner. */
  readonly epoch: string
  readonly revocation: AbortController
  /** The offset to fetch next. */
  position: bigint
}

export interface MembershipOptions {
  readonly database: Database
  readonly group: string
  readonly topics: readonly string[]
  readonly memberId: string
  readonly leaseMs: number
  /** Partitions have been taken or lost. */
  readonly onChange: () => void
}

interface LeaseRow {
  readonly partition_id: number
  readonly topic: string
  readonly partition: number
  readonly member_id: string | null
  readonly epoch: string
}

interface TakenRow {
  readonly partition_id: number
  readonly epoch: string
  readonly position: string
}

export class Membership {
  readonly assignments = new Map<number, Assignment>()
  /** The group's generation that the assignments belong to. */
  generation: string | undefined
  readonly #options: MembershipOptions
  readonly #schema: string
  #leaseTimer: NodeJS.Timeout | undefined
  #lapsed = false
  #left: boolean = false
  #sharing: Promise<void> | undefined

  constructor(options: MembershipOptions) {
    this.#options = options
    this.#schema = identifier(options.database.schema)
  }

  /** Renews the leases, and shares anew when the group has changed or a member has died. */
  async heartbeat(): Promise<void> {
    const { database, group, memberId, leaseMs } = this.#options
    const sentAt = performance.now()
    const [row] = await database.query<{ generation: string; dead: boolean }>(
      'control',
      `update ${this.#schema}.members set expires_at = clock_timestamp() + $3 * interval '1 ms'
       where group_name = $1 and member_id = $2
       returning
         (select generation from ${this.#schema}.groups where group_name = $1) as generation,
         exists (select 1 from ${this.#schema}.members o
           where o.group_name = $1 and o.member_id <> $2 and o.expires_at < clock_timestamp()) as dead`,
      [group, memberId, leaseMs],
    )
    if (row !== undefined && !this.#lapsed) this.#renew(sentAt)
    if (row === undefined || row.dead || this.#lapsed || row.generation !== this.generation)
      await this.share()
  }

  /** Joins the group if need be and brings this member's partitions to its fair share. */
  share(): Promise<void> {
    this.#sharing ??= this.#share().finally(() => {
      this.#sharing = undefined
    })
    return this.#sharing
  }

  async #share(): Promise<void> {
    if (this.#left) return
    const { database, group, memberId, onChange } = this.#options
    const sentAt = performance.now()
    this.#lapsed = false
    const { leases, taken, released, generation, changed } = await database.transaction(
      'control',
      async (query) => {
        await query(`insert into ${this.#schema}.groups (group_name) values ($1) on conflict do nothing`, [
          group,
        ])
        const [locked] = await query<{ generation: string }>(
          `select generation from ${this.#schema}.groups where group_name = $1 for update`,
          [group],
        )
        const moved = (await this.#buryDead(query)) + (await this.#signUp(query))
        const leases = await this.#leases(query)
        const members = await query<{ id: string; topics: string[] }>(
          `select member_id as id, topics from ${this.#schema}.members where group_name = $1 order by joined`,
          [group],
        )
        const target = fairAssignment(
          members,
          leases.map((row) => ({ partitionId: row.partition_id, topic: row.topic, owner: row.member_id })),
        )
        const due = (row: LeaseRow): boolean => target.get(row.partition_id) === memberId
        const excess = leases.filter((row) => row.member_id === memberId && !due(row))
        // Mine in the table and not here: lost by my own clock. A new epoch fences what is left of the old one.
        const others = new Set(members.map(({ id }) => id).filter((id) => id !== memberId))
        const wanted = leases.filter(
          (row) => due(row) && !others.has(row.member_id ?? '') && !this.#holds(row),
        )
        const released = await this.#release(query, excess)
        const taken = await this.#take(query, wanted)
        const changed = moved > 0 || released.length > 0
        const [raised] = changed
          ? await query<{ generation: string }>(
              `update ${this.#schema}.groups set generation = generation + 1 where group_name = $1 returning generation`,
              [group],
            )
          : [locked]
        return { leases, taken, released, generation: raised!.generation, changed }
      },
    )
    const kept = new Set(leases.filter((row) => this.#holds(row)).map((row) => row.partition_id))
    for (const id of released) kept.delete(id)
    for (const [id, assignment] of this.assignments) if (!kept.has(id)) this.#revoke(assignment)
    if (this.#left) return
    const rows = new Map(leases.map((row) => [row.partition_id, row]))
    for (const { partition_id, epoch, position } of taken) {
      const { topic, partition } = rows.get(partition_id)!
      this.assignments.set(partition_id, {
        partitionId: partition_id,
        topic,
        partition,
        epoch,
        position: BigInt(position),
        revocation: new AbortController(),
      })
    }
    this.generation = generation
    this.#renew(sentAt)
    if (changed) channel(database.channel).publish({ group })
    onChange()
  }

  #holds(row: LeaseRow): boolean {
    return (
      row.member_id === this.#options.memberId && this.assignments.get(row.partition_id)?.epoch === row.epoch
    )
  }

  async #buryDead(query: Query): Promise<number> {
    const { group, memberId } = this.#options
    const dead = await query<{ member_id: string }>(
      `delete from ${this.#schema}.members
       where group_name = $1 and member_id <> $2 and expires_at < clock_timestamp() returning member_id`,
      [group, memberId],
    )
    if (dead.length > 0)
      await query(
        `update ${this.#schema}.leases set member_id = null where group_name = $1 and member_id = any($2::uuid[])`,
        [group, dead.map((row) => row.member_id)],
      )
    return dead.length
  }

  async #signUp(query: Query): Promise<number> {
    const { group, memberId, topics, leaseMs } = this.#options
    const [row] = await query<{ joined: boolean }>(
      `insert into ${this.#schema}.members (group_name, member_id, topics, expires_at)
       values ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms')
       on conflict (group_name, member_id) do update set expires_at = excluded.expires_at
       returning xmax = 0 as joined`,
      [group, memberId, topics, leaseMs],
    )
    return row!.joined ? 1 : 0
  }

  async #leases(query: Query): Promise<LeaseRow[]> {
    const { group, topics } = this.#options
    await query(
      `insert into ${this.#schema}.leases (group_name, partition_id)
       select $1, partition_id from ${this.#schema}.partitions where topic = any($2) on conflict do nothing`,
      [group, topics],
    )
    const rows = await query<LeaseRow>(
      `select partition_id, p.topic, p.partition, l.member_id, l.epoch
       from ${this.#schema}.leases l join ${this.#schema}.partitions p using (partition_id)
       where l.group_name = $1 order by partition_id`,
      [group],
    )
    for (const topic of topics) if (!rows.some((row) => row.topic === topic)) throw unknownTopic(topic)
    return rows
  }

  async #release(query: Query, excess: readonly LeaseRow[]): Promise<number[]> {
    if (excess.length === 0) return []
    const ids = excess.map((row) => row.partition_id)
    await query(
      `update ${this.#schema}.leases set member_id = null
       where group_name = $1 and member_id = $2 and partition_id = any($3)`,
      [this.#options.group, this.#options.memberId, ids],
    )
    return ids
  }

  async #take(query: Query, wanted: readonly LeaseRow[]): Promise<TakenRow[]> {
    if (wanted.length === 0) return []
    return query<TakenRow>(
      `update ${this.#schema}.leases l set member_id = $2, epoch = epoch + 1
       from ${this.#schema}.partitions p
       where l.group_name = $1 and l.partition_id = any($3) and p.partition_id = l.partition_id
       returning l.partition_id, l.epoch, coalesce(l.committed_offset, p.first_offset) as position`,
      [this.#options.group, this.#options.memberId, wanted.map((row) => row.partition_id)],
    )
  }

  /** Counted from before the heartbeat was sent, so that this member gives up before anybody else may take over. */
  #renew(sentAt: number): void {
    clearTimeout(this.#leaseTimer)
    if (this.#left) return
    const remainingMs = sentAt + this.#options.leaseMs - performance.now()
    this.#leaseTimer = setTimeout(() => this.#lapse(), Math.max(0, remainingMs))
  }

  #lapse(): void {
    this.#lapsed = true
    this.#revokeAll()
    this.#options.onChange()
  }

  /** Stops reading and committing here and now; in the table the leases stand until they are released or expire. */
  #revokeAll(): void {
    for (const assignment of this.assignments.values()) this.#revoke(assignment)
  }

  #revoke(assignment: Assignment): void {
    this.assignments.delete(assignment.partitionId)
    assignment.revocation.abort()
  }

  /** Ends this member here without a word to the others: they wait until its leases expire. */
  abandon(): void {
    this.#stop()
    this.#revokeAll()
  }

  #stop(): void {
    this.#left = true
    clearTimeout(this.#leaseTimer)
  }

  /** Gives everything back, so that others take over at once. */
  async leave(): Promise<void> {
    const { database, group, memberId } = this.#options
    this.#stop()
    await this.#sharing?.catch(() => {}) // Its caller has the error.
    try {
      await database.transaction('control', async (query) => {
        await query(`select 1 from ${this.#schema}.groups where group_name = $1 for update`, [group])
        await query(
          `update ${this.#schema}.leases set member_id = null where group_name = $1 and member_id = $2`,
          [group, memberId],
        )
        await query(`delete from ${this.#schema}.members where group_name = $1 and member_id = $2`, [
          group,
          memberId,
        ])
        await query(`update ${this.#schema}.groups set generation = generation + 1 where group_name = $1`, [
          group,
        ])
      })
      channel(database.channel).publish({ group })
    } finally {
      this.#revokeAll()
    }
  }
}
