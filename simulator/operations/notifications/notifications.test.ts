import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { modelsPresent, readShared, validator } from '../../test-model.ts'
import { clock, control, request, signInToCall, startForTest, US } from '../../testing.ts'

const DESTINATIONS = '/notifications/v1/destinations'
const SUBSCRIPTIONS = '/notifications/v1/subscriptions'
const QUEUE = { sqs: { arn: 'arn:aws:sqs:us-east-2:444455556666:offers' } }
const BUS = { eventBridge: { region: 'us-east-1', accountId: '444455556666' } }

async function start() {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  const seller = await signInToCall(simulator)
  const grantless = await signInToCall(simulator, {
    grant_type: 'client_credentials',
    scope: 'sellingpartnerapi::notifications',
  })
  const destination = async (resourceSpecification: object = QUEUE): Promise<string> => {
    const { body } = await grantless('POST', DESTINATIONS, { body: { name: 'mine', resourceSpecification } })
    return body.payload.destinationId
  }
  const subscribe = (type: string, body: object) => seller('POST', `${SUBSCRIPTIONS}/${type}`, { body })
  const messages = async (destinationId: string) => {
    const url = `${simulator.url}/_simulator/notifications?destinationId=${destinationId}`
    return (await request(url)).body.messages
  }
  return { simulator, pass, seller, grantless, destination, subscribe, messages }
}

describe('destinations', () => {
  it('are made, read and deleted by a grantless token alone', async () => {
    const { seller, grantless } = await start()
    const body = { name: 'mine', resourceSpecification: QUEUE }
    const refused = await seller('POST', DESTINATIONS, { body })
    expect([refused.status, refused.body.errors[0].code]).toEqual([403, 'Unauthorized'])
    const made = await grantless('POST', DESTINATIONS, { body })
    expect(made.body.payload).toMatchObject({ name: 'mine', resource: QUEUE })
    expect((await grantless('POST', DESTINATIONS, { body })).status).toBe(409)
    const path = `${DESTINATIONS}/${made.body.payload.destinationId}`
    expect((await grantless('GET', path)).body).toEqual(made.body)
    expect((await grantless('GET', DESTINATIONS)).body.payload).toEqual([made.body.payload])
    expect((await grantless('DELETE', path)).status).toBe(200)
    expect((await grantless('GET', path)).status).toBe(404)
  })

  it('belong to an application', async () => {
    const { simulator, destination } = await start()
    const id = await destination()
    const other = await signInToCall(simulator, {
      client_id: 'other',
      grant_type: 'client_credentials',
      scope: 'sellingpartnerapi::notifications',
    })
    expect((await other('GET', `${DESTINATIONS}/${id}`)).status).toBe(404)
    expect((await other('GET', DESTINATIONS)).body.payload).toEqual([])
  })

  it.each([
    [{}],
    [{ ...QUEUE, ...BUS }],
    [{ sqs: { arn: 'https://sqs.us-east-2.amazonaws.com/1/x' } }],
    [{ sqs: { arn: 'arn:aws:sqs:us-east-2:444455556666:offers.fifo' } }],
    [{ eventBridge: { region: 'us-east-1', accountId: '12' } }],
  ])('%j is refused', async (resourceSpecification) => {
    const { grantless } = await start()
    const { status } = await grantless('POST', DESTINATIONS, { body: { name: 'x', resourceSpecification } })
    expect(status).toBe(400)
  })
})

describe('subscriptions', () => {
  it('are made by a seller, and read by id and deleted by the application', async () => {
    const { seller, grantless, destination, subscribe } = await start()
    const destinationId = await destination()
    const body = { payloadVersion: '1.0', destinationId }
    const path = `${SUBSCRIPTIONS}/ORDER_CHANGE`
    expect((await grantless('POST', path, { body })).status).toBe(403)
    const { payload } = (await subscribe('ORDER_CHANGE', body)).body
    expect(payload).toMatchObject(body)
    expect((await subscribe('ORDER_CHANGE', body)).status).toBe(409)
    expect((await seller('GET', path)).body.payload).toEqual(payload)
    const one = `${path}/${payload.subscriptionId}`
    expect((await seller('GET', one)).status).toBe(403)
    expect((await grantless('GET', one)).body.payload).toEqual(payload)
    expect((await grantless('DELETE', `${DESTINATIONS}/${destinationId}`)).status).toBe(409)
    expect((await grantless('DELETE', one)).status).toBe(200)
    expect((await seller('GET', path)).status).toBe(404)
  })

  it('of one type may be several, each with its expression, in pages', async () => {
    const { seller, destination, subscribe } = await start()
    const destinationId = await destination()
    for (let i = 0; i < 31; i++) {
      const processingDirective = { filterExpression: `a.b == "${i}"` }
      const { status } = await subscribe('FEE_PROMOTION', {
        payloadVersion: '1.0',
        destinationId,
        processingDirective,
      })
      expect(status).toBe(200)
    }
    const query = { notificationTypes: 'FEE_PROMOTION' }
    const first = (await seller('GET', SUBSCRIPTIONS, { query })).body.payload
    expect(first.subscriptions).toHaveLength(30)
    const rest = await seller('GET', SUBSCRIPTIONS, { query: { ...query, nextToken: first.nextToken } })
    expect(rest.body.payload.subscriptions).toHaveLength(1)
    expect((await seller('GET', SUBSCRIPTIONS, { query: { ...query, pageSize: '10' } })).status).toBe(400)
  })

  it.each([
    ['ORDER_STATUS_CHANGE', {}],
    ['ORDER_CHANGE', { payloadVersion: '2.0' }],
    ['LISTINGS_ITEM_STATUS_CHANGE', {}],
    ['FEE_PROMOTION', { processingDirective: { eventFilter: { eventFilterType: 'FEE_PROMOTION' } } }],
    ['ORDER_CHANGE', { processingDirective: { eventFilter: { eventFilterType: 'ANY_OFFER_CHANGED' } } }],
    ['ORDER_CHANGE', { processingDirective: { filterExpression: 'x'.repeat(257) } }],
  ])('%s with %j is refused', async (type, change) => {
    const { destination, subscribe } = await start()
    const body = { payloadVersion: '1.0', destinationId: await destination(), ...change }
    expect((await subscribe(type, body)).status).toBe(400)
  })
})

