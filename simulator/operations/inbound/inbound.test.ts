import { describe, expect, it } from 'vitest'
import { modelsPresent, validator } from '../../test-model.ts'
import { clock, request, signInToCall, startForTest, US } from '../../testing.ts'

const PLANS = '/inbound/fba/2024-03-20/inboundPlans'
const OPERATIONS = '/inbound/fba/2024-03-20/operations'
const V0 = '/fba/inbound/v0'
const MODEL = 'fulfillmentInbound_2024-03-20.json'
const sourceAddress = {
  name: 'A',
  addressLine1: 'B',
  city: 'C',
  countryCode: 'US',
  phoneNumber: '1',
  postalCode: '2',
}

interface Plan {
  readonly inboundPlanId: string
  readonly createdAt: string
  readonly status: string
}

async function start() {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const call = await signInToCall(simulator)
  const all = async (query: Record<string, string> = {}) => {
    const plans: Plan[] = []
    let token: { paginationToken?: string } = {}
    do {
      const { status, body } = await call('GET', PLANS, { query: { pageSize: '30', ...query, ...token } })
      expect(status, JSON.stringify(body)).toBe(200)
      plans.push(...body.inboundPlans)
      token = body.pagination === undefined ? {} : { paginationToken: body.pagination.nextToken }
    } while (token.paginationToken !== undefined)
    return plans
  }
  /** A SKU that Amazon sends for the seller, and one that it sends itself. */
  const skus = async () => {
    const query = { granularityType: 'Marketplace', granularityId: US, marketplaceIds: US }
    const { body } = await call('GET', '/fba/inventory/v1/summaries', { query })
    const own = new Set(
      body.payload.inventorySummaries.map(({ sellerSku }: { sellerSku: string }) => sellerSku),
    )
    return { amazon: [...own][0] as string, none: 'NO-SUCH-SKU' }
  }
  const create = async (items: object[], change: object = {}) =>
    call('POST', PLANS, { body: { destinationMarketplaces: [US], sourceAddress, items, ...change } })
  const item = (msku: string) => ({ msku, quantity: 5, labelOwner: 'SELLER', prepOwner: 'SELLER' })
  return { simulator, call, all, pass, skus, create, item }
}

