import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Chunker, type Entry } from '#libs/stream/chunker.ts'
import type { ChunkPolicy } from '#libs/stream/processor.ts'

interface Item {
  readonly id: number
  readonly partition: number
  readonly key: string
  readonly name: string | null
}
type E = Entry<Item>

const entry = (item: Partial<Item>): E => {
  const value = { id: 0, partition: 0, key: '', name: null, ...item }
  return { record: { value, raw: {} as E['record']['raw'] } }
}
const chunker = (policy: Partial<ChunkPolicy<Item>>) =>
  new Chunker<Item, E>({ maxWeight: 2, lingerMs: 100, inFlight: 1, ...policy })
const ids = (chunk: { members: readonly { entry: E }[] } | undefined) =>
  chunk?.members.map(({ entry: { record } }) => record.value.id)

describe('Chunker', () => {
  it('gives a full chunk at once and the rest after the linger of its first record', () => {
    const chunks = chunker({})
    for (const id of [1, 2, 3]) chunks.add(entry({ id }), 1_000 + id)
    expect(ids(chunks.take(1_003))).toEqual([1, 2])
    expect(chunks.take(1_102)).toBeUndefined()
    expect(chunks.nextDue()).toBe(1_103)
    expect(ids(chunks.take(1_103))).toEqual([3])
    expect(chunks.nextDue()).toBeUndefined()
    expect(chunks.size).toBe(0)
  })

  it('weighs records of one name once, and those without a name not at all', () => {
    const chunks = chunker({ weigh: ({ value }) => value.name })
    const names = ['a', 'a', null, 'a', 'b', 'b', 'c']
    for (const [id, name] of names.entries()) chunks.add(entry({ id, name }), 0)
    expect(ids(chunks.take(0))).toEqual([0, 1, 2, 3, 4, 5])
    expect(chunks.take(0)).toBeUndefined()
    expect(ids(chunks.take(100))).toEqual([6])
  })

  it('is full at maxRecords whatever they weigh', () => {
    const chunks = chunker({ weigh: () => null, maxRecords: 3 })
    for (let id = 0; id < 4; id++) chunks.add(entry({ id }), 0)
    expect(ids(chunks.take(0))).toEqual([0, 1, 2])
    expect(chunks.take(0)).toBeUndefined()
  })

  it('holds back what is not full for its pace, and what comes alone not at all', () => {
    const chunks = chunker({ lingerMs: 10, paceMs: 200 })
    chunks.add(entry({ id: 1 }), 0)
    expect(ids(chunks.take(10))).toEqual([1])
    chunks.add(entry({ id: 2 }), 20)
    expect(chunks.take(30)).toBeUndefined()
    expect(chunks.nextDue()).toBe(210)
    for (const id of [3, 4]) chunks.add(entry({ id }), 40)
    expect(ids(chunks.take(40))).toEqual([2, 3])
    expect(chunks.take(209)).toBeUndefined()
    expect(ids(chunks.take(240))).toEqual([4])
    chunks.add(entry({ id: 5 }), 1_000)
    expect(chunks.nextDue()).toBe(1_010)
    expect(ids(chunks.take(1_010))).toEqual([5])
  })

  it('is not held up by a clock that was set back', () => {
    const chunks = chunker({ lingerMs: 10, paceMs: 200 })
    chunks.add(entry({ id: 1 }), 300_000)
    expect(ids(chunks.take(300_010))).toEqual([1])
    chunks.add(entry({ id: 2 }), 1_000)
    expect(ids(chunks.take(1_010))).toEqual([2])
  })

  it('keeps keys apart, and lets the one that has waited longest go first', () => {
    const chunks = chunker({ key: ({ value }) => value.key })
    chunks.add(entry({ id: 0, key: 'rare' }), 0)
    for (let id = 1; id < 5; id++) chunks.add(entry({ id, key: 'busy' }), 1)
    expect(chunks.take(50)).toMatchObject({ key: 'busy' })
    expect(ids(chunks.take(100))).toEqual([0])
    expect(ids(chunks.take(100))).toEqual([3, 4])
  })

  it('asks for the limit anew for each chunk', () => {
    let maxWeight = 4
    const chunks = chunker({ maxWeight: () => maxWeight })
    for (let id = 0; id < 6; id++) chunks.add(entry({ id }), 0)
    maxWeight = 1
    expect(ids(chunks.take(0))).toEqual([0])
    maxWeight = 3
    expect(ids(chunks.take(0))).toEqual([1, 2, 3])
    maxWeight = Number.NaN
    expect(() => chunks.take(0)).toThrow(/at least 1/)
  })

  it('holds a key until what was put back may go again', () => {
    const chunks = chunker({})
    for (let id = 0; id < 4; id++) chunks.add(entry({ id }), 0)
    const [, second] = chunks.take(0)!.members
    chunks.putBack([second!], 500, true)
    expect(chunks.take(499)).toBeUndefined()
    expect(chunks.nextDue()).toBe(500)
    expect(ids(chunks.take(500))).toEqual([1, 2])
  })

  it('lets later records go on when order need not be kept', () => {
    const chunks = chunker({})
    for (let id = 0; id < 4; id++) chunks.add(entry({ id }), 0)
    chunks.putBack(chunks.take(0)!.members, 500, false)
    expect(ids(chunks.take(1))).toEqual([2, 3])
    expect(chunks.nextDue()).toBe(500)
    expect(chunks.size).toBe(2)
    expect(ids(chunks.take(500))).toEqual([0, 1])
  })

  it('forgets what is dropped, put back or not', () => {
    const chunks = chunker({})
    for (let id = 0; id < 6; id++) chunks.add(entry({ id, partition: id % 2 }), 0)
    chunks.putBack(chunks.take(0)!.members, 500, false)
    expect(chunks.drop(({ record }) => record.value.partition === 1)).toBe(3)
    expect(chunks.size).toBe(3)
    expect(ids(chunks.take(0))).toEqual([2, 4])
    expect(ids(chunks.take(500))).toEqual([0])
  })

  const items = fc.array(
    fc.record({
      partition: fc.nat(2),
      key: fc.constantFrom('x', 'y'),
      name: fc.constantFrom('a', 'b', 'c', null),
      wait: fc.nat(40),
      takeAfter: fc.boolean(),
    }),
    { maxLength: 120 },
  )

  it('loses and doubles nothing, keeps to its bounds, and keeps the order of each partition and key', () => {
    fc.assert(
      fc.property(
        items,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        (list, maxWeight, maxRecords) => {
          const chunks = chunker({
            maxWeight,
            maxRecords,
            weigh: ({ value }) => value.name,
            key: ({ value }) => value.key,
          })
          const out: Item[] = []
          const collect = (now: number) => {
            for (let chunk = chunks.take(now); chunk !== undefined; chunk = chunks.take(now)) {
              const values = chunk.members.map((member) => member.entry.record.value)
              expect(new Set(values.map(({ key }) => key))).toEqual(new Set([chunk.key]))
              expect(values.length).toBeLessThanOrEqual(maxRecords)
              expect(new Set(values.flatMap(({ name }) => name ?? [])).size).toBeLessThanOrEqual(maxWeight)
              out.push(...values)
            }
            const due = chunks.nextDue()
            if (due !== undefined) expect(due).toBeGreaterThan(now)
          }
          let now = 0
          list.forEach(({ wait, takeAfter, ...item }, id) => {
            now += wait
            chunks.add(entry({ id, ...item }), now)
            if (takeAfter) collect(now)
          })
          collect(now + 100)
          expect(chunks.size).toBe(0)
          expect(out.map(({ id }) => id).sort((a, b) => a - b)).toEqual(list.map((_, id) => id))
          for (const partition of [0, 1, 2]) {
            for (const key of ['x', 'y']) {
              const order = out
                .filter((item) => item.partition === partition && item.key === key)
                .map(({ id }) => id)
              expect(order).toEqual([...order].sort((a, b) => a - b))
            }
          }
        },
      ),
    )
  })
})
