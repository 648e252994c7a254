import { afterAll, beforeAll, expect, it } from 'vitest'
import { itemData } from '#simulator/catalogue/item-data.ts'
import { marketplaces } from '#simulator/marketplaces.ts'
import { describeWith } from '#tests/support/backing.ts'
import { simulatedCode, startLookups } from './testing.ts'

const US = 'ATVPDKIKX0DER'
const UK = 'A1F83G8C2ARO7P'
const DATA = [
  'identifiers',
  'summaries',
  'salesRanks',
  'images',
  'dimensions',
  'productTypes',
  'relationships',
] as const
type Lookups = Awaited<ReturnType<typeof startLookups>>

/** Of the simulated catalogue, as JSON brings it. */
function answerOf({ amazon }: Lookups, marketplaceId: string, asin: string): unknown {
  const item = amazon.catalogue.itemByAsin(marketplaceId, asin)!
  return JSON.parse(JSON.stringify(itemData([[marketplaces.get(marketplaceId)!, item]], new Set(DATA))))
}
const problem = (code: string) => ({ type: `urn:asinstream:problem:${code}` })

describeWith(['postgres'], "Amazon's raw answer", () => {
  let lookups: Lookups
  beforeAll(async () => {
    lookups = await startLookups()
  })
  afterAll(() => lookups?.close())

  it.each([
    [US, 'US', ''],
    [UK, 'UK', '?marketplace=gb'],
  ])('is what Amazon says of an item in %s now', async (marketplaceId, countryCode, query) => {
    const asin = simulatedCode(lookups.amazon, marketplaceId)('multipack').asins[0]!
    const before = Date.now()
    const { status, body } = await lookups.get(`/asin/${asin.toLowerCase()}/raw${query}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      asin,
      marketplaceId,
      countryCode,
      operation: 'getCatalogItem',
      observedAt: expect.any(String),
      requestId: expect.stringMatching(/\S/),
      answer: answerOf(lookups, marketplaceId, asin),
    })
    expect(Date.parse(body.observedAt)).toBeGreaterThanOrEqual(before)
    // Neither kept nor spent from what syncs spend.
    expect(await lookups.api.db.query('select 1 from looked_up_items')).toEqual([])
    expect(lookups.calls()).toBe(0)
  })

  it('is none where Amazon has no such item, or the question is none', async () => {
    expect(await lookups.get('/asin/B0ZZZZZZZZ/raw')).toMatchObject({
      status: 404,
      body: { ...problem('not-found'), detail: 'Amazon has no item B0ZZZZZZZZ in US (amazon.com)' },
    })
    expect(await lookups.get('/asin/036000291452/raw')).toMatchObject({
      status: 422,
      body: problem('invalid-code'),
    })
    expect(await lookups.get('/asin/B0ZZZZZZZZ/raw?marketplace=MOON')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'marketplace' }] },
    })
    expect(await lookups.get('/asin/B0ZZZZZZZZ/raw?maxAge=1h')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'maxAge' }] },
    })
    const elsewhere = { headers: { 'sec-fetch-site': 'cross-site' } }
    expect(await lookups.api.ask('/asin/B0ZZZZZZZZ/raw', elsewhere)).toMatchObject({
      status: 403,
      body: problem('cross-site'),
    })
  })

  it('says that Amazon refuses', async () => {
    lookups.amazon.revoke({ refreshToken: 'token-of-the-seller' })
    expect(await lookups.get('/asin/B0ZZZZZZZZ/raw?marketplace=CA')).toMatchObject({
      status: 409,
      body: problem('amazon-refused'),
    })
  })
})

describeWith(['postgres'], "Amazon's raw answer while nobody can give it", () => {
  it('says when to come again', async () => {
    // A request in three quarters of an hour: the first one is had at once.
    const lookups = await startLookups({ SP_API_USAGE_PLANS: 'getCatalogItem=0.0004/1' })
    try {
      expect((await lookups.get('/asin/B0ZZZZZZZZ/raw')).status).toBe(404)
      const spent = await lookups.get('/asin/B0ZZZZZZZY/raw')
      expect(spent).toMatchObject({ status: 503, body: problem('quota-spent') })
      const seconds = Number(spent.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(1_000)
      expect(seconds).toBeLessThanOrEqual(2_510)
    } finally {
      await lookups.close()
    }
  })

  it('says that Amazon is away', async () => {
    const lookups = await startLookups({ MAX_RETRIES: '0' })
    try {
      lookups.amazon.setFaults({ '503': 1 })
      const away = await lookups.get('/asin/B0ZZZZZZZZ/raw')
      expect(away).toMatchObject({ status: 503, body: problem('amazon-unavailable') })
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      await lookups.close()
    }
  })

  it('ends with the time limit', async () => {
    const lookups = await startLookups({ REQUEST_TIMEOUT: '0.5' })
    try {
      lookups.amazon.setFaults({ hang: 1 })
      expect(await lookups.get('/asin/B0ZZZZZZZZ/raw')).toMatchObject({
        status: 504,
        body: problem('lookup-timeout'),
      })
    } finally {
      await lookups.close()
    }
  })

  it('says what is missing', async () => {
    const without = await startLookups({
      SP_API_CLIENT_ID: '',
      SP_API_CLIENT_SECRET: '',
      SP_API_REFRESH_TOKEN: '',
    })
    try {
      expect(await without.get('/asin/B0ZZZZZZZZ/raw')).toMatchObject({
        status: 409,
        body: { ...problem('amazon-unconfigured'), detail: expect.stringContaining('SP_API_CLIENT_ID') },
      })
    } finally {
      await without.close()
    }
  })
})
