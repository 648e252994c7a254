import { describe, expect, it } from 'vitest'
import type { Ledger, LedgerEntry } from './ledger.ts'

const entry = (key: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  key,
  lane: 'lane',
  version: 1,
  state: 'asking',
  wish: {
    reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA',
    marketplaceIds: ['ATVPDKIKX0DER'],
    reportOptions: { a: '“b”' },
  },
  askedAt: 1_790_000_000_123,
  id: null,
  documentId: null,
  finishedAt: null,
  notBefore: null,
  reason: null,
  ...more,
})

/** What every ledger does. `open` gives an empty one, for each test another. */
export function ledgerContract(name: string, open: () => Promise<Ledger>): void {
  describe(`ledger: ${name}`, () => {
    it('gives back what was written, all of it', async () => {
      const ledger = await open()
      expect(await ledger.read('a')).toBeNull()
      const first = entry('a')
      expect(await ledger.write(first)).toBe(true)
      expect(await ledger.read('a')).toEqual(first)
      const last = entry('a', {
        version: 2,
        state: 'failed',
        id: 'R1',
        documentId: 'D1',
        finishedAt: 1_790_000_001_456,
        notBefore: 1_790_000_002_789,
        reason: 'no such “option”',
      })
      expect(await ledger.write(last)).toBe(true)
      expect(await ledger.read('a')).toEqual(last)
    })

    it('lets one of several writers of a version through', async () => {
      const ledger = await open()
      const firsts = await Promise.all(['1', '2', '3', '4'].map((id) => ledger.write(entry('a', { id }))))
      expect(firsts.filter(Boolean)).toHaveLength(1)
      const seconds = await Promise.all(
        ['1', '2', '3', '4'].map((id) => ledger.write(entry('a', { id, version: 2, state: 'asked' }))),
      )
      expect(seconds.filter(Boolean)).toHaveLength(1)
      expect(await ledger.write(entry('a', { version: 2 }))).toBe(false)
      expect(await ledger.write(entry('a', { version: 4 }))).toBe(false)
      expect(await ledger.write(entry('b', { version: 2 }))).toBe(false)
      expect(await ledger.read('b')).toBeNull()
    })

    it('has one entry of a lane asking at a time', async () => {
      const ledger = await open()
      const both = await Promise.all([ledger.write(entry('a')), ledger.write(entry('b'))])
      expect(both.filter(Boolean)).toHaveLength(1)
      const asking = (await ledger.asking('lane'))!
      const other = asking.key === 'a' ? 'b' : 'a'
      expect(await ledger.write(entry('c', { lane: 'another' }))).toBe(true)
      expect(await ledger.write({ ...asking, version: 2, state: 'asked', id: 'R1' })).toBe(true)
      expect(await ledger.asking('lane')).toBeNull()
      expect(await ledger.write(entry(other))).toBe(true)
      expect((await ledger.asking('lane'))?.key).toBe(other)
    })

    it('knows the ids that it bears', async () => {
      const ledger = await open()
      await ledger.write(entry('a', { state: 'asked', id: 'R1' }))
      await ledger.write(entry('b', { state: 'done', id: 'R2', lane: 'another', finishedAt: 1 }))
      expect(await ledger.known(['R1', 'R2', 'R3'])).toEqual(new Set(['R1', 'R2']))
      expect(await ledger.known([])).toEqual(new Set())
    })

    it('deletes an entry that nobody has written meanwhile', async () => {
      const ledger = await open()
      await ledger.write(entry('a'))
      await ledger.write(entry('a', { version: 2, state: 'asked' }))
      expect(await ledger.delete('a', 1)).toBe(false)
      expect(await ledger.delete('b', 1)).toBe(false)
      expect(await ledger.delete('a', 2)).toBe(true)
      expect(await ledger.read('a')).toBeNull()
    })

    it('forgets what ended long ago, and what never did', async () => {
      const ledger = await open()
      const at = (askedAt: number, finishedAt: number | null) => ({
        lane: `${askedAt} ${finishedAt}`,
        askedAt,
        finishedAt,
        state: finishedAt === null ? ('asked' as const) : ('done' as const),
      })
      await ledger.write(entry('ended', at(1_000, 2_000)))
      await ledger.write(entry('kept', at(1_000, 5_000)))
      await ledger.write(entry('stuck', at(500, null)))
      await ledger.write(entry('under way', at(1_000, null)))
      expect(await ledger.forget({ finished: 5_000, asked: 1_000 })).toBe(2)
      expect(await ledger.read('ended')).toBeNull()
      expect(await ledger.read('stuck')).toBeNull()
      expect(await ledger.read('kept')).not.toBeNull()
      expect(await ledger.read('under way')).not.toBeNull()
    })
  })
}
