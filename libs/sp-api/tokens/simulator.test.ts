import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { SimulatorOptions } from '#simulator/options.ts'
import { clock, startForTest } from '#simulator/testing.ts'
import {
  createSpApi,
  RegionalEndpointManager,
  type SpApi,
  type SpApiOptions,
  usagePlansWith,
} from '../index.ts'
import type { FinishedRequest } from '../observe.ts'
import { rotateApplicationClientSecret } from '../operations/generated/application-2023-11-30.ts'
import { getOrder, getOrderAddress, getOrders } from '../operations/generated/orders-v0.ts'
import { createReport, getReport, getReportDocument } from '../operations/generated/reports-2021-06-30.ts'
import { US } from '../test-support.ts'
import { createMemoryTokenStore } from './store.ts'

/** Tokens over HTTP, against an Amazon that keeps its own rules. */

const opened: SpApi[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()))
})

const secrets = { clientId: 'app', clientSecret: 'client-secret' }
const fast = { ratePerSecond: 1_000, burst: 1_000 }

async function setUp(options: Partial<SimulatorOptions> = {}) {
  const simulator = await startForTest({ ...secrets, ...options })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const finished: FinishedRequest[] = []
  const open = (more: Partial<SpApiOptions> = {}) => {
    const api = createSpApi({
      application: secrets,
      refreshToken: 'Atzr|seller-one',
      sellerKey: 'seller',
      bucket: createMemoryTokenBucket(),
      endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
      homeMarketplaceId: US,
      usagePlans: usagePlansWith({
        getMarketplaceParticipations: fast,
        getOrders: fast,
        'orders-v0.getOrder': fast,
        getOrderAddress: fast,
        createRestrictedDataToken: fast,
        createReport: fast,
        getReport: fast,
        getReportDocument: fast,
      }),
      onRequest: (request) => finished.push(request),
      ...more,
    })
    opened.push(api)
    return api
  }
  const asked = (operation: string) => finished.filter((request) => request.operation === operation)
  return { simulator, open, asked }
}

