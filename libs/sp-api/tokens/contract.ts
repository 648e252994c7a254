import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenStore } from './store.ts'

/** What every token store does. `open` opens one more, of another client or process where that is possible. */
export function tokenStoreContract(name: string, open: () => TokenStore): void {
  describe(`the token store: ${name}`, () => {
    let store: TokenStore
    let other: TokenStore
    beforeAll(() => {
      store = open()
      other = open()
    })
    afterAll(async () => {
      await store.close()
      await other.close()
    })

    it('shows to everybody what was published, with the time that is left', async () => {
      const key = randomUUID()
      expect(await store.read(key)).toBeNull()
      const claim = await store.claim(key)
      await claim!.publish('text', 60_000)
      const found = await other.read(key)
      expect(found?.text).toBe('text')
      expect(found?.remainingMs).toBeGreaterThan(0)
      expect(found?.remainingMs).toBeLessThanOrEqual(60_000)
    })

    it('gives the claim to one at a time, and after its end to the next', async () => {
      const key = randomUUID()
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, i) => [store, other][i % 2]!.claim(key)),
      )
      const [only, ...more] = claims.filter((claim) => claim !== null)
      expect(more).toEqual([])
      await only!.release()
      const next = await other.claim(key)
      await next!.publish('text', 60_000)
      const third = await store.claim(key)
      expect(third).not.toBeNull()
      expect(await store.claim(randomUUID())).not.toBeNull()
      await third!.release()
    })

    it('forgets what is over', async () => {
      const key = randomUUID()
      await (await store.claim(key))!.publish('text', 20)
      await expect.poll(() => other.read(key), { timeout: 10_000 }).toBeNull()
    })

    it('keeps what is there when a claim ends without anything to show', async () => {
      const key = randomUUID()
      await (await store.claim(key))!.publish('text', 60_000)
      await (await other.claim(key))!.release()
      expect(await store.read(key)).toMatchObject({ text: 'text' })
    })

    it('closes twice', async () => {
      const third = open()
      await third.close()
      await third.close()
    })
  })
}
