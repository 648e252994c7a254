import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../clock.ts'
import { getOrder as getOrder2026 } from '../operations/generated/orders-2026-01-01.ts'
import * as ordersV0 from '../operations/generated/orders-v0.ts'
import { getReport, getReportDocument, getReports } from '../operations/generated/reports-2021-06-30.ts'
import { SecretScrubber } from '../secrets.ts'
import {
  errorList,
  json,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  testClock,
  tokenAnswer,
  US,
} from '../test-support.ts'
import { TokenCache } from './token-cache.ts'

/** Repeats for the sake of a slow machine would be counted. */
const patient = { connectMs: 15_000, headersMs: 15_000, bodyMs: 15_000, totalMs: 15_000 }
const TOKEN_PATH = '/tokens/2021-03-01/restrictedDataToken'
const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

interface Setup extends ReturnType<typeof testApi> {
  readonly stub: Stub
  /** What restricted data tokens were asked for, and which token each other request bore. */
  asked(): unknown[]
  sent(): [path: string, token: string][]
}

async function setUp(answers: StubHandler, rdt?: StubHandler): Promise<Setup> {
  let issued = 0
  const stub = await startStub({
    lwa: tokenAnswer(),
    api: (request, response) => {
      if (request.url.pathname !== TOKEN_PATH) return answers(request, response)
      if (rdt) return rdt(request, response)
      json(response, 200, { restrictedDataToken: `Atz.sprdt|${++issued}`, expiresIn: 3_600 })
    },
  })
  stubs.push(stub)
  const others = () => stub.requests.filter(({ url }) => url.pathname !== TOKEN_PATH)
  return {
    stub,
    ...testApi(stub.url, { homeMarketplaceId: US, timeouts: patient }),
    asked: () =>
      stub.requests
        .filter(({ url }) => url.pathname === TOKEN_PATH)
        .flatMap(({ body }) => JSON.parse(body).restrictedResources),
    sent: () => others().map(({ url, headers }) => [url.pathname, String(headers['x-amz-access-token'])]),
  }
}

const empty: StubHandler = (_request, response) => json(response, 200, {})
const document: StubHandler = (_request, response) =>
  json(response, 200, { reportDocumentId: 'D1', url: 'https://documents.example/1' })
const RESTRICTED_REPORT = 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING'

describe('pain 9, personal data that comes back null or 403', () => {
  it('a restricted operation gets its token by itself, one for all orders', async () => {
    const setup = await setUp(empty)
    const ids = ['902-1', '902-2', '902-3']
    await Promise.all(ids.map((orderId) => setup.api.call(ordersV0.getOrderAddress, { orderId })))
    expect(setup.asked()).toEqual([{ method: 'GET', path: '/orders/v0/orders/{orderId}/address' }])
    expect(setup.sent().map(([, token]) => token)).toEqual(Array(3).fill('Atz.sprdt|1'))
    // The token itself is asked for with the seller's.
    const first = setup.stub.requests.find(({ url }) => url.pathname === TOKEN_PATH)
    expect(first?.headers['x-amz-access-token']).toBe('Atza|access-1')
    expect(setup.stub.tokenRequests).toHaveLength(1)
  })

  it('data elements are asked for where there is a choice; without, the seller’s token does', async () => {
    const setup = await setUp(empty)
    const call = (...dataElements: ('buyerInfo' | 'shippingAddress')[]) =>
      setup.api.call(ordersV0.getOrder, { orderId: '902-1' }, { dataElements })
    await call()
    await call('shippingAddress', 'buyerInfo')
    await call('buyerInfo', 'shippingAddress')
    await call('buyerInfo')
    const path = '/orders/v0/orders/{orderId}'
    expect(setup.asked()).toEqual([
      { method: 'GET', path, dataElements: ['shippingAddress', 'buyerInfo'] },
      { method: 'GET', path, dataElements: ['buyerInfo'] },
    ])
    expect(setup.sent().map(([, token]) => token)).toEqual([
      'Atza|access-1',
      'Atz.sprdt|1',
      'Atz.sprdt|1',
      'Atz.sprdt|2',
    ])
  })

  it('the Orders API 2026-01-01 needs none, and says so when data elements are asked for', async () => {
    const setup = await setUp(empty)
    await setup.api.call(getOrder2026, { orderId: '902-1' }).catch(() => {})
    expect(setup.sent()).toEqual([['/orders/2026-01-01/orders/902-1', 'Atza|access-1']])
    await expect(
      setup.api.call(getOrder2026, { orderId: '902-1' }, { dataElements: ['buyerInfo'] }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('includedData') })
    expect(setup.asked()).toEqual([])
  })

  it('no path of a token ends with a slash, which would make one that is refused', async () => {
    const setup = await setUp(empty)
    const orderId = '902-1'
    const options = { dataElements: ['buyerInfo'] as const }
    await setup.api.call(ordersV0.getOrders, { MarketplaceIds: [US], CreatedAfter: '2026-01-01' }, options)
    await setup.api.call(ordersV0.getOrderItems, { orderId }, options)
    await setup.api.call(ordersV0.getOrderBuyerInfo, { orderId })
    await setup.api.call(ordersV0.getOrderItemsBuyerInfo, { orderId })
    await setup.api.call(ordersV0.getOrderRegulatedInfo, { orderId }).catch(() => {})
    expect(setup.asked()).toHaveLength(5)
    for (const resource of setup.asked()) expect(resource).toMatchObject({ path: /[^/]$/ })
  })

  it('a report’s document needs a token of its own path when the report holds personal data', async () => {
    const setup = await setUp(document)
    const get = (reportDocumentId: string, reportType?: string) =>
      setup.api.call(getReportDocument, { reportDocumentId }, { reportType })
    await get('amzn1.spdoc.1', 'GET_MERCHANT_LISTINGS_ALL_DATA')
    await get('amzn1.spdoc.2', RESTRICTED_REPORT)
    await get('amzn1.spdoc.2', RESTRICTED_REPORT)
    await get('amzn1.spdoc.3', RESTRICTED_REPORT)
    const path = '/reports/2021-06-30/documents/amzn1.spdoc.'
    expect(setup.asked()).toEqual([
      { method: 'GET', path: `${path}2` },
      { method: 'GET', path: `${path}3` },
    ])
    expect(setup.sent().map(([, token]) => token)).toEqual([
      'Atza|access-1',
      'Atz.sprdt|1',
      'Atz.sprdt|1',
      'Atz.sprdt|2',
    ])
  })

  it.each([
    ['getReport', getReport, { reportId: 'R1' }, (report: object) => report],
    [
      'getReports',
      getReports,
      { reportTypes: [RESTRICTED_REPORT] },
      (report: object) => ({ reports: [report] }),
    ],
  ] as const)('the type of a report is known from %s', async (_, operation, parameters, body) => {
    const report = {
      reportId: 'R1',
      reportType: RESTRICTED_REPORT,
      createdTime: '2026-01-01T00:00:00Z',
      processingStatus: 'DONE',
      reportDocumentId: 'D 1',
    }
    const setup = await setUp((request, response) =>
      request.url.pathname.includes('/documents/')
        ? document(request, response)
        : json(response, 200, body(report)),
    )
    await setup.api.call(operation as typeof getReport, parameters as { reportId: string })
    await setup.api.call(getReportDocument, { reportDocumentId: 'D 1' })
    expect(setup.asked()).toEqual([{ method: 'GET', path: '/reports/2021-06-30/documents/D%201' }])
  })
})

