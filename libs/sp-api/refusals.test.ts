import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { asinOf, asked, catalogue, codes, kinds, manyCodes } from './test-catalogue.ts'
import { gtin, type Stub } from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

describe('a refused search', () => {
  it('is halved until the bad code stands alone, and all others are answered', async () => {
    const wanted = codes(20)
    for (const bad of [wanted[0]!, wanted[13]!, wanted[19]!]) {
      const { lookup, stub } = await manyCodes(stubs, catalogue({ bad: [bad] }))
      const outcomes = await lookup(wanted)
      for (const [code, outcome] of outcomes) {
        if (code === bad) expect(outcome).toMatchObject({ kind: 'rejected', httpStatus: 400 })
        else expect(outcome).toMatchObject({ kind: 'items', items: [{ asin: asinOf(code) }] })
      }
      expect(outcomes.get(bad)).toMatchObject({ reason: expect.stringMatching(/invalid identifier/) })
      expect(stub.requests.some((request) => asked(request).join() === bad)).toBe(true)
      expect(stub.requests.length).toBeLessThanOrEqual(11)
    }
  })

  it('finds any set of bad codes, and asks for no more than halving in full would', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.uniqueArray(fc.nat(19), { maxLength: 19 }),
        async (count, badPositions) => {
          const wanted = codes(count)
          const bad = badPositions.flatMap((position) => wanted[position] ?? [])
          fc.pre(bad.length < count || count < 4)
          const { lookup, stub } = await manyCodes(stubs, catalogue({ bad }))
          const outcomes = await lookup(wanted)
          expect([...outcomes.keys()]).toEqual(wanted)
          for (const [code, outcome] of outcomes)
            expect(outcome.kind).toBe(bad.includes(code) ? 'rejected' : 'items')
          expect(stub.requests.length).toBeLessThanOrEqual(2 * count - 1)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('has halves that fail alone', async () => {
    const wanted = codes(8)
    const { lookup } = await manyCodes(stubs, catalogue({ bad: [wanted[6]!], down: [wanted[1]!] }))
    const outcomes = await lookup(wanted)
    expect(kinds(outcomes)).toEqual([...Array(4).fill('failed'), 'items', 'items', 'rejected', 'items'])
    expect(outcomes.get(wanted[0]!)).toMatchObject({ failure: 'unavailable', httpStatus: 503 })
  })

  it('asks for no half that must hold the bad code, but for every code on its own', async () => {
    const [a, b, c, d] = codes(4) as [string, string, string, string]
    const { lookup, stub } = await manyCodes(stubs, catalogue({ bad: [d] }))
    await lookup([a, b, c, d])
    expect(stub.requests.map(asked)).toEqual([[a, b, c, d], [a, b], [c], [d]])
  })

  it('counts the requests that each code took part in', async () => {
    const wanted = codes(4)
    const { lookup } = await manyCodes(stubs, catalogue({ bad: [wanted[0]!] }))
    expect([...(await lookup(wanted)).values()].map((outcome) => outcome.calls)).toEqual([3, 3, 2, 2])
  })
})

describe('a marketplace that refuses everything', () => {
  it('fails the batch with its message, and later batches cost one call', async () => {
    const { lookup, stub } = await manyCodes(stubs, catalogue({ refuseAll: () => true }))
    const first = await lookup(codes(20))
    for (const outcome of first.values())
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: 'failed',
        reason: expect.stringMatching(/refuses every search.*invalid identifier/),
      })
    expect(stub.requests.length).toBeLessThanOrEqual(39)
    const before = stub.requests.length
    for (const count of [20, 20, 1])
      for (const outcome of (await lookup(codes(count, 100))).values()) expect(outcome.kind).toBe('failed')
    expect(stub.requests.length).toBe(before + 3)
    // Another marketplace is another matter.
    expect(kinds(await lookup(codes(1), 'DE'))).toEqual(['rejected'])
  })

  it('is found out by one of several batches at a time', async () => {
    const { lookup, stub } = await manyCodes(stubs, catalogue({ refuseAll: () => true }))
    const batches = await Promise.all([0, 100, 200, 300].map((from) => lookup(codes(20, from))))
    expect(batches.flatMap(kinds)).toEqual(Array(80).fill('failed'))
    expect(stub.requests.length).toBeLessThanOrEqual(39 + 3)
  })

  it('is forgiven with the first answer', async () => {
    let refuseAll = true
    const bad = gtin(3)
    const { lookup, stub } = await manyCodes(stubs, catalogue({ refuseAll: () => refuseAll, bad: [bad] }))
    await lookup(codes(8))
    refuseAll = false
    // Still taken for systemic, with the bad code inside …
    expect(kinds(await lookup(codes(8)))).toEqual(Array(8).fill('failed'))
    // … until a search succeeds.
    await lookup(codes(2, 50))
    expect(kinds(await lookup(codes(8))).filter((kind) => kind === 'rejected')).toHaveLength(1)
    expect(stub.requests.length).toBeLessThan(40)
  })

  it('is looked into again after a while', async () => {
    const { lookup, stub, clock } = await manyCodes(stubs, catalogue({ refuseAll: () => true }))
    await lookup(codes(4))
    clock.advance(11 * 60_000)
    await lookup(codes(4))
    expect(stub.requests).toHaveLength(14)
  })

  it('is not concluded from three codes', async () => {
    const { lookup } = await manyCodes(stubs, catalogue({ refuseAll: () => true }))
    expect(kinds(await lookup(codes(3)))).toEqual(Array(3).fill('rejected'))
  })
})
