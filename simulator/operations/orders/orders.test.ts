import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../../test-model.ts'
import { clock, request, signInToCall, startForTest, US } from '../../testing.ts'

const ORDERS = '/orders/2026-01-01/orders'
const V0 = '/orders/v0/orders'
const DE = 'A1PA6795UKMFR9'
const DAY = 86_400_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
const everything =
  'BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS'

const byText = (a: string, b: string) => (a < b ? -1 : 1)

interface Found {
  readonly orderId: string
  readonly createdTime: string
  readonly lastUpdatedTime: string
  readonly fulfillment: { readonly fulfillmentStatus: string; readonly fulfilledBy: string }
}

async function start(options = {}) {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400, ...options })
  simulator.setPlan({ operation: '*', rate: 10_000, burst: 10_000 })
  const call = await signInToCall(simulator)
  const search = async (query: Record<string, string>) => {
    const { status, body } = await call('GET', ORDERS, { query: { marketplaceIds: US, ...query } })
    expect(status, JSON.stringify(body)).toBe(200)
    return body as { orders: Found[]; pagination?: { nextToken: string } }
  }
  /** All pages of a search. */
  const all = async (query: Record<string, string>) => {
    const found: Found[] = []
    let page = await search(query)
    for (;;) {
      found.push(...page.orders)
      if (page.pagination === undefined) return found
      page = await search({ paginationToken: page.pagination.nextToken })
    }
  }
  return { simulator, call, search, all, pass }
}

describe('searchOrders', () => {
  it('finds all that were placed in a window, page by page, none twice', async () => {
    const { all } = await start()
    const window = { createdAfter: ago(10 * DAY), createdBefore: ago(DAY) }
    const found = await all({ ...window, maxResultsPerPage: '37' })
    expect(found.length).toBeGreaterThan(9 * 48 - 30)
    expect(found.length).toBeLessThanOrEqual(9 * 48 + 1)
    expect(new Set(found.map(({ orderId }) => orderId)).size).toBe(found.length)
    const times = found.map(({ createdTime }) => createdTime)
    expect(times).toEqual(times.toSorted(byText))
    expect((await all(window)).map(({ orderId }) => orderId)).toEqual(found.map(({ orderId }) => orderId))
  })

  it('finds all that changed in a window, in the order of the change', async () => {
    const { all } = await start()
    const window = { lastUpdatedAfter: ago(2 * DAY), lastUpdatedBefore: ago(3_600_000) }
    const found = await all({ ...window, maxResultsPerPage: '20' })
    const ids = new Set(found.map(({ orderId }) => orderId))
    expect(ids.size).toBe(found.length)
    const placed = await all({ createdAfter: ago(6 * DAY), createdBefore: ago(3_600_000) })
    const changed = placed.filter(
      ({ lastUpdatedTime: at }) => at >= window.lastUpdatedAfter && at <= window.lastUpdatedBefore,
    )
    expect(changed.length).toBeGreaterThan(20)
    for (const { orderId } of changed) expect(ids).toContain(orderId)
    const times = found.map(({ lastUpdatedTime }) => lastUpdatedTime)
    expect(times).toEqual(times.toSorted(byText))
  })

  it('narrows down, and covers every marketplace unless told otherwise', async () => {
    const { all, call } = await start()
    const window = { createdAfter: ago(4 * DAY), createdBefore: ago(DAY), includedData: 'FULFILLMENT' }
    const shipped = await all({ ...window, fulfillmentStatuses: 'SHIPPED', fulfilledBy: 'MERCHANT' })
    expect(shipped.length).toBeGreaterThan(10)
    for (const { fulfillment } of shipped)
      expect(fulfillment).toMatchObject({ fulfillmentStatus: 'SHIPPED', fulfilledBy: 'MERCHANT' })
    const { body } = await call('GET', ORDERS, { query: { createdAfter: ago(DAY) } })
    const channels = new Set(
      body.orders.map(
        (order: { salesChannel: { marketplaceId: string } }) => order.salesChannel.marketplaceId,
      ),
    )
    expect(channels.size).toBeGreaterThan(15)
  })

  it('has a token for 24 hours, which is no other query’s', async () => {
    const { search, call, pass, simulator } = await start()
    const { pagination } = await search({ createdAfter: ago(10 * DAY), maxResultsPerPage: '5' })
    const paginationToken = pagination?.nextToken ?? ''
    pass(23 * 3_600_000)
    expect((await search({ paginationToken })).orders).toHaveLength(5)
    const broken = await call('GET', ORDERS, { query: { paginationToken: `${paginationToken}x` } })
    expect([broken.status, broken.body.errors[0].code]).toEqual([400, 'InvalidInput'])
    pass(3_600_001)
    const again = await signInToCall(simulator)
    const late = await again('GET', ORDERS, { query: { paginationToken } })
    expect([late.status, late.body.errors[0].details]).toEqual([400, 'The token has expired.'])
  })

  it.each([
    [{}, /createdAfter/],
    [{ createdAfter: ago(DAY), lastUpdatedAfter: ago(DAY) }, /lastUpdatedAfter/],
    [{ createdAfter: ago(DAY), lastUpdatedBefore: ago(DAY) }, /lastUpdatedBefore/],
    [{ lastUpdatedAfter: ago(DAY), createdBefore: ago(DAY) }, /createdBefore/],
    [{ createdAfter: ago(DAY), createdBefore: ago(-600_000) }, /createdBefore/],
    [{ createdAfter: ago(DAY), createdBefore: ago(2 * DAY) }, /createdBefore/],
    [{ createdAfter: 'now' }, /createdAfter/],
    [{ createdAfter: ago(DAY), maxResultsPerPage: '101' }, /maxResultsPerPage/],
    [{ createdAfter: ago(DAY), includedData: 'BUYERS' }, /includedData/],
    [{ createdAfter: ago(DAY), fulfillmentStatuses: 'Shipped' }, /fulfillmentStatuses/],
    [{ createdAfter: ago(DAY), marketplaceIds: 'US' }, /marketplaceIds/],
  ])('%j is refused', async (query, message) => {
    const { call } = await start()
    const { status, body } = await call('GET', ORDERS, { query: query as unknown as Record<string, string> })
    expect([status, body.errors[0].message]).toEqual([400, expect.stringMatching(message)])
  })

  it('keeps to its plan: twenty, then one every three minutes', async () => {
    const { now, pass } = clock()
    const call = await signInToCall(await startForTest({ now }))
    const query = { createdAfter: ago(DAY), marketplaceIds: US, maxResultsPerPage: '1' }
    const ask = async () => (await call('GET', ORDERS, { query })).status
    const statuses = []
    for (let i = 0; i < 21; i++) statuses.push(await ask())
    expect(statuses).toEqual([...Array(20).fill(200), 429])
    pass(178_000)
    expect(await ask()).toBe(429)
    pass(1_000)
    expect(await ask()).toBe(200)
  })
})