describe('inbound plans', () => {
  it('are listed page by page, by their status and time', async () => {
    const { all, call } = await start()
    const plans = await all()
    expect(plans.length).toBeGreaterThan(60)
    expect(new Set(plans.map(({ inboundPlanId }) => inboundPlanId)).size).toBe(plans.length)
    const times = plans.map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? 1 : -1)))
    const voided = await all({ status: 'VOIDED' })
    expect(voided.length).toBeGreaterThan(0)
    expect(new Set(voided.map(({ status }) => status))).toEqual(new Set(['VOIDED']))
    expect((await call('GET', PLANS, { query: { pageSize: '31' } })).status).toBe(400)
  })

  it('are made in Amazon’s time, and cancelled', async () => {
    const { call, create, item, skus, pass } = await start()
    const made = await create([item((await skus()).amazon)], { name: 'Mine' })
    expect(made.status).toBe(202)
    const { inboundPlanId, operationId } = made.body
    const statusOf = async (id: string) => (await call('GET', `${OPERATIONS}/${id}`)).body.operationStatus
    expect(await statusOf(operationId)).toBe('IN_PROGRESS')
    expect((await call('GET', `${PLANS}/${inboundPlanId}`)).status).toBe(404)
    pass(3_000)
    expect(await statusOf(operationId)).toBe('SUCCESS')
    expect((await call('GET', `${PLANS}/${inboundPlanId}`)).body).toMatchObject({
      name: 'Mine',
      status: 'ACTIVE',
    })
    const { body } = await call('PUT', `${PLANS}/${inboundPlanId}/cancellation`)
    pass(3_000)
    expect(await statusOf(body.operationId)).toBe('SUCCESS')
    expect((await call('GET', `${PLANS}/${inboundPlanId}`)).body.status).toBe('VOIDED')
    const again = await call('PUT', `${PLANS}/${inboundPlanId}/cancellation`)
    pass(3_000)
    expect(await statusOf(again.body.operationId)).toBe('FAILED')
  })

  it('of something that is not Amazon’s to send fail later, with their problems', async () => {
    const { call, create, item, skus, pass } = await start()
    const { operationId, inboundPlanId } = (await create([item((await skus()).none)])).body
    pass(3_000)
    const { body } = await call('GET', `${OPERATIONS}/${operationId}`)
    expect(body).toMatchObject({ operationStatus: 'FAILED', operationProblems: [{ severity: 'ERROR' }] })
    expect((await call('GET', `${PLANS}/${inboundPlanId}`)).status).toBe(404)
    expect((await call('GET', `${OPERATIONS}/none`)).status).toBe(404)
  })

  it('have as many items and boxes on all pages as they are told to hold', async () => {
    const { all, call } = await start()
    const path = `${PLANS}/${(await all())[3]?.inboundPlanId}`
    for (const field of ['items', 'boxes']) {
      const whole = (await call('GET', `${path}/${field}`, { query: { pageSize: '1000' } })).body[field]
      const first = (await call('GET', `${path}/${field}`, { query: { pageSize: '1' } })).body
      expect(first[field]).toEqual(whole.slice(0, 1))
      const paginationToken = first.pagination.nextToken
      const rest = await call('GET', `${path}/${field}`, { query: { pageSize: '1000', paginationToken } })
      expect(rest.body[field]).toEqual(whole.slice(1))
      // A token is good for the list that gave it.
      const other = await call('GET', `${path}/placementOptions`, { query: { paginationToken } })
      expect(other.status).toBe(400)
    }
  })

  it.each([
    [{ items: [] }],
    [{ destinationMarketplaces: [US, US] }],
    [{ sourceAddress: { ...sourceAddress, phoneNumber: '' } }],
    [{ items: [{ msku: 'A', quantity: 0, labelOwner: 'SELLER', prepOwner: 'SELLER' }] }],
    [{ items: [{ msku: 'A', quantity: 1, labelOwner: 'NOBODY', prepOwner: 'SELLER' }] }],
  ])('with %j are refused', async (change) => {
    const { create, item } = await start()
    expect((await create([item('SKU-00001')], change)).status).toBe(400)
  })

  it.skipIf(!modelsPresent)('fit Amazon’s model', async () => {
    const { call, create, item, skus, pass } = await start()
    const check = (definition: string, body: unknown) => validator(MODEL, definition)(body)
    const list = (await call('GET', PLANS)).body
    check('ListInboundPlansResponse', list)
    const path = `${PLANS}/${list.inboundPlans[5].inboundPlanId}`
    const plan = (await call('GET', path)).body
    check('InboundPlan', plan)
    check(
      'ListInboundPlanItemsResponse',
      (await call('GET', `${path}/items`, { query: { pageSize: '2' } })).body,
    )
    const shipment = `${path}/shipments/${plan.shipments[0].shipmentId}`
    check('Shipment', (await call('GET', shipment)).body)
    check('ListShipmentItemsResponse', (await call('GET', `${shipment}/items`)).body)
    check('ListInboundPlanBoxesResponse', (await call('GET', `${path}/boxes`)).body)
    check('ListShipmentBoxesResponse', (await call('GET', `${shipment}/boxes`)).body)
    check('ListPlacementOptionsResponse', (await call('GET', `${path}/placementOptions`)).body)
    const made = (await create([item((await skus()).amazon)])).body
    check('CreateInboundPlanResponse', made)
    pass(3_000)
    check('InboundOperationStatus', (await call('GET', `${OPERATIONS}/${made.operationId}`)).body)
    check('InboundPlan', (await call('GET', `${PLANS}/${made.inboundPlanId}`)).body)
  })
})

