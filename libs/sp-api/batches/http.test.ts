import { expect, it } from 'vitest'
import { json, startStub, testApi } from '../test-support.ts'
import { itemOffers } from './offers.ts'
import { settleBatch } from './settle.ts'
import { asin, itemOffersAnswer } from './test-caller.ts'

it('every request of a batch, asked again or not, takes a slot of the bucket and goes by its priority', async () => {
  const stub = await startStub({
    api: ({ body, count }, response) => {
      const { requests } = JSON.parse(body) as { requests: ReadonlyArray<{ uri: string }> }
      const answers = requests.map(({ uri }, index) =>
        itemOffersAnswer({ asin: uri.split('/').at(-2)!, status: count === 1 && index === 1 ? 429 : 200 }),
      )
      json(response, 200, { responses: answers })
    },
  })
  const { api, bucket, clock } = testApi(stub.url)
  try {
    const asks = [{ asin: asin(1) }, { asin: asin(2) }]
    const settled = await settleBatch(api, itemOffers, 'UK', asks, { clock, priority: 'urgent' })
    expect(settled.map(({ kind, calls }) => [kind, calls])).toEqual([
      ['answered', 1],
      ['answered', 2],
    ])
    expect(bucket.keys.map(({ operation }) => operation)).toEqual([
      'getItemOffersBatch',
      'getItemOffersBatch',
    ])
    expect(bucket.priorities).toEqual(['urgent', 'urgent'])
    expect(JSON.parse(stub.requests[1]!.body).requests).toMatchObject([{ MarketplaceId: 'A1F83G8C2ARO7P' }])
  } finally {
    await api.close()
    await stub.close()
  }
})
