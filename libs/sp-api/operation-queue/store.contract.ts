import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { IN_DOUBT, type NewOperation, type OperationStore, TOO_LATE } from './store.ts'

/** What every store must do. `open`: an empty one. Leases end by `sleep`. */
export function operationStoreContract(
  name: string,
  open: () => Promise<{ store: OperationStore; sleep: (ms: number) => Promise<void> }>,
): void {
  describe(`operation store contract: ${name}`, () => {
    let store: OperationStore
    let sleep: (ms: number) => Promise<void>
    beforeEach(async () => {
      ;({ store, sleep } = await open())
    })

    const add = (idempotencyKey: string, more: Partial<NewOperation> = {}) =>
      store.add({
        id: randomUUID(),
        idempotencyKey,
        seller: 'shop',
        operation: 'getReport',
        marketplaceId: null,
        parameters: { reportId: idempotencyKey },
        priority: 0,
        repeatable: true,
        deadlineMs: null,
        ...more,
      })
    const claim = async (owner: string, limit = 10, leaseMs = 60_000) => {
      const lanes = [{ seller: 'shop', operation: 'getReport', limit }]
      const claimed = await store.claim({ owner, leaseMs, lanes })
      return claimed.map(({ idempotencyKey }) => idempotencyKey)
    }
    const idOf = async (key: string) => (await store.find(key))!.id
    const ANSWER = { body: { nul: '\0', amount: 12.5 }, httpStatus: 200, requestId: 'r' }

    it('keeps one operation for each idempotency key, as it came first', async () => {
      const first = await add('a', { parameters: { first: true } })
      const second = await add('a', { parameters: { first: false } })
      expect(second).toEqual(first)
      expect(first).toMatchObject({
        state: 'waiting',
        attempts: 0,
        outcome: null,
        parameters: { first: true },
      })
      expect(await store.open()).toBe(1)
      const many = await Promise.all(Array.from({ length: 8 }, () => add('b')))
      expect(new Set(many.map(({ id }) => id)).size).toBe(1)
    })

    it('leases to one owner at a time, by priority and age, of its own sellers and operations', async () => {
      for (const key of ['a', 'b', 'c']) await add(key)
      await add('urgent', { priority: 1 })
      await add('other seller', { seller: 'other' })
      await add('other operation', { operation: 'createFeed' })
      expect(await claim('one', 2)).toEqual(['urgent', 'a'])
      expect(await claim('two')).toEqual(['b', 'c'])
      expect(await claim('three')).toEqual([])
    })

    it('leases of each lane as much as there is room for, so that no lane is in the way of another', async () => {
      for (const key of ['a', 'b', 'c']) await add(key)
      for (const key of ['d', 'e']) await add(key, { seller: 'other' })
      const lanes = ['shop', 'other'].map((seller) => ({ seller, operation: 'getReport', limit: 1 }))
      const claimed = await store.claim({ owner: 'one', leaseMs: 60_000, lanes })
      expect(new Set(claimed.map(({ idempotencyKey }) => idempotencyKey))).toEqual(new Set(['a', 'd']))
    })

    it('expedites and calls off what waits, and only that', async () => {
      for (const key of ['a', 'b', 'c']) await add(key)
      expect(await store.expedite('b')).toBe(true)
      expect(await store.cancel('c')).toBe(true)
      expect(await claim('one')).toEqual(['b', 'a'])
      expect([await store.expedite('a'), await store.cancel('a'), await store.cancel('none')]).toEqual([
        false,
        false,
        false,
      ])
      expect(await store.find('c')).toMatchObject({ state: 'cancelled' })
    })

    it('gives what a dead process had to the next, but not what may have been done and must not be twice', async () => {
      await add('repeatable')
      await add('unsent', { repeatable: false })
      await add('sent', { repeatable: false })
      await add('refused', { repeatable: false })
      await claim('dead', 10, 50)
      for (const key of ['repeatable', 'sent', 'refused']) await store.sending(await idOf(key), 'dead')
      await store.unsent(await idOf('refused'), 'dead')
      await sleep(100)
      expect(await claim('next')).toEqual(['repeatable', 'unsent', 'refused'])
      expect(await store.find('sent')).toMatchObject({ state: 'uncertain', outcome: IN_DOUBT })
      expect(await store.find('repeatable')).toMatchObject({ attempts: 2 })
    })

    it('lets a process that was thought dead change nothing', async () => {
      await add('a')
      const id = await idOf('a')
      await claim('slow', 1, 50)
      await sleep(100)
      expect(await claim('next')).toEqual(['a'])
      expect(await store.sending(id, 'slow')).toBe(false)
      expect(await store.finish(id, 'slow', 'done', ANSWER)).toBe(false)
      await store.release(id, 'slow')
      expect(await store.renew('slow', [id], 60_000)).toEqual([])
      expect(await store.renew('next', [id], 60_000)).toEqual([id])
      expect(await store.finish(id, 'next', 'done', ANSWER)).toBe(true)
      expect(await store.finish(id, 'next', 'failed', ANSWER)).toBe(false)
      expect(await store.find('a')).toMatchObject({ state: 'done', outcome: ANSWER })
    })

    it('leases again what was given up', async () => {
      await add('a')
      await claim('one')
      await store.release(await idOf('a'), 'one')
      expect(await claim('two')).toEqual(['a'])
    })

    it('does not lease what has passed its deadline', async () => {
      await add('late', { deadlineMs: 30 })
      const { deadlineMs } = await add('in time', { deadlineMs: 600_000 })
      expect(deadlineMs).toBeGreaterThan(500_000)
      await sleep(100)
      expect(await claim('one')).toEqual(['in time'])
      expect(await store.find('late')).toMatchObject({ state: 'failed', outcome: TOO_LATE })
    })

    it('forgets what has been over for long', async () => {
      for (const key of ['over', 'open']) await add(key)
      await claim('one', 1)
      await store.finish(await idOf('over'), 'one', 'done', ANSWER)
      await sleep(50)
      expect(await store.prune(60_000)).toBe(0)
      expect(await store.prune(10)).toBe(1)
      expect([await store.find('over'), await store.open()]).toEqual([null, 1])
    })
  })
}
