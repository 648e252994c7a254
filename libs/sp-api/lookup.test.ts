import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { toGtin14 } from '#libs/gtin/index.ts'
import type { Lookup } from './lookup.ts'
import {
  errorList,
  gtin,
  item,
  json,
  type Stub,
  type StubHandler,
  type StubRequest,
  startStub,
  testApi,
} from './test-support.ts'

const US = 'ATVPDKIKX0DER'
const codes = (count: number, from = 0) => Array.from({ length: count }, (_, i) => gtin(from + i))
const refusal = errorList('InvalidInput', 'Request contains an invalid identifier.')

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

async function setUp(api: StubHandler, options: Parameters<typeof testApi>[1] = {}) {
  const stub = await startStub({ api })
  stubs.push(stub)
  const setup = testApi(stub.url, options)
  const lookup = (gtin14s: readonly string[], marketplaceId = US) =>
    setup.api.lookupCodes({ marketplaceId, gtin14s })
  return { stub, lookup, ...setup }
}

const asked = (request: StubRequest): string[] =>
  (request.url.searchParams.get('identifiers') ?? '').split(',').map((one) => toGtin14(one) ?? one)

const asinOf = (code: string) => `B${code.slice(-9)}`

/** One item per code, except that any of `bad` makes Amazon refuse the whole search. */
function catalogue(options: {
  bad?: readonly string[]
  down?: readonly string[]
  refuseAll?: () => boolean
}): StubHandler {
  return (request, response) => {
    const wanted = asked(request)
    if (options.refuseAll?.() || wanted.some((code) => options.bad?.includes(code)))
      return json(response, 400, refusal)
    if (wanted.some((code) => options.down?.includes(code))) return json(response, 503, {})
    const items = wanted.map((code) => item(asinOf(code), ['EAN', code.slice(1)]))
    json(response, 200, { numberOfResults: items.length, items })
  }
}

const kinds = (outcomes: Map<string, Lookup>) => [...outcomes.values()].map((outcome) => outcome.kind)

