import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { simulatedCode, startLookups } from './testing.ts'

const US = 'ATVPDKIKX0DER'
const UK = 'A1F83G8C2ARO7P'
type Lookups = Awaited<ReturnType<typeof startLookups>>

describeWith(['postgres'], 'lookups of ASINs', () => {
  let lookups: Lookups
  let asins: readonly string[]
  beforeAll(async () => {
    lookups = await startLookups({ MAX_BATCH_SIZE: '60' })
    const code = simulatedCode(lookups.amazon, US)
    asins = Array.from({ length: 45 }, (_, nth) => code('multipack', nth).asins[0]!)
  })
  afterAll(() => lookups?.close())
  beforeEach(async () => {
    await lookups.api.db.query('truncate looked_up_items, looked_up_codes')
    lookups.amazon.resetStats()
  })

  it('come from Amazon, then from the database while that is fresh enough', async () => {
    const [asin] = asins
    const first = await lookups.get(`/asin/${asin}`)
    expect(first).toMatchObject({
      status: 200,
      body: {
        asin,
        success: true,
        Title: expect.any(String),
        SalesRank: expect.any(Number),
        brand: expect.any(String),
        images: expect.arrayContaining([expect.stringMatching(/^https:/)]),
        price: null,
        marketplaceId: US,
        countryCode: 'US',
        source: 'amazon',
        error: null,
      },
    })
    const again = await lookups.get(`/asin/${asin!.toLowerCase()}?maxAge=1h`)
    expect(again.body).toMatchObject({ ...first.body, source: 'database', observedAt: expect.any(String) })
    expect(Date.parse(again.body.observedAt)).toBeCloseTo(Date.parse(first.body.observedAt), -1)
    expect(lookups.calls()).toBe(1)
    expect((await lookups.get(`/asin/${asin}?maxAge=0`)).body.source).toBe('amazon')
    expect(lookups.calls()).toBe(2)
  })

  it('come in every marketplace, by country, GB as UK, id and domain, and in the body as clients write it', async () => {
    const known = simulatedCode(lookups.amazon, UK)('multipack').asins[0]!
    const bodies = [{ asin: known }, known, { asin: known, maxAge: '24h' }, { asin: known, maxAge: 60 }]
    const names = ['UK', 'GB', UK, 'www.amazon.co.uk']
    for (const [at, name] of names.entries()) {
      const { status, body } = await lookups.post(`/asin/${name}`, bodies[at])
      expect(status).toBe(200)
      expect(body).toMatchObject({ asin: known, countryCode: 'UK', marketplaceId: UK, success: true })
    }
    expect((await lookups.get(`/asin/${known}?marketplace=gb`)).body.countryCode).toBe('UK')
    expect(lookups.calls()).toBe(1)
    for (const country of ['IN', 'CA', 'DE', 'JP']) {
      const { body } = await lookups.post(`/asin/batch/${country}`, [known])
      expect(body).toMatchObject({ countryCode: country, total_requested: 1 })
    }
    expect((await lookups.post('/asin/default', asins[4])).body.countryCode).toBe('US')
    const unknown = await lookups.post('/asin/MOON', known)
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ field: 'country' }] } })
  })

  it('keep the order of a batch, ask for doubles once, and let failures stand alone', async () => {
    const unknown = 'B0ZZZZZZZZ'
    const asked = [...asins, unknown, 'no asin', asins[0]!, ` ${asins[1]!.toLowerCase()} `]
    const { status, body } = await lookups.post('/asin/batch/US', { asins: asked })
    expect(status).toBe(200)
    expect(body).toMatchObject({ total_requested: 49, successful: 47, failed: 2, success_rate: 95.92 })
    expect(body.results.map((one: { asin: string }) => one.asin)).toEqual(
      asked.map((text) => text.trim().toUpperCase()),
    )
    expect(body.results[45]).toMatchObject({
      success: false,
      SalesRank: null,
      Title: null,
      source: 'amazon',
      error: { code: 'not-found' },
    })
    expect(body.results[46]).toMatchObject({ success: false, source: null, error: { code: 'invalid-code' } })
    expect(body.results[47]).toEqual(body.results[0])
    // 46 different ones that can be asked for: twenty in a call.
    expect(lookups.calls()).toBe(3)
    expect(lookups.amazon.stats().searchCatalogItems.firstPages.identifiers).toBe(46)
    const again = await lookups.post('/asin/batch/US', asins)
    expect(new Set(again.body.results.map((one: { source: string }) => one.source))).toEqual(
      new Set(['database']),
    )
    expect(lookups.calls()).toBe(3)
  })

  it('that are the same at the same time are one call', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => lookups.get(`/asin/${asins[2]}`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(lookups.calls()).toBe(1)
  })

  it('say what is wrong with what was asked', async () => {
    expect(await lookups.get('/asin/036000291452')).toMatchObject({
      status: 422,
      body: {
        type: 'urn:asinstream:problem:invalid-code',
        detail: expect.stringContaining('/lookup takes UPC'),
      },
    })
    expect(await lookups.get('/asin/B0ZZZZZZZZ')).toMatchObject({ status: 404 })
    for (const [path, field] of [
      [`/asin/${asins[0]}?marketplace=MOON`, 'marketplace'],
      [`/asin/${asins[0]}?maxAge=soon`, 'maxAge'],
      [`/asin/${asins[0]}?maxAge=9999d`, 'maxAge'],
      [`/asin/${asins[0]}?maxAge=1&maxAge=2`, 'maxAge'],
      [`/asin/${asins[0]}?country=US`, 'country'],
    ])
      expect(await lookups.get(path!)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
    for (const [body, field] of [
      [[], 'body'],
      [{}, 'asins'],
      [[7], '0'],
      [{ asins: ['A'], marketplace: 'US' }, 'marketplace'],
      [Array(61).fill('A'), 'asins'],
    ])
      expect(await lookups.post('/asin/batch/US', body)).toMatchObject({
        status: 400,
        body: { type: 'urn:asinstream:problem:invalid-fields', errors: [{ field }] },
      })
    expect((await lookups.api.post('/asin/batch/US', 'text/plain', 'A')).status).toBe(415)
    expect((await lookups.api.post('/asin/batch/US', 'application/json', '{')).status).toBe(400)
    expect(lookups.calls()).toBe(1)
  })

  it('are refused to pages of other sites, as they spend quota', async () => {
    const answer = await lookups.api.ask(`/asin/${asins[0]}`, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(answer.status).toBe(403)
    expect(lookups.calls()).toBe(0)
  })

  it('change nothing, so that none of them is audited', async () => {
    await lookups.post('/asin/US', asins[3])
    expect(await lookups.api.db.query(`select 1 from api_audit where path like '/asin%'`)).toEqual([])
  })

  describe('with what products have', () => {
    it('take a candidate that was confirmed lately, with its price', async () => {
      const { db } = lookups.api
      const asin = 'B0PRODUCT1'
      await db.query(`insert into products (sku, upc, title) values ('LOOK-1', '614141007349', 'A thing')`)
      await db.query(
        `update product_syncs s set state = 'success', synced_at = now() - interval '2 hours'
           from products p where p.id = s.product_id and p.sku = 'LOOK-1'`,
      )
      await db.query(
        `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, title, sales_rank, observed_at,
                                         operation, price, shipping, currency, price_observed_at, price_operation)
         select id, $1, $2, true, 0.9, '[]', 'As Amazon has it', 42, now() - interval '9 days', 'test', 12.5, 0, 'USD', now(),
                'getCompetitivePricing' from products where sku = 'LOOK-1'`,
        [US, asin],
      )
      expect((await lookups.get(`/asin/${asin}`)).body).toMatchObject({
        Title: 'As Amazon has it',
        SalesRank: 42,
        source: 'database',
        gtin14s: null,
        price: { amount: '12.50', shipping: '0.00', currency: 'USD', operation: 'getCompetitivePricing' },
      })
      expect(lookups.calls()).toBe(0)
      // The simulated Amazon does not know it.
      expect((await lookups.get(`/asin/${asin}?maxAge=1h`)).status).toBe(404)
      expect(lookups.calls()).toBe(1)
    })
  })
})