describe('pain 3, 403 "Access to requested resource is denied" with empty details', () => {
  it('is not taken for an expired token: it is not repeated, and says what to check', async () => {
    const { simulator, open, asked } = await setUp()
    simulator.setFaults({ '403': 1 })
    const error = await open()
      .marketplaceParticipations(US)
      .catch((reason: Error) => reason)
    expect(error).toMatchObject({ kind: 'unauthorized', httpStatus: 403, requestId: expect.any(String) })
    expect(String(error)).toMatch(/check the application's roles and that the seller has authorised it/)
    expect(asked('getMarketplaceParticipations')).toHaveLength(1)
    expect(simulator.stats().tokensIssued).toBe(1)
  })
})

describe('a grant that was taken back', () => {
  it('is told by Login with Amazon, with what to do, instead of a 403 that says nothing', async () => {
    const { simulator, open, asked } = await setUp()
    const api = open()
    await api.marketplaceParticipations(US)
    simulator.revoke({ refreshToken: 'Atzr|seller-one' })
    const error = await api.marketplaceParticipations(US).catch((reason: Error) => reason)
    expect(error).toMatchObject({ kind: 'unauthorized', operation: 'getAccessToken' })
    expect(String(error)).toMatch(/invalid_grant: .*authorise the application again/)
    expect(asked('getMarketplaceParticipations')).toHaveLength(2)
  })

  it('and given again does not cost a request', async () => {
    const { simulator, open, asked } = await setUp()
    const api = open()
    await api.marketplaceParticipations(US)
    simulator.revoke({ refreshToken: 'Atzr|seller-one' })
    simulator.restore({ refreshToken: 'Atzr|seller-one' })
    await api.marketplaceParticipations(US)
    expect(asked('getMarketplaceParticipations').map(({ httpStatus }) => httpStatus)).toEqual([200, 403, 200])
  })
})

describe('pain 8, tokens that expire, are evicted, or are refreshed by everybody', () => {
  it('a token that Amazon says has expired is renewed, and its request repeated once', async () => {
    const { now, pass } = clock()
    const { simulator, open, asked } = await setUp({ now })
    const api = open()
    await api.marketplaceParticipations(US)
    // By Amazon's clock it is over; by ours it has an hour.
    pass(3_600_000)
    await api.marketplaceParticipations(US)
    expect(asked('getMarketplaceParticipations').map(({ httpStatus }) => httpStatus)).toEqual([200, 403, 200])
    expect(simulator.stats().tokensIssued).toBe(2)
  })

  it('when every token is said to have expired, it is renewed once and no more', async () => {
    const { simulator, open, asked } = await setUp()
    simulator.setFaults({ '403expired': 1 })
    const api = open({ retry: { attempts: 1 } })
    await expect(api.marketplaceParticipations(US)).rejects.toMatchObject({ httpStatus: 403 })
    expect(asked('getMarketplaceParticipations')).toHaveLength(2)
    expect(simulator.stats().tokensIssued).toBe(2)
  })

  it('thirty sellers keep their tokens, whoever asks and however often', async () => {
    const { simulator, open } = await setUp()
    const tokenStore = createMemoryTokenStore()
    const sellers = Array.from({ length: 30 }, (_, i) => `Atzr|seller-${i}`)
    for (let round = 0; round < 2; round++) {
      const apis = sellers.map((refreshToken) => open({ refreshToken, tokenStore }))
      await Promise.all([...apis, ...apis].map((api) => api.checkCredentials()))
    }
    expect(simulator.stats().tokensIssued).toBe(30)
  })
})

describe('pain 9, personal data that comes back null or 403', () => {
  const DAY = 86_400_000
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
  const window = { MarketplaceIds: [US], CreatedAfter: ago(3 * DAY), CreatedBefore: ago(DAY) }

  it('is there for who asks for it, and only then', async () => {
    const { open, asked } = await setUp()
    const api = open()
    const ofPage = async (options = {}) => (await api.call(getOrders, window, options)).body.payload!.Orders
    const [plain] = await ofPage()
    expect(plain?.BuyerInfo?.BuyerEmail).toBeUndefined()
    expect(asked('createRestrictedDataToken')).toHaveLength(0)
    const seen = await ofPage({ dataElements: ['buyerInfo'] })
    const shipped = seen.find(({ OrderStatus }) => OrderStatus === 'Shipped')!
    expect(shipped.BuyerInfo?.BuyerEmail).toContain('@')
    const orderId = shipped.AmazonOrderId
    const { body } = await api.call(getOrderAddress, { orderId })
    expect(body.payload?.ShippingAddress?.Name).toBeTruthy()
    const one = await api.call(getOrder, { orderId }, { dataElements: ['shippingAddress'] })
    expect(one.body.payload?.ShippingAddress).toHaveProperty('Name')
    expect(one.body.payload?.BuyerInfo?.BuyerEmail).toBeUndefined()
  })

  it('opens a report that names buyers without anybody saying so', async () => {
    const { now, pass } = clock()
    const { open, asked } = await setUp({ now, tokenTtlSeconds: 86_400 })
    const api = open()
    const body = { reportType: 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING', marketplaceIds: [US] }
    const { reportId } = (await api.call(createReport, { body })).body
    pass(3_000)
    const { reportDocumentId = '' } = (await api.call(getReport, { reportId })).body
    const document = await api.call(getReportDocument, { reportDocumentId })
    expect(document.body.url).toContain('http')
    expect(asked('createRestrictedDataToken')).toHaveLength(1)
    // A client that has not seen the report is told its type.
    const other = open()
    await expect(other.call(getReportDocument, { reportDocumentId })).rejects.toMatchObject({
      httpStatus: 403,
    })
    await other.call(getReportDocument, { reportDocumentId }, { reportType: body.reportType })
  })
})

describe('the rotation of a client secret', () => {
  it('is asked for, gone through with two secrets, and over when the older one ends', async () => {
    const { now, pass } = clock()
    const { simulator, open } = await setUp({ now })
    expect((await open().call(rotateApplicationClientSecret, {})).httpStatus).toBe(204)
    const made = await fetch(`${simulator.url}/_simulator/client-secret`)
    const { clientSecret } = (await made.json()) as { clientSecret: string }
    const { clientSecret: older } = secrets
    // Who has only the older one goes on, as does who has both, whichever of them is the newer.
    await open().checkCredentials()
    await open({
      application: { clientId: 'app', clientSecret, previousClientSecret: older },
    }).checkCredentials()
    pass(7 * 86_400_000)
    await expect(open().checkCredentials()).rejects.toMatchObject({ kind: 'unauthorized', httpStatus: 401 })
    await open({
      application: { clientId: 'app', clientSecret, previousClientSecret: older },
    }).checkCredentials()
    const mistaken = { clientId: 'app', clientSecret: 'not-the-one', previousClientSecret: clientSecret }
    await open({ application: mistaken }).checkCredentials()
  })
})
