/** Who should read which partition: pure, so that every member computes the same from the same rows. */

export interface GroupMember {
  readonly id: string
  readonly topics: readonly string[]
}

export interface Lease {
  readonly partitionId: number
  readonly topic: string
  readonly owner: string | null
}

/**
 * The member that should have each partition. Fair: two members of the same topics differ by one partition at most.
 * Sticky: a partition moves only when that makes the shares more even. `members` come in the order in which they
 * joined; a partition that nobody subscribes to is absent.
 */
export function fairAssignment(
  members: readonly GroupMember[],
  leases: readonly Lease[],
): ReadonlyMap<number, string> {
  const load = new Map(members.map(({ id }) => [id, 0]))
  const loadOf = (id: string): number => load.get(id) ?? 0
  const target = new Map<number, string>()
  const give = (lease: Lease, id: string): void => {
    const before = target.get(lease.partitionId)
    if (before !== undefined) load.set(before, loadOf(before) - 1)
    load.set(id, loadOf(id) + 1)
    target.set(lease.partitionId, id)
  }
  const eligible = (lease: Lease): readonly GroupMember[] =>
    members.filter(({ topics }) => topics.includes(lease.topic))

  for (const lease of leases)
    if (eligible(lease).some(({ id }) => id === lease.owner)) give(lease, lease.owner!)
  for (const lease of leases) {
    if (target.has(lease.partitionId)) continue
    const [first, ...others] = eligible(lease)
    if (first === undefined) continue
    give(
      lease,
      others.reduce((least, other) => (loadOf(other.id) < loadOf(least.id) ? other : least), first).id,
    )
  }
  // Each move lessens the sum of the squared loads, so this ends.
  for (;;) {
    let move: { lease: Lease; to: string; gap: number } | undefined
    for (const lease of leases) {
      const owner = target.get(lease.partitionId)
      if (owner === undefined) continue
      for (const { id } of eligible(lease)) {
        const gap = loadOf(owner) - loadOf(id)
        if (gap >= 2 && gap > (move?.gap ?? 0)) move = { lease, to: id, gap }
      }
    }
    if (move === undefined) return target
    give(move.lease, move.to)
  }
}