describe('an order', () => {
  it('is paid, sent or cancelled as time passes', async () => {
    const { search, call, pass, simulator } = await start({ ordersPerDay: 480 })
    const { orders } = await search({ createdAfter: ago(600_000), includedData: 'FULFILLMENT' })
    expect(orders.map(({ fulfillment }) => fulfillment.fulfillmentStatus)).toEqual(
      orders.map(() => 'PENDING'),
    )
    const ids = orders.map(({ orderId }) => orderId)
    const statusOf = async (id: string) => {
      const query = { includedData: 'FULFILLMENT' }
      return (await call('GET', `${ORDERS}/${id}`, { query })).body.order.fulfillment.fulfillmentStatus
    }
    pass(1_800_000)
    for (const id of ids) expect(['UNSHIPPED', 'SHIPPED']).toContain(await statusOf(id))
    pass(2 * DAY)
    const later = await signInToCall(simulator)
    for (const id of ids) {
      const { body } = await later('GET', `${ORDERS}/${id}`, { query: { includedData: 'FULFILLMENT' } })
      expect(['SHIPPED', 'CANCELLED']).toContain(body.order.fulfillment.fulfillmentStatus)
    }
  })

  it('that is none is not found', async () => {
    const { call, search } = await start()
    expect((await call('GET', `${ORDERS}/1`)).status).toBe(400)
    expect((await call('GET', `${ORDERS}/111-1111111-1111111`)).status).toBe(404)
    const { orders } = await search({ createdAfter: ago(DAY), maxResultsPerPage: '1' })
    const { status, body } = await call('GET', `${ORDERS}/${orders[0]?.orderId}`)
    expect([status, body.order.orderId]).toEqual([200, orders[0]?.orderId])
  })

  it.skipIf(!modelsPresent)('fits Amazon’s model, whatever has become of it', async () => {
    const { all, call, simulator } = await start({ ordersPerDay: 192 })
    const found = await all({ createdAfter: ago(4 * DAY), includedData: everything })
    validator('orders_2026-01-01.json', 'SearchOrdersResponse')({ orders: found })
    expect(new Set(found.map(({ fulfillment }) => fulfillment.fulfillmentStatus)).size).toBe(4)
    const query = { includedData: everything }
    const { body } = await call('GET', `${ORDERS}/${found[0]?.orderId}`, { query })
    validator('orders_2026-01-01.json', 'GetOrderResponse')(body)
    simulator.setPlan({ operation: 'searchOrders', rate: 0.01, burst: 1 })
    const check = validator('orders_2026-01-01.json', 'ErrorList')
    const refused = [await call('GET', ORDERS), await call('GET', ORDERS)]
    expect(refused.map(({ status }) => status)).toEqual([400, 429])
    for (const { body: errors } of refused) check(errors)
  })
})

