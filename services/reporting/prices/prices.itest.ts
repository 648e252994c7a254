import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyOfferOutcomes } from '#libs/db/offers/outcomes.ts'
import { claimAll, featured, matchDue, NONE_TOLD, offerOutcome, policy } from '#libs/db/offers/testing.ts'
import { addProducts, productId, US } from '#libs/db/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from '../testing.ts'

describeWith(['postgres'], 'prices over HTTP', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { SP_API_USAGE_PLANS: 'getItemOffersBatch=0.2/1' } })
    await addProducts(api.db, 3)
    await matchDue(api.db, [{ asin: 'B000000001' }, { asin: 'B000000002' }, { asin: 'B000000003' }])
    for (const price of ['19.90', '21.05']) {
      const [claim] = await claimAll(api.db, 'price', 1)
      const observation = { ...NONE_TOLD, featured: featured(price) }
      await api.db.transaction((tx) =>
        applyOfferOutcomes(tx, [offerOutcome(claim!, { observation })], policy().levels, () => ({
          state: 'priced',
          failures: 0,
          nextInMs: 3_600_000,
        })),
      )
      await api.db.query(
        `update offer_syncs set state = 'pending', next_attempt_at = now(), priority = -2e12 where attempt = 1 and level = 'price'`,
      )
    }
  })
  afterAll(() => api.close())

  it('tells what a product costs, to the cent, since when and by what, and what it cost before', async () => {
    const [row] = await api.db.query<{ sku: string }>(
      `select sku from products p join amazon_market_data d on d.product_id = p.id where price is not null`,
    )
    const id = await productId(api.db, row!.sku)
    const { status, body } = await api.ask(`/products/${id}/prices`)
    expect(status).toBe(200)
    expect(body.items).toHaveLength(1)
    expect(body.items[0]).toMatchObject({
      marketplaceId: US,
      featured: {
        price: '21.05',
        shipping: '0.00',
        currency: 'USD',
        sellerId: 'SELLER',
        operation: 'getCompetitivePricing',
        observedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      offers: null,
      states: [
        { level: 'price', state: 'priced', attempt: 2 },
        { level: 'offers', state: 'pending', attempt: 0, observedAt: null },
      ],
      history: [{ price: '21.05' }, { price: '19.90' }],
    })
    expect((await api.ask(`/products/${id}/prices?limit=1`)).body.items[0].history).toHaveLength(1)
    expect((await api.ask(`/products/${id}`)).body.marketData[0]).toMatchObject({
      price: '21.05',
      priceOperation: 'getCompetitivePricing',
      offersObservedAt: null,
    })
  })

  it('says that a product is not there, and takes no cursor', async () => {
    expect((await api.ask('/products/0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a01/prices')).status).toBe(404)
    const id = await productId(api.db, 'S1')
    expect((await api.ask(`/products/${id}/prices?cursor=abc`)).body.type).toBe(
      'urn:asinstream:problem:invalid-cursor',
    )
  })

  it('shows both states: products that matched, and how far they are priced, with the time that takes', async () => {
    const { body } = await api.ask('/marketplace/amazon/sync-status')
    expect(body.states.success).toBe(3)
    expect(body.prices.levels).toMatchObject([
      { level: 'price', total: 3, states: { priced: 1, pending: 2 }, permittedPerSecond: 10, secondsLeft: 1 },
      {
        level: 'offers',
        operation: 'getItemOffersBatch',
        states: { pending: 3 },
        permittedPerSecond: 4,
        secondsLeft: 1,
      },
    ])
  })
})