describe('a lookup', () => {
  it('asks for twenty codes in one call and joins items by GTIN-14, whatever form Amazon answers', async () => {
    const isbn = '09780306406157'
    const [upc, ean, two, none] = codes(4) as [string, string, string, string]
    const { stub, lookup, logged } = await setUp((_q, response) =>
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
    const { stub, lookup } = await setUp((request, response) => {
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
    const { stub, lookup } = await setUp((request, response) =>
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
    const { stub, lookup } = await setUp((request, response) =>
      request.url.searchParams.has('pageToken')
        ? json(response, 400, refusal)
        : json(response, 200, { numberOfResults: 30, items: [], pagination: { nextToken: 'x' } }),
    )
    expect(kinds(await lookup(codes(8)))).toEqual(Array(8).fill('failed'))
    expect(stub.requests).toHaveLength(2)
  })

  it('with more items than Amazon lets anybody page through is split, so that no code is lost', async () => {
    const [many, few] = codes(2) as [string, string]
    const { lookup, stub } = await setUp((request, response) => {
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
    const found = await setUp((_q, response) => json(response, 404, errorList('NotFound', 'nothing')))
    expect(await found.lookup(codes(2))).toEqual(
      new Map(
        codes(2).map((code) => [
          code,
          expect.objectContaining({ kind: 'items', items: [], httpStatus: 404 }),
        ]),
      ),
    )
    const other = await setUp((_q, response) => json(response, 404, { hello: 'world' }))
    expect(kinds(await other.lookup(codes(2)))).toEqual(['failed', 'failed'])
  })

  it('refuses what it can not ask, and says what to do', async () => {
    const { lookup, stub } = await setUp(catalogue({}))
    await expect(lookup([])).rejects.toThrow(/1 to 20 different codes, not 0/)
    await expect(lookup(codes(21))).rejects.toThrow(/split it/)
    await expect(lookup(['036000291452'])).rejects.toThrow(/pad valid codes/)
    await expect(lookup(codes(1), 'XX')).rejects.toThrow(/unknown marketplace "XX"/)
    expect(stub.requests).toHaveLength(0)
    expect((await lookup([gtin(1), gtin(1)], 'US')).size).toBe(1)
  })
})

describe('a refused search', () => {
  it('is halved until the bad code stands alone, and all others are answered', async () => {
    const wanted = codes(20)
    for (const bad of [wanted[0]!, wanted[13]!, wanted[19]!]) {
      const { lookup, stub } = await setUp(catalogue({ bad: [bad] }))
      const outcomes = await lookup(wanted)
      for (const [code, outcome] of outcomes) {
        if (code === bad) expect(outcome).toMatchObject({ kind: 'rejected', httpStatus: 400 })
        else expect(outcome).toMatchObject({ kind: 'items', items: [{ asin: asinOf(code) }] })
      }
      expect(outcomes.get(bad)).toMatchObject({ reason: expect.stringMatching(/invalid identifier/) })
      expect(stub.requests.some((request) => asked(request).join() === bad)).toBe(true)
      expect(stub.requests.length).toBeLessThanOrEqual(11)
    }
  })

  it('finds any set of bad codes, and asks for no more than halving in full would', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.uniqueArray(fc.nat(19), { maxLength: 19 }),
        async (count, badPositions) => {
          const wanted = codes(count)
          const bad = badPositions.flatMap((position) => wanted[position] ?? [])
          fc.pre(bad.length < count || count < 4)
          const { lookup, stub } = await setUp(catalogue({ bad }))
          const outcomes = await lookup(wanted)
          expect([...outcomes.keys()]).toEqual(wanted)
          for (const [code, outcome] of outcomes)
            expect(outcome.kind).toBe(bad.includes(code) ? 'rejected' : 'items')
          expect(stub.requests.length).toBeLessThanOrEqual(2 * count - 1)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('has halves that fail alone', async () => {
    const wanted = codes(8)
    const { lookup } = await setUp(catalogue({ bad: [wanted[6]!], down: [wanted[1]!] }))
    const outcomes = await lookup(wanted)
    expect(kinds(outcomes)).toEqual([...Array(4).fill('failed'), 'items', 'items', 'rejected', 'items'])
    expect(outcomes.get(wanted[0]!)).toMatchObject({ failure: 'unavailable', httpStatus: 503 })
  })

  it('counts the requests that each code took part in', async () => {
    const wanted = codes(4)
    const { lookup } = await setUp(catalogue({ bad: [wanted[0]!] }))
    expect([...(await lookup(wanted)).values()].map((outcome) => outcome.calls)).toEqual([3, 3, 2, 2])
  })
})

describe('a marketplace that refuses everything', () => {
  it('fails the batch with its message, and later batches cost one call', async () => {
    const { lookup, stub } = await setUp(catalogue({ refuseAll: () => true }))
    const first = await lookup(codes(20))
    for (const outcome of first.values())
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: 'failed',
        reason: expect.stringMatching(/refuses every search.*invalid identifier/),
      })
    expect(stub.requests.length).toBeLessThanOrEqual(39)
    const before = stub.requests.length
    for (const count of [20, 20, 1])
      for (const outcome of (await lookup(codes(count, 100))).values()) expect(outcome.kind).toBe('failed')
    expect(stub.requests.length).toBe(before + 3)
    // Another marketplace is another matter.
    expect(kinds(await lookup(codes(1), 'DE'))).toEqual(['rejected'])
  })

  it('is found out by one of several batches at a time', async () => {
    const { lookup, stub } = await setUp(catalogue({ refuseAll: () => true }))
    const batches = await Promise.all([0, 100, 200, 300].map((from) => lookup(codes(20, from))))
    expect(batches.flatMap(kinds)).toEqual(Array(80).fill('failed'))
    expect(stub.requests.length).toBeLessThanOrEqual(39 + 3)
  })

  it('is forgiven with the first answer', async () => {
    let refuseAll = true
    const bad = gtin(3)
    const { lookup, stub } = await setUp(catalogue({ refuseAll: () => refuseAll, bad: [bad] }))
    await lookup(codes(8))
    refuseAll = false
    // Still taken for systemic, with the bad code inside …
    expect(kinds(await lookup(codes(8)))).toEqual(Array(8).fill('failed'))
    // … until a search succeeds.
    await lookup(codes(2, 50))
    expect(kinds(await lookup(codes(8))).filter((kind) => kind === 'rejected')).toHaveLength(1)
    expect(stub.requests.length).toBeLessThan(40)
  })

  it('is looked into again after a while', async () => {
    const { lookup, stub, clock } = await setUp(catalogue({ refuseAll: () => true }))
    await lookup(codes(4))
    clock.advance(11 * 60_000)
    await lookup(codes(4))
    expect(stub.requests).toHaveLength(14)
  })

  it('is not concluded from three codes', async () => {
    const { lookup } = await setUp(catalogue({ refuseAll: () => true }))
    expect(kinds(await lookup(codes(3)))).toEqual(Array(3).fill('rejected'))
  })
})

describe('the batch size', () => {
  it('falls when codes bring several items each', async () => {
    const { api, lookup } = await setUp((request, response) => {
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
