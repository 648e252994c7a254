import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fairAssignment, type GroupMember, type Lease } from './postgres-assignment.ts'

const member = (id: string, ...topics: string[]): GroupMember => ({ id, topics })
const leases = (topic: string, owners: (string | null)[], from = 1): Lease[] =>
  owners.map((owner, i) => ({ partitionId: from + i, topic, owner }))
const share = (target: ReadonlyMap<number, string>, id: string): number[] =>
  [...target].filter(([, owner]) => owner === id).map(([partition]) => partition)

describe('fairAssignment', () => {
  test('one member has all', () => {
    expect(share(fairAssignment([member('a', 't')], leases('t', [null, null, null])), 'a')).toEqual([1, 2, 3])
  })

  test('a member that joins gets half, and the rest stays where it is', () => {
    const target = fairAssignment(
      [member('a', 't'), member('b', 't')],
      leases('t', ['a', 'a', 'a', 'a', 'a', 'a']),
    )
    expect(share(target, 'b')).toHaveLength(3)
    expect(share(target, 'a')).toHaveLength(3)
  })

  test('what a dead member had goes to the others', () => {
    const target = fairAssignment([member('a', 't')], leases('t', ['a', 'dead']))
    expect(share(target, 'a')).toEqual([1, 2])
  })

  test('more members than partitions: each partition has one', () => {
    const target = fairAssignment(
      ['a', 'b', 'c'].map((id) => member(id, 't')),
      leases('t', [null, null]),
    )
    expect(new Set(target.values()).size).toBe(2)
  })

  test('a member gets only topics that it reads', () => {
    const both = [...leases('t', ['a', 'a']), ...leases('u', [null, null], 3)]
    const target = fairAssignment([member('a', 't'), member('b', 'u')], both)
    expect(share(target, 'a')).toEqual([1, 2])
    expect(share(target, 'b')).toEqual([3, 4])
    expect(fairAssignment([member('a', 't')], both).has(3)).toBe(false)
  })

  test('shares of one topic differ by one at most, and a fair state moves nothing', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom(null, 'gone', ...names), { maxLength: 30 }),
        (count, owners) => {
          const members = names.slice(0, count).map((id) => member(id, 't'))
          const target = fairAssignment(members, leases('t', owners))
          expect(target.size).toBe(owners.length)
          const sizes = members.map(({ id }) => share(target, id).length)
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
          const settled = leases(
            't',
            owners.map((_, i) => target.get(i + 1)!),
          )
          expect(fairAssignment(members, settled)).toEqual(target)
        },
      ),
    )
  })
})
