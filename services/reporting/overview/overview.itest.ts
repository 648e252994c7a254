import { afterAll, beforeAll, expect, it } from 'vitest'
import { createJob } from '#libs/db/jobs.ts'
import { addProducts, US } from '#libs/db/testing.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

describeWith(['postgres'], 'the overview', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'] })
    await addProducts(api.db, 5)
    await createJob(api.db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
  })
  afterAll(() => api.close())

  it('tells in one answer what the routes of its parts tell', async () => {
    const { status, body } = await api.ask('/api/overview')
    expect(status).toBe(200)
    expect(body.status).toEqual((await api.ask('/marketplace/amazon/sync-status')).body)
    expect(body.quota).toEqual((await api.ask('/quota')).body)
    expect(body.jobs).toEqual((await api.ask('/api/sync/history')).body.items)
    expect(body.status).toMatchObject({ total: 10, pending: 10 })
    expect(body.lag).toEqual({ groups: [], note: 'no service has used the log yet' })
  })

  it('has the rate of the last two minutes, in points of five seconds', async () => {
    await api.db.query(
      `insert into sync_rates (marketplace_id, at, outcomes, response_ms, responses, duration_ms)
       select $1, to_timestamp(floor(extract(epoch from now()) / 5) * 5 - 8), 50, 0, 0, 0`,
      [US],
    )
    const rates = await waitFor(
      async () => {
        const { perSecond, ...rest } = (await api.ask('/api/overview')).body.rates
        return perSecond.some((rate: number) => rate > 0) && { perSecond, ...rest }
      },
      { what: 'the rate' },
    )
    expect(rates.secondsPerPoint).toBe(5)
    expect(rates.perSecond).toHaveLength(23)
    expect(rates.perSecond.filter((rate: number) => rate > 0)).toEqual([10])
    expect(Date.parse(rates.since) % 5_000).toBe(0)
  })

  it('says with an ETag that nothing has changed', async () => {
    const etag = (await api.ask('/api/overview')).headers.get('etag')
    const again = await fetch(`${api.origin}/api/overview`, { headers: { 'if-none-match': String(etag) } })
    expect(again.status).toBe(304)
  })

  it('reads no table that grows with the catalogue: it answers while they are all locked', async () => {
    await api.db.transaction(async (tx) => {
      await tx.query(
        'lock table products, product_syncs, offer_syncs, sync_logs, amazon_market_data in access exclusive mode',
      )
      // A new one shows that the answer is not the one before, which many readers share.
      await createJob(api.db, { filter: {}, marketplaces: [US], requestedBy: 'meanwhile' })
      const body = await waitFor(
        async () => {
          const answer = await api.ask('/api/overview')
          return answer.body.jobs.length === 2 && answer.body
        },
        { what: 'both jobs' },
      )
      expect(body.status.total).toBe(10)
    })
  })
})