describe('notifications', () => {
  it('tell that a report has come to its end, and who asks is told once', async () => {
    const { pass, seller, destination, subscribe, messages } = await start()
    const destinationId = await destination()
    await subscribe('REPORT_PROCESSING_FINISHED', { payloadVersion: '2020-09-04', destinationId })
    const body = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
    const { reportId } = (await seller('POST', '/reports/2021-06-30/reports', { body })).body
    expect(await messages(destinationId)).toEqual([])
    pass(3_000)
    const told = await messages(destinationId)
    expect(told).toMatchObject([
      {
        notificationType: 'REPORT_PROCESSING_FINISHED',
        payload: {
          reportProcessingFinishedNotification: {
            reportId,
            processingStatus: 'DONE',
            reportDocumentId: expect.any(String),
          },
        },
      },
    ])
    expect(await messages(destinationId)).toEqual([])
    if (modelsPresent) {
      const schema = readShared('schemas/notifications/ReportProcessingFinishedNotification.json')
      expect(Object.keys(told[0])).toEqual(expect.arrayContaining(schema.required))
    }
  })

  it('tell what has become of orders, in the marketplaces that were asked for', async () => {
    const { pass, seller, destination, subscribe, messages } = await start()
    const destinationId = await destination()
    const eventFilter = { eventFilterType: 'ORDER_CHANGE', marketplaceIds: [US] }
    await subscribe('ORDER_CHANGE', {
      payloadVersion: '1.0',
      destinationId,
      processingDirective: { eventFilter },
    })
    expect(await messages(destinationId)).toEqual([])
    pass(6 * 3_600_000)
    const told = await messages(destinationId)
    expect(told.length).toBeGreaterThan(10)
    const { Summary, AmazonOrderId } = told[0].Payload.OrderChangeNotification
    expect(Summary.MarketplaceId).toBe(US)
    const order = (await seller('GET', `/orders/v0/orders/${AmazonOrderId}`)).body.payload
    expect(order.OrderStatus).toBe(Summary.OrderStatus)
    expect(await messages(destinationId)).toEqual([])
    if (!modelsPresent) return
    const schema = readShared('schemas/notifications/OrderChangeNotification.json')
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    for (const message of told) expect(validate(message), JSON.stringify(validate.errors)).toBe(true)
  })

  it('come on demand, in the casing of their type, twice or never as told', async () => {
    const { simulator, destination, subscribe, messages } = await start()
    const destinationId = await destination()
    await subscribe('ANY_OFFER_CHANGED', { payloadVersion: '1.0', destinationId })
    const send = (more: object) =>
      control(simulator, 'notifications', {
        notificationType: 'ANY_OFFER_CHANGED',
        refreshToken: 'seller-one',
        ...more,
      })
    await send({ payload: { AnyOfferChangedNotification: { SellerId: 'A' } } })
    const [message] = await messages(destinationId)
    expect(message).toMatchObject({
      NotificationType: 'ANY_OFFER_CHANGED',
      PayloadVersion: '1.0',
      Payload: { AnyOfferChangedNotification: { SellerId: 'A' } },
      NotificationMetadata: { NotificationId: expect.any(String), ApplicationId: 'amzn1.sellerapps.app.app' },
    })
    await send({ duplicates: 1 })
    const twice = await messages(destinationId)
    expect(twice).toHaveLength(2)
    expect(twice[0]).toEqual(twice[1])
    await send({ losses: 1 })
    expect(await messages(destinationId)).toEqual([])
    expect((await send({ refreshToken: 1 })).status).toBe(400)
    expect((await control(simulator, 'notifications', { speed: 1 })).status).toBe(400)
  })

  it('are tested with one that goes to a destination', async () => {
    const { grantless, destination, messages } = await start()
    const destinationId = await destination()
    const body = { destinationId, testNotification: { payloadVersion: '1.0', testScenario: 'any' } }
    expect(
      (await grantless('POST', `${SUBSCRIPTIONS}/PRICING_HEALTH/testNotification`, { body })).status,
    ).toBe(200)
    expect(await messages(destinationId)).toMatchObject([
      { notificationType: 'PRICING_HEALTH', payload: { testScenario: 'any' } },
    ])
  })
})

it.skipIf(!modelsPresent)('answers fit Amazon’s model', async () => {
  const { seller, grantless, destination, subscribe } = await start()
  const check = (definition: string, body: unknown) => validator('notifications.json', definition)(body)
  const destinationId = await destination(BUS)
  check('GetDestinationResponse', (await grantless('GET', `${DESTINATIONS}/${destinationId}`)).body)
  check('GetDestinationsResponse', (await grantless('GET', DESTINATIONS)).body)
  const made = await subscribe('LISTINGS_ITEM_STATUS_CHANGE', { payloadVersion: '1.0', destinationId })
  check('CreateSubscriptionResponse', made.body)
  check('GetSubscriptionResponse', (await seller('GET', `${SUBSCRIPTIONS}/LISTINGS_ITEM_STATUS_CHANGE`)).body)
  check('GetSubscriptionResponse', (await seller('GET', `${SUBSCRIPTIONS}/ORDER_CHANGE`)).body)
})
