import { afterEach, describe, expect, it } from 'vitest'
import { asinOf, asked, catalogue, codes, kinds, manyCodes, refusal } from './test-catalogue.ts'
import { errorList, gtin, item, json, type Stub, type StubRequest } from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

describe('a lookup', () => {
  it('asks for twenty codes in one call and joins items by GTIN-14, whatever form Amazon answers', async () => {
    const isbn = '09780306406157'
    const [upc, ean, two, none] = codes(4) as [string, string, string, string]
    const { stub, lookup, logged } = await manyCodes(stubs, (_q, response) =>
      json(response, 200, {
        numberOfResults: 5,
        items: [
          item('B000000001', ['UPC', upc.slice(2)]),
          item('B000000002', ['EAN', ean.slice(1)], ['GTIN', two]),
          item('B000000003', ['GTIN', two]),
          item('0306406152', ['ISBN', '0306406152']),
          item('B000000009', ['UPC', gtin(999).slice(2)], ['SKU', none.slice(2)]),
        ],
      }),
    )
    const outcomes = await lookup([upc, ean, two, none, isbn])
    const asins = [...outcomes].map(([code, outcome]) => [
      code,
      outcome.kind === 'items' && outcome.items.map((one) => one.asin),
    ])
    expect(asins).toEqual([
      [upc, ['B000000001']],
      [ean, ['B000000002']],
      [two, ['B000000002', 'B000000003']],
      [none, []],
      [isbn, ['0306406152']],
    ])
    expect(stub.requests).toHaveLength(1)
    expect(stub.requests[0]!.url.searchParams.get('identifiersType')).toBe('EAN')
    expect(logged.join()).toMatch(/"strangers":1/)
  })

  it('follows pages with the same parameters, counting calls', async () => {
    const wanted = codes(3)
    const { stub, lookup } = await manyCodes(stubs, (request, response) => {
      const page = Number(request.url.searchParams.get('pageToken') ?? '0')
      const items = wanted.slice(page, page + 1).map((code) => item(asinOf(code), ['UPC', code.slice(2)]))
      const pagination = page < 2 ? { pagination: { nextToken: String(page + 1) } } : {}
      json(response, 200, { numberOfResults: 3, items, ...pagination })
    })
    const outcomes = await lookup(wanted)
    expect([...outcomes.values()].map((outcome) => outcome.kind === 'items' && outcome.items.length)).toEqual(
      [1, 1, 1],
    )
    expect([...outcomes.values()].map((outcome) => outcome.calls)).toEqual([3, 3, 3])
    const [first, second, third] = stub.requests.map((request) =>
      Object.fromEntries(request.url.searchParams),
    )
    expect(second).toEqual({ ...first, pageToken: '1' })
    expect(third).toEqual({ ...first, pageToken: '2' })
  })

  it.each<[string, (request: StubRequest) => object]>([
    ['the same token again and again', () => ({ nextToken: 'again' })],
    ['ever new tokens without items', (request) => ({ nextToken: `token-${request.count}` })],
  ])('fails on pages that do not end: %s', async (_name, pagination) => {
    const { stub, lookup } = await manyCodes(stubs, (request, response) =>
      json(response, 200, { numberOfResults: 0, items: [], pagination: pagination(request) }),
    )
    const outcome = (await lookup(codes(1))).get(gtin(0))
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: 'failed',
      reason: expect.stringMatching(/do not end/),
    })
    expect(stub.requests.length).toBeLessThanOrEqual(101)
  })

  it('whose further page is refused is failed, not rejected', async () => {
    const { stub, lookup } = await manyCodes(stubs, (request, response) =>
      request.url.searchParams.has('pageToken')
        ? json(response, 400, refusal)
        : json(response, 200, { numberOfResults: 30, items: [], pagination: { nextToken: 'x' } }),
    )
    expect(kinds(await lookup(codes(8)))).toEqual(Array(8).fill('failed'))
    expect(stub.requests).toHaveLength(2)
  })

  it('with more items than Amazon lets anybody page through is split, so that no code is lost', async () => {
    const [many, few] = codes(2) as [string, string]
    const { lookup, stub } = await manyCodes(stubs, (request, response) => {
      const page = Number(request.url.searchParams.get('pageToken') ?? '0')
      if (!asked(request).includes(many))
        return json(response, 200, { numberOfResults: 1, items: [item('B000000FEW', ['UPC', few.slice(2)])] })
      const items = Array.from({ length: 20 }, (_, i) =>
        item(`B${String(page * 20 + i).padStart(9, '0')}`, ['UPC', many.slice(2)]),
      )
      json(response, 200, { numberOfResults: 5_000, items, pagination: { nextToken: String(page + 1) } })
    })
    const outcomes = await lookup([many, few])
    expect(outcomes.get(many)).toMatchObject({ kind: 'items' })
    expect(outcomes.get(few)).toMatchObject({ kind: 'items', items: [{ asin: 'B000000FEW' }] })
    expect(stub.requests).toHaveLength(50 + 50 + 1)
  })

  it("takes Amazon's 404 for a search as nothing found, and another 404 as a failure", async () => {
    const found = await manyCodes(stubs, (_q, response) =>
      json(response, 404, errorList('NotFound', 'nothing')),
    )
    expect(await found.lookup(codes(2))).toEqual(
      new Map(
        codes(2).map((code) => [
          code,
          expect.objectContaining({ kind: 'items', items: [], httpStatus: 404 }),
        ]),
      ),
    )
    const other = await manyCodes(stubs, (_q, response) => json(response, 404, { hello: 'world' }))
    expect(kinds(await other.lookup(codes(2)))).toEqual(['failed', 'failed'])
  })

  it('refuses what it can not ask, and says what to do', async () => {
    const { lookup, stub } = await manyCodes(stubs, catalogue({}))
    await expect(lookup([])).rejects.toThrow(/1 to 20 different codes, not 0/)
    await expect(lookup(codes(21))).rejects.toThrow(/split it/)
    await expect(lookup(['036000291452'])).rejects.toThrow(/pad valid codes/)
    await expect(lookup(codes(1), 'XX')).rejects.toThrow(/unknown marketplace "XX"/)
    expect(stub.requests).toHaveLength(0)
    expect((await lookup([gtin(1), gtin(1)], 'US')).size).toBe(1)
  })
})

describe('the batch size', () => {
  it('falls when codes bring several items each', async () => {
    const { api, lookup } = await manyCodes(stubs, (request, response) => {
      const items = asked(request).flatMap((code, i) =>
        Array.from({ length: 1 + (i % 2) }, (_, k) => item(`B${code.slice(-8)}${k}`, ['UPC', code.slice(2)])),
      )
      const page = Number(request.url.searchParams.get('pageToken') ?? '0')
      const rest = (page + 1) * 20 < items.length ? { pagination: { nextToken: String(page + 1) } } : {}
      json(response, 200, {
        numberOfResults: items.length,
        items: items.slice(page * 20, page * 20 + 20),
        ...rest,
      })
    })
    expect(api.batchSize()).toBe(20)
    for (let i = 0; i < 40; i++) await lookup(codes(20, i * 20))
    expect(api.batchSize()).toBeLessThan(15)
  })
})
