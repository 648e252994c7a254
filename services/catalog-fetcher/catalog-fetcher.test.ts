import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadConfig } from '#libs/service/config.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { parseSearchPage } from '#libs/sp-api/catalog-answer.ts'
import { type CodeLookups, type Lookup, SpApiInputError } from '#libs/sp-api/index.ts'
import { testProcessor } from '#libs/stream/testing.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { createCatalogFetcher } from './catalog-fetcher.ts'

const US = 'ATVPDKIKX0DER'
const meta = {
  observedAt: 1_792_000_000_000,
  responseTimeMs: 80,
  amazonRequestId: 'r-1',
  httpStatus: 200,
  calls: 1,
}
const unknown: Lookup = { ...meta, kind: 'items', items: [] }
const failed = (
  failure: Extract<Lookup, { kind: 'failed' }>['failure'],
  httpStatus: number | null = null,
): Lookup => ({
  ...meta,
  httpStatus,
  kind: 'failed',
  failure,
  reason: 'it failed',
  retryAfterMs: 4_000,
})

const request = (more: Partial<SyncRequest> = {}): SyncRequest => ({
  productId: '0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a01',
  marketplaceId: US,
  attempt: 1,
  upc: '036000291452',
  codeStatus: 'valid',
  codeReason: null,
  gtin14: '00036000291452',
  repair: null,
  title: 'Facial tissues',
  brand: null,
  packQuantity: null,
  requestedAt: 1_792_000_000_000,
  ...more,
})

/** Amazon as far as this service sees it; `calls` has the codes of each lookup. */
function amazon(answer: (gtin14: string) => Lookup) {
  const calls: (readonly string[])[] = []
  const spApi: CodeLookups = {
    async lookupCodes({ gtin14s }) {
      calls.push(gtin14s)
      return new Map(gtin14s.map((gtin14) => [gtin14, answer(gtin14)]))
    },
    batchSize: () => 20,
  }
  return { spApi, calls }
}

async function fetchAll(spApi: CodeLookups, values: readonly SyncRequest[]) {
  const processor = createCatalogFetcher({ spApi, config: loadConfig({}), metrics: createMetrics() })
  const tested = await testProcessor(processor, values, { codec: createLocalCodec() })
  return tested.map(({ verdict, emits }) => ({ verdict, result: emits[0]?.value as SyncResult | undefined }))
}

it.each<[string, Lookup, SyncResult['outcome']]>([
  ['throttled', failed('throttled', 429), 'throttled'],
  ['timeout', failed('timeout'), 'timeout'],
  ['unauthorized', failed('unauthorized', 403), 'unauthorized'],
  ['unavailable', failed('unavailable', 503), 'unavailable'],
  ['no connection', failed('unavailable'), 'unavailable'],
  ['an outage that answers with 500', failed('unavailable', 500), 'unavailable'],
  ['an error of this very request', failed('failed', 500), 'failed'],
  ['an answer that can not be read', failed('failed', 200), 'failed'],
  ['a refused code', { ...meta, kind: 'rejected', reason: 'no such type' }, 'invalid_upc'],
  ['an unknown code', unknown, 'not_found'],
])('reports %s and decides nothing', async (_, lookup, outcome) => {
  const [{ verdict, result } = {}] = await fetchAll(amazon(() => lookup).spApi, [request()])
  expect(verdict?.kind).toBe('done')
  expect(result).toMatchObject({ outcome, attempt: 1, candidates: [] })
  expect(result?.retryAfterMs).toBe(lookup.kind === 'failed' ? 4_000 : null)
})

it('asks once for a code that several products have, and not at all for one that is wrong', async () => {
  const { spApi, calls } = amazon(() => unknown)
  const results = await fetchAll(spApi, [
    request(),
    request({ productId: '0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a02' }),
    request({ codeStatus: 'invalid', gtin14: null, codeReason: 'no digits' }),
    request({ codeStatus: 'restricted', codeReason: 'in-store code' }),
  ])
  expect(calls).toEqual([['00036000291452']])
  expect(results.map(({ result }) => result?.outcome)).toEqual([
    'not_found',
    'not_found',
    'invalid_upc',
    'restricted',
  ])
})

it('asks for the item in the case when Amazon does not know the case, and says when that failed', async () => {
  const { spApi, calls } = amazon((gtin14) => (gtin14.startsWith('1') ? unknown : failed('timeout')))
  const [{ result } = {}] = await fetchAll(spApi, [
    request({ gtin14: '10036000291459', upc: '10036000291459' }),
  ])
  expect(calls).toEqual([['10036000291459'], ['00036000291452']])
  expect(result).toMatchObject({ outcome: 'timeout', reason: expect.stringContaining('item in the case') })
})

it('asks for nothing that nobody waits for any more, and says nothing of it', async () => {
  const { spApi, calls } = amazon(() => unknown)
  const processor = createCatalogFetcher({
    spApi,
    config: loadConfig({}),
    metrics: createMetrics(),
    dropped: async (requests) => new Set(requests.flatMap(({ attempt }, at) => (attempt === 7 ? [at] : []))),
  })
  const values = [
    request({ attempt: 7 }),
    request({ gtin14: '04006381333931', upc: '4006381333931' }),
    request({ codeStatus: 'invalid', gtin14: null, codeReason: 'no digits', attempt: 7 }),
  ]
  const tested = await testProcessor(processor, values, { codec: createLocalCodec() })
  expect(calls).toEqual([['04006381333931']])
  expect(tested.map(({ verdict, emits }) => [verdict.kind, emits.length])).toEqual([
    ['drop', 0],
    ['done', 1],
    ['drop', 0],
  ])
})