describe('Orders v0', () => {
  const window = { MarketplaceIds: `${US},${DE}`, CreatedAfter: ago(3 * DAY), CreatedBefore: ago(DAY) }

  it('shows nobody without a restricted data token, and what it was given for with one', async () => {
    const { simulator, call } = await start()
    const page = (await call('GET', V0, { query: window })).body.payload
    const order = page.Orders.find(({ OrderStatus }: { OrderStatus: string }) => OrderStatus === 'Shipped')
    expect(order.BuyerInfo).toEqual({})
    expect(Object.keys(order.ShippingAddress)).not.toContain('Name')
    const id: string = order.AmazonOrderId
    expect((await call('GET', `${V0}/${id}/buyerInfo`)).status).toBe(403)
    expect((await call('GET', `${V0}/${id}/address`)).status).toBe(403)
    const restrictedResources = [
      { method: 'GET', path: `${V0}/{orderId}`, dataElements: ['buyerInfo'] },
      { method: 'GET', path: `${V0}/${id}/address` },
    ]
    const path = '/tokens/2021-03-01/restrictedDataToken'
    const { body } = await call('POST', path, { body: { restrictedResources } })
    const get = (tail: string) =>
      request(`${simulator.url}${V0}/${id}${tail}`, {
        headers: { 'x-amz-access-token': body.restrictedDataToken },
      })
    const seen = (await get('')).body.payload
    expect(seen.BuyerInfo.BuyerEmail).toMatch(/@marketplace\.example$/)
    expect(Object.keys(seen.ShippingAddress)).not.toContain('Name')
    expect((await get('/address')).body.payload.ShippingAddress.Name).toBeTruthy()
    expect((await get('/buyerInfo')).status).toBe(403)
  })

  it('has pages, ids, and the same orders', async () => {
    const { call, all } = await start()
    const seen: string[] = []
    let query: Record<string, string> = { ...window, MaxResultsPerPage: '30' }
    for (;;) {
      const { payload } = (await call('GET', V0, { query })).body
      seen.push(...payload.Orders.map((order: { AmazonOrderId: string }) => order.AmazonOrderId))
      if (payload.NextToken === undefined) break
      query = { MarketplaceIds: window.MarketplaceIds, NextToken: payload.NextToken }
    }
    const { CreatedAfter: createdAfter, CreatedBefore: createdBefore } = window
    const same = await all({ createdAfter, createdBefore, marketplaceIds: window.MarketplaceIds })
    expect(seen).toEqual(same.map(({ orderId }) => orderId))
    const AmazonOrderIds = `${seen[1]},${seen[0]}`
    const { body } = await call('GET', V0, { query: { MarketplaceIds: US, AmazonOrderIds } })
    expect(body.payload.Orders.map((order: { AmazonOrderId: string }) => order.AmazonOrderId)).toEqual([
      seen[1],
      seen[0],
    ])
    expect((await call('GET', V0, { query: { CreatedAfter: ago(DAY) } })).status).toBe(400)
    expect((await call('GET', V0, { query: { MarketplaceIds: US } })).status).toBe(400)
  })

  it('takes the seller’s word that an order was sent', async () => {
    const { call, all } = await start({ ordersPerDay: 200 })
    const query = { createdAfter: ago(DAY), fulfillmentStatuses: 'UNSHIPPED', fulfilledBy: 'MERCHANT' }
    const [order] = await all(query)
    const id = order?.orderId
    const { payload } = (await call('GET', `${V0}/${id}/orderItems`)).body
    const orderItems = payload.OrderItems.map((item: { OrderItemId: string; QuantityOrdered: number }) => ({
      orderItemId: item.OrderItemId,
      quantity: item.QuantityOrdered,
    }))
    const packageDetail = {
      packageReferenceId: '1',
      carrierCode: 'UPS',
      trackingNumber: '1Z999',
      shipDate: ago(0),
      orderItems,
    }
    const path = `${V0}/${id}/shipmentConfirmation`
    const confirm = (change: object) =>
      call('POST', path, { body: { marketplaceId: US, packageDetail: { ...packageDetail, ...change } } })
    for (const change of [
      { orderItems: [] },
      { orderItems: [{ orderItemId: '1', quantity: 1 }] },
      { shipDate: '' },
    ])
      expect((await confirm(change)).status, JSON.stringify(change)).toBe(400)
    const good = await confirm({})
    expect([good.status, good.body]).toEqual([204, ''])
    const { body } = await call('GET', `${ORDERS}/${id}`, { query: { includedData: 'FULFILLMENT,PACKAGES' } })
    expect(body.order.fulfillment.fulfillmentStatus).toBe('SHIPPED')
    expect(body.order.packages[0].trackingNumber).toBe('1Z999')
  })

  it('takes that an order was picked up', async () => {
    const { call, all } = await start({ ordersPerDay: 200 })
    const query = { createdAfter: ago(DAY), fulfillmentStatuses: 'UNSHIPPED', fulfilledBy: 'MERCHANT' }
    const id = (await all(query))[0]?.orderId
    const update = (shipmentStatus: string) =>
      call('POST', `${V0}/${id}/shipment`, { body: { marketplaceId: US, shipmentStatus } })
    expect((await update('Lost')).status).toBe(400)
    expect((await update('ReadyForPickup')).status).toBe(204)
    expect((await update('PickedUp')).status).toBe(204)
    const { body } = await call('GET', `${ORDERS}/${id}`, { query: { includedData: 'FULFILLMENT' } })
    expect(body.order.fulfillment.fulfillmentStatus).toBe('SHIPPED')
  })

  it('lets the seller look into orders of regulated goods, once', async () => {
    const { simulator, call } = await start()
    const { payload } = (await call('GET', V0, { query: { ...window, FulfillmentChannels: 'MFN' } })).body
    const idOf = (regulated: boolean) =>
      payload.Orders.find((order: { HasRegulatedItems: boolean }) => order.HasRegulatedItems === regulated)
        .AmazonOrderId as string
    const path = `${V0}/${idOf(true)}/regulatedInfo`
    expect((await call('GET', path)).status).toBe(403)
    const restrictedResources = [{ method: 'GET', path: `${V0}/{orderId}/regulatedInfo` }]
    const { body } = await call('POST', '/tokens/2021-03-01/restrictedDataToken', {
      body: { restrictedResources },
    })
    const look = async () => {
      const headers = { 'x-amz-access-token': body.restrictedDataToken as string }
      return (await request(`${simulator.url}${path}`, { headers })).body
    }
    const status = async () => (await look()).payload.RegulatedOrderVerificationStatus.Status
    expect(await status()).toBe('Pending')
    const judge = (more: object, at = path) =>
      call('PATCH', at, { body: { regulatedOrderVerificationStatus: { externalReviewerId: 'me', ...more } } })
    expect((await judge({ status: 'Rejected' })).status).toBe(400)
    expect((await judge({ status: 'Approved' }, `${V0}/${idOf(false)}/regulatedInfo`)).status).toBe(400)
    const rejectionReasonId = 'shield_pom_vps_reject_product'
    expect((await judge({ status: 'Rejected', rejectionReasonId })).status).toBe(204)
    expect(await status()).toBe('Rejected')
    expect((await judge({ status: 'Approved' })).status).toBe(400)
    if (modelsPresent) validator('ordersV0.json', 'GetOrderRegulatedInfoResponse')(await look())
  })

  it.skipIf(!modelsPresent)('fits Amazon’s model', async () => {
    const { call } = await start()
    const { body } = await call('GET', V0, { query: window })
    validator('ordersV0.json', 'GetOrdersResponse')(body)
    const id = body.payload.Orders[0].AmazonOrderId
    validator('ordersV0.json', 'GetOrderResponse')((await call('GET', `${V0}/${id}`)).body)
    validator('ordersV0.json', 'GetOrderItemsResponse')((await call('GET', `${V0}/${id}/orderItems`)).body)
    const refused = await call('GET', `${V0}/${id}/address`)
    validator('ordersV0.json', 'GetOrderAddressResponse')(refused.body)
  })
})
