import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FinishedPrefix } from '#libs/stream/prefix.ts'

describe('FinishedPrefix', () => {
  it('has nothing to commit before the oldest record is finished', () => {
    const prefix = new FinishedPrefix()
    const [first, second] = [prefix.add(10n), prefix.add(11n)]
    expect(prefix.finish(second)).toBe(0)
    expect(prefix.next).toBeUndefined()
    expect(prefix.finish(first)).toBe(2)
    expect(prefix.next).toBe(12n)
    expect(prefix.open).toBe(0)
  })

  it('takes a second finish of the same record as nothing', () => {
    const prefix = new FinishedPrefix()
    const ticket = prefix.add(1n)
    expect(prefix.finish(ticket)).toBe(1)
    expect(prefix.finish(ticket)).toBe(0)
    expect(prefix.next).toBe(2n)
  })

  it('agrees with the definition, whatever the gaps, the order of finishing, and the interleaving', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(gaps, fc.infiniteStream(fc.nat()), (steps, choices) => {
        const prefix = new FinishedPrefix()
        const added: { readonly offset: bigint; readonly ticket: number; done: boolean }[] = []
        let offset = 0n
        const check = () => {
          const firstOpen = added.findIndex(({ done }) => !done)
          const length = firstOpen === -1 ? added.length : firstOpen
          expect(prefix.next).toBe(length === 0 ? undefined : added[length - 1]!.offset + 1n)
          expect(prefix.open).toBe(added.length - length)
        }
        const finishOne = () => {
          const open = added.filter(({ done }) => !done)
          const one = open[choices.next().value! % open.length]
          if (one === undefined) return
          one.done = true
          prefix.finish(one.ticket)
          check()
        }
        for (const step of steps) {
          offset += BigInt(step)
          added.push({ offset, ticket: prefix.add(offset), done: false })
          check()
          if (choices.next().value! % 2 === 0) finishOne()
        }
        while (added.some(({ done }) => !done)) finishOne()
        expect(prefix.next).toBe(offset + 1n)
      }),
    )
  })

  it('keeps its tickets over many records, in bounded memory', () => {
    const prefix = new FinishedPrefix()
    const window: number[] = []
    for (let offset = 0; offset < 20_000; offset++) {
      window.push(prefix.add(BigInt(offset)))
      if (window.length === 3_000) for (const ticket of window.splice(0).reverse()) prefix.finish(ticket)
    }
    for (const ticket of window) prefix.finish(ticket)
    expect(prefix.next).toBe(20_000n)
    expect(prefix.open).toBe(0)
  })
})
