import { afterEach, expect, it } from 'vitest'
import { addProducts } from '#libs/db/testing.ts'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { backing, describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'
import type { QuotaReport } from './quota-report.ts'

const QUOTA = '/marketplace/amazon/quota'

describeWith(['postgres', 'redis'], 'the quota route', () => {
  let api: TestReporting | undefined
  afterEach(async () => {
    await api?.close()
    api = undefined
  })

  it('shows with Redis what other processes spend, meet and have learned', async () => {
    const application = `itest-quota-${process.pid}-${Date.now()}`
    const key = { application, seller: 'shop', operation: 'searchCatalogItems' }
    const plans = { seller: { ratePerSecond: 2, burst: 2 }, application: { ratePerSecond: 500, burst: 500 } }
    const fetcher = createRedisTokenBucket({ url: backing('redis'), share: 2, commandTimeoutMs: 10_000 })
    await fetcher.reserve({ key, plans, slots: 1, priority: 'background', maxWaitMs: 60_000 })
    await fetcher.learnRate(key, plans, 0.5)
    await fetcher.throttled(key, plans)

    api = await startTestReporting({ environment: { REDIS_URL: backing('redis'), FETCHERS: '2' } })
    const { status, body } = await api.ask(QUOTA)
    expect(status).toBe(200)
    expect(body).toMatchObject({ scope: 'shared', note: null })
    const own = (body as QuotaReport).quotas.filter((quota) => quota.application === application)
    expect(own).toEqual([
      expect.objectContaining({
        seller: 'shop',
        operation: 'searchCatalogItems',
        ratePerSecond: 0.5,
        planRatePerSecond: 2,
        announcedRatePerSecond: 0.5,
        learned: true,
        granted: 1,
        throttled: 1,
        applicationLevel: expect.objectContaining({ ratePerSecond: 500, granted: 1 }),
      }),
    ])
    await fetcher.close()
  })

  it('says without Redis what it can not know, and how to get to know it', async () => {
    api = await startTestReporting()
    const { body } = await api.ask(QUOTA)
    expect(body).toMatchObject({ scope: 'unknown', quotas: [] })
    expect((await api.ask('/quota')).body).toEqual(body)
    expect(body.note).toMatch(/Set REDIS_URL.*\/metrics of each fetcher/)
  })

  it('tells in the status how long the backlog takes at the permitted rate', async () => {
    api = await startTestReporting({
      environment: {
        SP_API_CLIENT_ID: 'id',
        SP_API_CLIENT_SECRET: 'secret',
        SP_API_REFRESH_TOKEN: 'token',
        SP_API_USAGE_PLANS: 'searchCatalogItems=0.5/1',
      },
    })
    await addProducts(api.db, 30)
    const { body } = await api.ask('/marketplace/amazon/sync-status')
    // Nothing was synced in the last minute: its rate tells nothing, the plan does.
    expect(body.secondsLeft).toBeNull()
    expect(body.backlog).toEqual({
      requestsPerSecond: 0.5,
      rateFrom: 'plans',
      productsPerRequest: 20,
      secondsLeft: 3,
    })
    // Ten outcomes of four requests: codes that Amazon brings in several pages, or that come one by one.
    await api.db.query(
      `insert into sync_rates (marketplace_id, outcomes, response_ms, responses, duration_ms, requests)
       values ('ATVPDKIKX0DER', 10, 100, 10, 100, 4)`,
    )
    const measured = await api.ask('/marketplace/amazon/sync-status')
    expect(measured.body.backlog).toMatchObject({ productsPerRequest: 2.5, secondsLeft: 24 })
  })
})