it('keeps a failure of one code from its neighbours', async () => {
  const { spApi } = amazon((gtin14) => (gtin14 === '00036000291452' ? failed('timeout') : unknown))
  const results = await fetchAll(spApi, [
    request(),
    request({ gtin14: '04006381333931', upc: '4006381333931' }),
  ])
  expect(results.map(({ result }) => result?.outcome)).toEqual(['timeout', 'not_found'])
})

it('rejects records of a marketplace that is none, and a code that is no code, and keeps the others', async () => {
  const none = new SpApiInputError('UNKNOWN_MARKETPLACE', 'there is no marketplace "MOON"')
  const { spApi } = amazon(() => unknown)
  const picky: CodeLookups = {
    ...spApi,
    lookupCodes: (asked, options) =>
      asked.marketplaceId === US ? spApi.lookupCodes(asked, options) : Promise.reject(none),
  }
  const results = await fetchAll(picky, [
    request({ marketplaceId: 'MOON' }),
    request({ gtin14: '12' }),
    request(),
  ])
  expect(results.map(({ verdict }) => verdict.kind)).toEqual(['reject', 'reject', 'done'])
})

it('ends on what is no answer of Amazon at all: a fault of its own', async () => {
  const { spApi } = amazon(() => {
    throw new TypeError('a bug')
  })
  await expect(fetchAll(spApi, [request()])).rejects.toThrow('a bug')
})

const examples = new URL(`../../schemas/${SYNC_REQUESTS}/`, import.meta.url)
it.each(readdirSync(examples).filter((name) => name.includes('.example-')))(
  'has a result for %s',
  async (name) => {
    const example = JSON.parse(readFileSync(new URL(name, examples), 'utf8')) as SyncRequest
    const [{ verdict, result } = {}] = await fetchAll(amazon(() => unknown).spApi, [example])
    expect(verdict?.kind).toBe('done')
    expect(result?.productId).toBe(example.productId)
  },
)

it.each<[string, Partial<SyncRequest>, string]>([
  ['a product id that is none', { productId: 'not a uuid' }, 'productId is not a UUID: "not a uuid"'],
  ['an attempt that was never made', { attempt: 0 }, 'attempt 0'],
  ['a code that is none', { gtin14: 'x'.repeat(1_000) }, 'gtin14 is not a code of 14 digits: "xxx'],
  ['no code at all', { gtin14: null }, 'gtin14 is not a code of 14 digits: none'],
])('rejects %s and spends no call on it', async (_, absurd, reason) => {
  const { spApi, calls } = amazon(() => unknown)
  const [bad, good] = await fetchAll(spApi, [request(absurd), request({ gtin14: '00012345678905' })])
  expect(bad?.verdict).toMatchObject({ kind: 'reject', reason: expect.stringContaining(reason) })
  expect(good?.result?.outcome).toBe('not_found')
  expect(calls).toEqual([['00012345678905']])
})

const asin = (number: number): string => `B${String(number).padStart(9, '0')}`
const item = (number: number, more: object): object => ({
  asin: asin(number),
  identifiers: [{ marketplaceId: US, identifiers: [{ identifierType: 'UPC', identifier: '036000291452' }] }],
  ...more,
})
const long = 'ä'.repeat(2_000_000)

it.each<[string, readonly object[]]>([
  ['a quantity beyond 32 bits', [item(1, { summaries: [{ marketplaceId: US, packageQuantity: 3e9 }] })]],
  ['a quantity beyond all bits', [item(1, { summaries: [{ marketplaceId: US, packageQuantity: 1e300 }] })]],
  [
    'a rank at the end of the safe integers',
    [item(1, { salesRanks: [{ marketplaceId: US, displayGroupRanks: [{ rank: 2 ** 53 - 1 }] }] })],
  ],
  ['a title of megabytes', [item(1, { summaries: [{ marketplaceId: US, itemName: long, brand: long }] })]],
  [
    'a link of megabytes',
    [item(1, { images: [{ marketplaceId: US, images: [{ variant: 'MAIN', link: `https://${long}` }] }] })],
  ],
  [
    'a unit of megabytes',
    [item(1, { dimensions: [{ marketplaceId: US, item: { height: { unit: long, value: 1 } } }] })],
  ],
  [
    'a thousand items with long titles',
    Array.from({ length: 1_000 }, (_, index) =>
      item(index, { summaries: [{ marketplaceId: US, itemName: 'ä'.repeat(1_000) }] }),
    ),
  ],
])('has a result that the log takes, whatever Amazon answers: %s', async (_, items) => {
  const found: Lookup = { ...meta, kind: 'items', items: parseSearchPage({ items }).items }
  const codec = createLocalCodec()
  const [fetched] = await fetchAll(amazon(() => found).spApi, [request()])
  const record = await codec.encode(SYNC_RESULTS, fetched!.result!)
  // Brokers take 1 MiB, with what a record weighs besides.
  expect(record.length).toBeLessThan(1_000_000)
  expect(fetched!.result!.candidates[0]).toMatchObject({ asin: expect.stringMatching(/^B0/) })
})