describeWith(['postgres'], 'lookups while Amazon is slow or spent', () => {
  it('end with the time limit, and with the client', async () => {
    const calls: Promise<unknown>[] = []
    const silent = createServer((request, response) => {
      if (request.url === '/auth/o2/token') {
        response.setHeader('content-type', 'application/json')
        response.end('{"access_token":"Atza|a","token_type":"bearer","expires_in":3600}')
      } else calls.push(once(response, 'close'))
    })
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const endpoints = { SP_API_ENDPOINT: url, LWA_ENDPOINT: url }
    const hasty = await startLookups({ ...endpoints, REQUEST_TIMEOUT: '0.5' })
    const patient = await startLookups({ ...endpoints, REQUEST_TIMEOUT: '10m' })
    try {
      expect(await hasty.get('/asin/B0AAAAAAAA')).toMatchObject({
        status: 504,
        body: { type: 'urn:asinstream:problem:lookup-timeout', detail: expect.stringContaining('0.5 s') },
      })
      const before = calls.length
      const abort = new AbortController()
      const asked = fetch(`${patient.api.origin}/asin/B0AAAAAAAA`, { signal: abort.signal })
      asked.catch(() => {})
      await waitFor(() => calls.length > before, { what: 'the call to Amazon', timeoutMs: 60_000 })
      abort.abort()
      await expect(asked).rejects.toThrow()
      await calls[before]
      await waitFor(() => patient.api.lines.some((line) => line.includes('went away before its lookup')), {
        what: 'the line that says so',
        timeoutMs: 60_000,
      })
    } finally {
      await Promise.all([hasty.close(), patient.close()])
      silent.close()
    }
  })

  it('say when to come again, and answer what needs no call', async () => {
    // A request in three quarters of an hour: the first one is had at once.
    const lookups = await startLookups({
      SP_API_USAGE_PLANS: 'searchCatalogItems=0.0004/1',
      REQUEST_TIMEOUT: '30',
    })
    try {
      const code = simulatedCode(lookups.amazon, US)
      const [known, other] = [code('multipack').asins[0]!, code('multipack', 1).asins[0]!]
      expect((await lookups.get(`/asin/${known}`)).status).toBe(200)
      const spent = await lookups.get(`/asin/${other}`)
      expect(spent).toMatchObject({
        status: 503,
        body: {
          type: 'urn:asinstream:problem:quota-spent',
          detail: expect.stringContaining('REQUEST_TIMEOUT'),
        },
      })
      const seconds = Number(spent.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(1_000)
      expect(seconds).toBeLessThanOrEqual(2_510)
      const whole = await lookups.post('/asin/batch/US', [other, 'B0ZZZZZZZZ'])
      expect(whole.status).toBe(503)
      expect(Number(whole.headers.get('retry-after'))).toBeGreaterThan(1_000)
      const mixed = await lookups.post('/asin/batch/US', [other, known])
      expect(mixed).toMatchObject({
        status: 200,
        body: {
          successful: 1,
          failed: 1,
          success_rate: 50,
          results: [
            { success: false, error: { code: 'quota-spent', retryAfterSeconds: expect.any(Number) } },
            { success: true, source: 'database' },
          ],
        },
      })
      expect(lookups.calls()).toBe(1)
    } finally {
      await lookups.close()
    }
  })

  it('keep to a limit of one’s own, however large the plan', async () => {
    const lookups = await startLookups({ RATE_LIMIT_CALLS: '1', RATE_LIMIT_WINDOW: '3600' })
    try {
      expect((await lookups.get('/asin/B0ZZZZZZZZ')).status).toBe(404)
      const spent = await lookups.get('/asin/B0ZZZZZZZY')
      expect(spent.body.type).toBe('urn:asinstream:problem:quota-spent')
      const seconds = Number(spent.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(3_000)
      // The bucket keeps a thousandth for clocks that do not run alike, and the jitter of one call.
      expect(seconds).toBeLessThan(3_610)
      expect(lookups.calls()).toBe(1)
    } finally {
      await lookups.close()
    }
  })

  it('say that Amazon refuses, or that nobody can be asked', async () => {
    const lookups = await startLookups()
    try {
      lookups.amazon.revoke({ refreshToken: 'token-of-the-seller' })
      expect(await lookups.get('/asin/B0AAAAAAAA')).toMatchObject({
        status: 409,
        body: { type: 'urn:asinstream:problem:amazon-refused' },
      })
      // Where nobody syncs it is no alarm that Amazon refuses a seller.
      expect((await lookups.get('/metrics')).body).not.toMatch(/asinstream_seller_stopped\{[^}]*\} 1/)
    } finally {
      await lookups.close()
    }
    const without = await startLookups({
      SP_API_CLIENT_ID: '',
      SP_API_CLIENT_SECRET: '',
      SP_API_REFRESH_TOKEN: '',
    })
    try {
      expect(await without.post('/asin/batch/US', ['B0AAAAAAAA'])).toMatchObject({
        status: 409,
        body: {
          type: 'urn:asinstream:problem:amazon-unconfigured',
          detail: expect.stringContaining('SP_API_CLIENT_ID'),
        },
      })
    } finally {
      await without.close()
    }
  })
})