describe('a restricted data token', () => {
  const orderId = '902-1'

  it('is renewed ahead, and once when Amazon says that it has expired', async () => {
    let expired = true
    const setup = await setUp((request, response) => {
      if (!expired) return empty(request, response)
      expired = false
      json(
        response,
        403,
        errorList(
          'Unauthorized',
          'Access to requested resource is denied.',
          'The access token you provided has expired.',
        ),
      )
    })
    await setup.api.call(ordersV0.getOrderAddress, { orderId })
    expect(setup.sent().map(([, token]) => token)).toEqual(['Atz.sprdt|1', 'Atz.sprdt|2'])
    setup.clock.advance(3_200_000)
    await setup.api.call(ordersV0.getOrderAddress, { orderId })
    await expect.poll(() => setup.asked().length).toBe(3)
    await setup.api.call(ordersV0.getOrderAddress, { orderId })
    expect(
      setup
        .sent()
        .slice(2)
        .map(([, token]) => token),
    ).toEqual(['Atz.sprdt|2', 'Atz.sprdt|3'])
  })

  it('that the roles do not allow fails the call with a reason, without a request of it, and is not asked for again at once', async () => {
    const setup = await setUp(empty, (_request, response) =>
      json(response, 403, errorList('Unauthorized', 'Access to requested resource is denied.')),
    )
    const call = () => setup.api.call(ordersV0.getOrderAddress, { orderId })
    const denied = { kind: 'unauthorized', httpStatus: 403, operation: 'createRestrictedDataToken' }
    await expect(call()).rejects.toMatchObject(denied)
    await expect(call()).rejects.toMatchObject({ ...denied, retryAfterMs: expect.any(Number) })
    expect(setup.asked()).toHaveLength(1)
    expect(setup.sent()).toEqual([])
  })

  it('takes a slot of its own usage plan', async () => {
    const setup = await setUp(empty)
    await setup.api.call(ordersV0.getOrderAddress, { orderId })
    expect(setup.bucket.keys.map(({ operation }) => operation)).toEqual([
      'createRestrictedDataToken',
      'getOrderAddress',
    ])
  })

  it('never shows', async () => {
    const setup = await setUp((_request, response) =>
      json(response, 400, errorList('InvalidInput', 'not with Atz.sprdt|1')),
    )
    const error = await setup.api.call(ordersV0.getOrderAddress, { orderId }).catch((reason: Error) => reason)
    expect(String(error)).toMatch(/not with \*\*\*/)
    expect(setup.logged.join()).not.toContain('Atz.')
  })
})

it('tokens of documents are forgotten when they have expired, those of sellers are kept', async () => {
  const clock = testClock()
  const lifeMs = 3_600_000
  const cache = new TokenCache({
    fetch: async () => ({ value: 'token', lifeMs, expiresAt: clock.monotonicMs() + lifeMs }),
    clock,
    log: silentLog,
    scrubber: new SecretScrubber([]),
  })
  const refreshToken = 'Atzr|seller'
  const get = (document: string) =>
    cache.get({
      refreshToken,
      resource: { method: 'GET', path: `/documents/${document}`, dataElements: [], marketplaceId: US },
    })
  await cache.get({ refreshToken })
  for (let i = 0; i < 50; i++) await get(String(i))
  expect(cache.size).toBe(51)
  clock.advance(lifeMs)
  await get('another')
  expect(cache.size).toBe(2)
})
