import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { checkDigit, isbn10Of } from '#libs/gtin/index.ts'
import { describeWith } from '#tests/support/backing.ts'
import { simulatedCode, startLookups } from './testing.ts'

const US = 'ATVPDKIKX0DER'
type Lookups = Awaited<ReturnType<typeof startLookups>>
interface Candidate {
  readonly asin: string
  readonly chosen: boolean
  readonly Title: string
  readonly brand: string
  readonly reasons: readonly string[]
}

describeWith(['postgres'], 'lookups of codes', () => {
  let lookups: Lookups
  let code: ReturnType<typeof simulatedCode>
  beforeAll(async () => {
    lookups = await startLookups()
    code = simulatedCode(lookups.amazon, US)
  })
  afterAll(() => lookups?.close())
  beforeEach(async () => {
    await lookups.api.db.query('truncate looked_up_items, looked_up_codes')
    await lookups.api.db.query('delete from products')
    lookups.amazon.resetStats()
  })

  it('have every candidate, and why one was chosen', async () => {
    const { upc, gtin14, asins, match } = code('variation', 0, 2)
    const { status, body } = await lookups.get(`/lookup/${upc}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      code: upc,
      success: true,
      kind: 'UPC-A',
      gtin14,
      outcome: 'success',
      chosenAsin: match,
      reason: expect.stringContaining(match!),
      matchedAgainst: null,
      source: 'amazon',
      countryCode: 'US',
      error: null,
    })
    expect(body.candidates.map(({ asin }: Candidate) => asin).toSorted()).toEqual(asins.toSorted())
    for (const candidate of body.candidates as Candidate[]) {
      expect(candidate.chosen).toBe(candidate.asin === match)
      expect(candidate.reasons.length).toBeGreaterThan(0)
    }
    const again = await lookups.get(`/lookup/${upc}`)
    expect(again.body).toEqual({ ...body, source: 'database', observedAt: again.body.observedAt })
    // What came with the code is known by its ASIN as well.
    expect((await lookups.get(`/asin/${asins[1]}`)).body.source).toBe('database')
    expect(lookups.calls()).toBe(1)
  })

  it('are one code in every form, and each form says how it was read', async () => {
    const { upc, gtin14, asins } = code('multipack')
    const isbn = '9780804429573'
    expect(isbn10Of(`0${isbn}`)).toBe('080442957X')
    const forms: [string, string, string | null][] = [
      [upc, gtin14, null],
      [upc.padStart(13, '0'), gtin14, null],
      [gtin14, gtin14, null],
      [`'${upc}`, gtin14, 'wrapper'],
      [`UPC: ${upc.slice(0, 1)} ${upc.slice(1, 6)} ${upc.slice(6)}`, gtin14, 'label+separators'],
      [isbn, `0${isbn}`, null],
      ['080442957X', `0${isbn}`, 'isbn_10'],
      ['0-8044-2957-x', `0${isbn}`, 'separators+isbn_10'],
    ]
    const { body } = await lookups.post(
      '/lookup/batch/US',
      forms.map(([form]) => form),
    )
    expect(
      body.results.map((one: { code: string; gtin14: string; repair: string | null }) => [
        one.code,
        one.gtin14,
        one.repair,
      ]),
    ).toEqual(forms)
    expect(body).toMatchObject({ total_requested: 8, successful: 8, failed: 0, success_rate: 100 })
    expect(body.results[2].candidates).toHaveLength(asins.length)
    expect(body.results[6].kind).toBe('ISBN-10')
    expect(lookups.calls()).toBe(1)
    expect(lookups.amazon.stats().searchCatalogItems.firstPages.identifiers).toBe(2)
  })

  it('choose by what is told of the product', async () => {
    const { upc, asins } = code('other_brand')
    const { body } = await lookups.get(`/lookup/${upc}`)
    const other = (body.candidates as Candidate[]).find(({ chosen }) => !chosen)!
    const told = new URLSearchParams({ brand: other.brand, title: other.Title })
    const chosen = await lookups.get(`/lookup/${upc}?${told}`)
    expect(chosen.body).toMatchObject({
      outcome: 'success',
      chosenAsin: other.asin,
      matchedAgainst: { from: 'request', brand: other.brand, title: other.Title, sku: null },
      source: 'database',
    })
    expect(chosen.body.candidates).toHaveLength(asins.length)
    const twins = code('twins')
    expect((await lookups.get(`/lookup/${twins.upc}`)).body).toMatchObject({
      success: true,
      outcome: 'ambiguous',
      chosenAsin: null,
      reason: expect.stringContaining('review them'),
    })
  })

  it('take a product of the catalogue that has the code: its facts, and its answer while it is fresh', async () => {
    const { db } = lookups.api
    const { upc, gtin14, asins } = code('other_brand', 1)
    const { body } = await lookups.get(`/lookup/${upc}?maxAge=0`)
    const other = (body.candidates as Candidate[]).find(({ chosen }) => !chosen)!
    await db.query('insert into products (sku, upc, title, brand) values ($1, $2, $3, $4)', [
      'CODE-1',
      // As a spreadsheet left it.
      upc.replace(/^0+/, ''),
      other.Title,
      other.brand,
    ])
    expect((await lookups.get(`/lookup/${upc}`)).body).toMatchObject({
      chosenAsin: other.asin,
      matchedAgainst: { from: 'catalogue', sku: 'CODE-1', brand: other.brand },
    })
    await db.query('truncate looked_up_codes')
    await db.query(
      `update product_syncs set state = 'ambiguous', synced_at = now() - interval '1 hour', last_reason = 'two of a kind'`,
    )
    await db.query('update products set gtin14 = $1', [gtin14])
    await db.query(
      `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, title, observed_at, operation)
       select id, $1, a.asin, false, 0.5, '["because"]', 'T', now(), 'test' from products, unnest($2::text[]) a (asin)`,
      [US, asins],
    )
    lookups.amazon.resetStats()
    const known = await lookups.get(`/lookup/${upc}`)
    expect(known.body).toMatchObject({
      outcome: 'ambiguous',
      reason: 'two of a kind',
      confidence: null,
      source: 'database',
      matchedAgainst: { from: 'catalogue', sku: 'CODE-1' },
    })
    expect(known.body.candidates.map(({ asin }: Candidate) => asin)).toEqual(asins.toSorted())
    expect(lookups.calls()).toBe(0)
    // To match by something else takes all of what Amazon tells.
    const told = await lookups.get(`/lookup/${upc}?title=Something%20else`)
    expect(told.body).toMatchObject({ source: 'amazon', matchedAgainst: { from: 'request' } })
    expect(lookups.calls()).toBe(1)
  })

  it('look up the item in a case that Amazon does not know', async () => {
    const caseOf = (gtin14: string) => `1${gtin14.slice(1, 13)}${checkDigit(`1${gtin14.slice(1, 13)}`)}`
    const isUnknown = ({ gtin14 }: { readonly gtin14: string }) =>
      lookups.amazon.catalogue.countOf(US, Number(caseOf(gtin14))) === 0
    const { gtin14, match } = Array.from({ length: 40 }, (_, nth) => code('multipack', nth)).find(isUnknown)!
    const cased = caseOf(gtin14)
    const { body } = await lookups.get(`/lookup/${cased}`)
    expect(body).toMatchObject({ kind: 'GTIN-14', gtin14: cased, outcome: 'ambiguous', chosenAsin: null })
    expect(body.reason).toContain('is a case')
    expect(body.candidates.map(({ asin }: Candidate) => asin)).toContain(match)
    expect((await lookups.get(`/lookup/${cased}`)).body.source).toBe('database')
    expect(lookups.calls()).toBe(1)
  })

  it('say that Amazon has nothing, and since when that is known', async () => {
    const { upc } = code('none')
    for (const source of ['amazon', 'database']) {
      expect(await lookups.get(`/lookup/${upc}`)).toMatchObject({
        status: 200,
        body: {
          success: false,
          outcome: 'not_found',
          candidates: [],
          source,
          observedAt: expect.any(String),
          error: { code: 'not-found' },
        },
      })
    }
    expect(lookups.calls()).toBe(1)
  })

  it('say what is wrong with a code and what may be meant, without a call; and take an ASIN for what it is', async () => {
    const wrong = '036000291453'
    const refused = await lookups.get(`/lookup/${wrong}`)
    expect(refused).toMatchObject({
      status: 422,
      body: {
        type: 'urn:asinstream:problem:invalid-code',
        detail: expect.stringContaining('Perhaps'),
        diagnosis: { status: 'invalid', code: 'CHECK_DIGIT', proposals: expect.any(Array) },
      },
    })
    expect(refused.body.diagnosis.proposals.map(({ code }: { code: string }) => code)).toContain(
      '036000291452',
    )
    const { asins, upc } = code('variation', 0, 2)
    const coupon = '512345678900'
    const { status, body } = await lookups.post('/lookup/batch/US', {
      codes: [wrong, '', coupon, asins[0], { code: upc, title: null, brand: ' ', packQuantity: null }, upc],
    })
    expect(status).toBe(200)
    const outcomes = body.results.map((one: { error: { code: string } | null; outcome: string | null }) => [
      one.error?.code ?? null,
      one.outcome,
    ])
    expect(outcomes).toEqual([
      ['invalid-code', null],
      ['invalid-code', null],
      ['invalid-code', null],
      [null, 'success'],
      [null, 'success'],
      [null, 'success'],
    ])
    expect(body.results[2].diagnosis).toMatchObject({ status: 'restricted', code: 'COUPON' })
    expect(body.results[3]).toMatchObject({
      kind: 'ASIN',
      note: expect.stringContaining('is an ASIN'),
      chosenAsin: asins[0],
      gtin14: null,
    })
    expect(body.results[4]).toEqual(body.results[5])
    expect((await lookups.get(`/lookup/${asins[0]}`)).body).toMatchObject({
      kind: 'ASIN',
      source: 'database',
    })
  })

  it('say which field of a body is none', async () => {
    for (const [body, field] of [
      [{ codes: [{ upc: '036000291452' }] }, 'codes.0.code'],
      [{ codes: [{ code: '036000291452', packQuantity: 0 }] }, 'codes.0.packQuantity'],
      [{ codes: ['036000291452'], maxAge: 'soon' }, 'maxAge'],
      ['036000291452', 'body'],
    ]) {
      const answer = await lookups.post('/lookup/batch/US', body)
      expect(answer.status).toBe(400)
      expect(answer.body.errors.map((one: { field: string }) => one.field)).toContain(field)
    }
    expect(await lookups.get('/lookup/036000291452?packQuantity=many')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'packQuantity' }] },
    })
  })
})
