import { afterEach, describe, expect, it } from 'vitest'
import { acquire } from '#libs/rate-limit/acquire.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createVirtualClock } from '#libs/rate-limit/virtual-clock.ts'
import { ITEMS, itemsAnswer, oneCode, type Stub } from './test-support.ts'
import { defaultUsagePlans, plansWithin } from './usage-plans.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

describe('a limit of one’s own', () => {
  it.each([
    { calls: 1, windowMs: 10_000 },
    { calls: 7, windowMs: 10_000 },
    { calls: 30, windowMs: 60_000 },
    { calls: 100, windowMs: 60_000 },
    { calls: 10_000, windowMs: 60_000 },
  ])('gives two sellers together no more in any stretch: $calls in $windowMs ms', async (limit) => {
    const { now, sleep, run } = createVirtualClock()
    const bucket = createMemoryTokenBucket({ now })
    const plans = plansWithin(defaultUsagePlans, limit).searchCatalogItems
    const times: number[] = []
    // Idle for a while, so that the burst is there; then as fast as it goes.
    const spend = async (seller: string): Promise<void> => {
      const key = { application: 'app', seller, operation: 'searchCatalogItems' }
      await bucket.state(key, plans)
      await sleep(3 * limit.windowMs)
      const until = now() + 3 * limit.windowMs
      while (now() < until) {
        const request = { key, plans, priority: 'urgent', maxWaitMs: 1e9 } as const
        await acquire(bucket, request, { now, sleep })
        times.push(now())
      }
    }
    await run(Promise.all([spend('one'), spend('two')]))
    const most = Math.max(
      ...times.map((from) => times.filter((at) => at >= from && at < from + limit.windowMs).length),
    )
    // Amazon's plan is 2 a second for each seller.
    const planned = (2 * 2 * limit.windowMs) / 1_000 + 4
    expect(most).toBeLessThanOrEqual(Math.min(limit.calls, planned))
    expect(most).toBeGreaterThanOrEqual(Math.floor(0.85 * Math.min(limit.calls, planned - 4)))
  })

  it('is not raised by what Amazon announces, and what is lower counts', async () => {
    const learned = async (announced: string) => {
      const { lookup, bucket } = await oneCode(
        stubs,
        itemsAnswer(ITEMS, { 'x-amzn-ratelimit-limit': announced }),
        {
          rateLimit: { calls: 5, windowMs: 10_000 },
        },
      )
      await lookup()
      return bucket.learned
    }
    expect(await learned('50.0')).toEqual([0.5])
    expect(await learned('0.2')).toEqual([0.2])
  })

  it('leaves a slower plan its rate', () => {
    const plans = plansWithin(defaultUsagePlans, { calls: 60, windowMs: 60_000 })
    const { getMarketplaceParticipations: slow } = plans
    expect(slow.seller.ratePerSecond).toBe(
      defaultUsagePlans.getMarketplaceParticipations.seller.ratePerSecond,
    )
    expect(plans.searchCatalogItems.seller).toEqual({ ratePerSecond: 59 / 60, burst: 2 })
    expect(plans.searchCatalogItems.application?.ratePerSecond).toBeCloseTo(59 / 60)
  })
})
