import { afterEach, describe, expect, it } from 'vitest'
import { SellerPool } from './index.ts'
import { refusal } from './test-catalogue.ts'
import {
  errorList,
  item,
  itemsAnswer,
  json,
  openBucket,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  US,
} from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

async function amazon(api: StubHandler) {
  const stub = await startStub({ api })
  stubs.push(stub)
  return { stub, ...testApi(stub.url) }
}

describe('a lookup of ASINs', () => {
  it('asks for twenty in one call, and has the item of each or none', async () => {
    const { stub, api } = await amazon(
      itemsAnswer([item('B000000002'), item('B000000001'), item('B0STRANGER')]),
    )
    const asins = ['B000000001', 'B000000002', 'B00000NONE', 'B000000001']
    const found = await api.lookupAsins({ marketplaceId: 'US', asins })
    expect(
      [...found].map(([asin, one]) => [asin, one.kind === 'items' && one.items.map((i) => i.asin)]),
    ).toEqual([
      ['B000000001', ['B000000001']],
      ['B000000002', ['B000000002']],
      ['B00000NONE', []],
    ])
    expect(stub.requests).toHaveLength(1)
    const query = stub.requests[0]!.url.searchParams
    expect(query.get('identifiersType')).toBe('ASIN')
    expect(query.get('identifiers')).toBe('B000000001,B000000002,B00000NONE')
    // What codes bring decides how many go into a call; ASINs say nothing about that.
    expect(api.batchSize()).toBe(20)
  })

  it('finds the one that Amazon refuses', async () => {
    const { api } = await amazon((request, response) => {
      const asked = request.url.searchParams.get('identifiers')!.split(',')
      if (asked.includes('B000000BAD')) return json(response, 400, refusal)
      json(response, 200, { items: asked.map((asin) => item(asin)) })
    })
    const found = await api.lookupAsins({
      marketplaceId: US,
      asins: ['B000000001', 'B000000BAD', 'B000000003', 'B000000004'],
    })
    expect([...found.values()].map(({ kind }) => kind)).toEqual(['items', 'rejected', 'items', 'items'])
  })

  it.each([
    [[]],
    [['b000000001']],
    [['036000291452']],
    [Array.from({ length: 21 }, (_, i) => `B${String(i).padStart(9, '0')}`)],
  ])('refuses %j before anything is sent', async (asins) => {
    const { stub, api } = await amazon(itemsAnswer([]))
    await expect(api.lookupAsins({ marketplaceId: US, asins })).rejects.toMatchObject({
      code: 'INVALID_LOOKUP',
    })
    expect(stub.requests).toEqual([])
  })
})

describe('who waits for a lookup', () => {
  it('is told at once when the next slot is further away than that', async () => {
    const { stub, api, bucket } = await amazon(itemsAnswer([item('B000000001')]))
    bucket.waitMs = 40_000
    const asins = ['B000000001']
    const found = await api.lookupAsins({ marketplaceId: US, asins }, { maxSlotWaitMs: 30_000 })
    expect(found.get('B000000001')).toMatchObject({
      kind: 'failed',
      failure: 'throttled',
      retryAfterMs: 40_000,
    })
    expect(stub.requests).toEqual([])
    const later = await api.lookupAsins({ marketplaceId: US, asins }, { maxSlotWaitMs: 50_000 })
    expect(later.get('B000000001')?.kind).toBe('items')
  })

  it('is sent to the next seller when Amazon refuses one, and told at once when none is left', async () => {
    const refusing = await startStub({
      api: (_request, response) => json(response, 403, errorList('Unauthorized', 'Access denied')),
    })
    const answering = await startStub({ api: itemsAnswer([item('B000000001')]) })
    stubs.push(refusing, answering)
    const of = (name: string, url: string) => {
      const { api } = testApi(url, { bucket: openBucket() })
      return { name, api, marketplaceIds: [US] }
    }
    const pool = new SellerPool({
      sellers: [of('refused', refusing.url), of('fine', answering.url)],
      log: { debug() {}, info() {}, warn() {} },
    })
    const request = { marketplaceId: US, asins: ['B000000001'] }
    expect((await pool.lookupAsins(request)).get('B000000001')?.kind).toBe('items')
    await pool.setSellers(pool.sellers.filter(({ name }) => name === 'refused'))
    const alone = await pool.lookupAsins(request)
    expect(alone.get('B000000001')).toMatchObject({ kind: 'failed', failure: 'unauthorized' })
    // Nobody experiments while somebody waits, and nobody waits for a seller that is stopped.
    const asked = refusing.requests.length
    expect((await pool.lookupAsins(request)).get('B000000001')).toMatchObject({ failure: 'unauthorized' })
    expect(refusing.requests.length).toBe(asked)
    await pool.close()
  })
})