describe('Inbound v0', () => {
  it('has the same shipments, by choice, by date and by token', async () => {
    const { call } = await start()
    const base = { MarketplaceId: US }
    const shipments = async (query: Record<string, string>) =>
      (await call('GET', `${V0}/shipments`, { query: { ...base, ...query } })).body.payload
    const closed = (await shipments({ QueryType: 'SHIPMENT', ShipmentStatusList: 'CLOSED' })).ShipmentData
    expect(closed.length).toBeGreaterThan(15)
    const id = closed[0].ShipmentId
    const one = await shipments({ QueryType: 'SHIPMENT', ShipmentIdList: id })
    expect(one.ShipmentData).toEqual([closed[0]])
    const range = {
      ...base,
      QueryType: 'DATE_RANGE',
      LastUpdatedAfter: '2025-01-01T00:00:00Z',
      LastUpdatedBefore: new Date().toISOString(),
    }
    const items: { ShipmentId: string }[] = []
    let query: Record<string, string> = range
    for (;;) {
      const { payload } = (await call('GET', `${V0}/shipmentItems`, { query })).body
      items.push(...payload.ItemData)
      if (payload.NextToken === undefined) break
      query = { ...base, QueryType: 'NEXT_TOKEN', NextToken: payload.NextToken }
    }
    expect(items.length).toBeGreaterThan(50)
    const { payload } = (await call('GET', `${V0}/shipments/${id}/items`)).body
    expect(payload.ItemData).toEqual(items.filter(({ ShipmentId }) => ShipmentId === id))
    for (const bad of [
      {},
      { QueryType: 'SHIPMENT' },
      { QueryType: 'DATE_RANGE' },
      { QueryType: 'NEXT_TOKEN' },
    ])
      expect((await call('GET', `${V0}/shipments`, { query: { ...base, ...bad } })).status).toBe(400)
  })

  it('has labels, bills of lading and instructions', async () => {
    const { call, skus } = await start()
    const query = { MarketplaceId: US, QueryType: 'SHIPMENT', ShipmentStatusList: 'CLOSED' }
    const id = (await call('GET', `${V0}/shipments`, { query })).body.payload.ShipmentData[0].ShipmentId
    const label = { PageType: 'PackageLabel_Thermal', LabelType: 'UNIQUE' }
    const { DownloadURL } = (await call('GET', `${V0}/shipments/${id}/labels`, { query: label })).body.payload
    expect((await request(DownloadURL)).body).toContain(id)
    expect((await call('GET', `${V0}/shipments/${id}/labels`)).status).toBe(400)
    expect((await call('GET', `${V0}/shipments/${id}/billOfLading`)).status).toBe(200)
    expect((await call('GET', `${V0}/shipments/FBA0/billOfLading`)).status).toBe(404)
    const { amazon, none } = await skus()
    const list = { ShipToCountryCode: 'US', SellerSKUList: `${amazon},${none}`, ASINList: 'B000000000,x' }
    const { payload } = (await call('GET', `${V0}/prepInstructions`, { query: list })).body
    expect(payload.SKUPrepInstructionsList).toMatchObject([{ SellerSKU: amazon }])
    expect(payload.InvalidSKUList).toEqual([{ SellerSKU: none, ErrorReason: 'DoesNotExist' }])
    expect(payload.InvalidASINList).toHaveLength(2)
  })

  it.skipIf(!modelsPresent)('fits Amazon’s model', async () => {
    const { call, skus } = await start()
    const check = (definition: string, body: unknown) =>
      validator('fulfillmentInboundV0.json', definition)(body)
    const query = { MarketplaceId: US, QueryType: 'SHIPMENT', ShipmentStatusList: 'CLOSED,SHIPPED,WORKING' }
    const { body } = await call('GET', `${V0}/shipments`, { query })
    check('GetShipmentsResponse', body)
    const id = body.payload.ShipmentData[0].ShipmentId
    check('GetShipmentItemsResponse', (await call('GET', `${V0}/shipments/${id}/items`)).body)
    const wish = { ShipToCountryCode: 'US', SellerSKUList: (await skus()).amazon, ASINList: 'x' }
    check('GetPrepInstructionsResponse', (await call('GET', `${V0}/prepInstructions`, { query: wish })).body)
  })
})
