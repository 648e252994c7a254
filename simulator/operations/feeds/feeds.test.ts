import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Call, clock, control, request, signInToCall, startForTest, US } from '../../testing.ts'

const FEEDS = '/feeds/2021-06-30/feeds'
const DOCUMENTS = '/feeds/2021-06-30/documents'
const JSON_TYPE = 'application/json; charset=UTF-8'

async function start() {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400 })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  return { simulator, pass, call: await signInToCall(simulator) }
}

async function documentOf(call: Call, contentType: string) {
  const { status, body } = await call('POST', DOCUMENTS, { body: { contentType } })
  expect(status).toBe(201)
  return body as { feedDocumentId: string; url: string }
}

const put = (url: string, body: string, contentType: string, headers = {}) =>
  request(url, { method: 'PUT', body, headers: { 'content-type': contentType, ...headers } })

async function submit(call: Call, content: string, feedType = 'JSON_LISTINGS_FEED', type = JSON_TYPE) {
  const { feedDocumentId, url } = await documentOf(call, type)
  expect((await put(url, content, type)).status).toBe(200)
  const body = { feedType, marketplaceIds: [US], inputFeedDocumentId: feedDocumentId }
  const { status, body: answer } = await call('POST', FEEDS, { body })
  expect(status).toBe(202)
  return answer.feedId as string
}

/** The report on a feed that has been processed. */
async function reportOn(call: Call, feedId: string): Promise<string> {
  const { resultFeedDocumentId } = (await call('GET', `${FEEDS}/${feedId}`)).body
  const { body } = await call('GET', `${DOCUMENTS}/${resultFeedDocumentId}`)
  expect(body.compressionAlgorithm).toBe('GZIP')
  return gunzipSync(Buffer.from(await (await fetch(body.url)).arrayBuffer())).toString()
}

const feed = (...messages: object[]) =>
  JSON.stringify({ header: { sellerId: 'A1', version: '2.0' }, messages })
const update = {
  operationType: 'UPDATE',
  productType: 'LUGGAGE',
  requirements: 'LISTING_PRODUCT_ONLY',
  attributes: { item_name: [{ value: 'x' }], brand: [{ value: 'y' }] },
}

describe('an upload', () => {
  it('is taken with the Content-Type that was announced, and with no other', async () => {
    const { call } = await start()
    const { url } = await documentOf(call, JSON_TYPE)
    const other = await put(url, '{}', 'application/json')
    expect([other.status, other.body]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')])
    const good = await put(url, '{}', JSON_TYPE)
    expect([good.status, good.headers.get('etag')]).toEqual([200, '"99914b932bd37a50b983c5e7c90ae93b"'])
    expect((await request(url)).status).toBe(403)
  })

  it('must say how long it is, carry no token, and come in time', async () => {
    const { call, pass } = await start()
    const { url } = await documentOf(call, JSON_TYPE)
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{}'))
        controller.close()
      },
    })
    const init = { method: 'PUT', body: chunks, headers: { 'content-type': JSON_TYPE }, duplex: 'half' }
    expect((await request(url, init as RequestInit)).body).toContain('NotImplemented')
    const token = { 'x-amz-access-token': 'Atza|x' }
    expect((await put(url, '{}', JSON_TYPE, token)).body).toContain('not signed')
    pass(300_000)
    expect((await put(url, '{}', JSON_TYPE)).body).toContain('Request has expired')
  })
})

describe('a feed', () => {
  it('waits, is processed, and names the report on it', async () => {
    const { call, pass } = await start()
    const id = await submit(call, feed({ messageId: 1, sku: 'A', ...update }))
    const look = async () => (await call('GET', `${FEEDS}/${id}`)).body
    expect(await look()).toMatchObject({ processingStatus: 'IN_QUEUE', feedType: 'JSON_LISTINGS_FEED' })
    pass(1_000)
    expect(await look()).toMatchObject({ processingStatus: 'IN_PROGRESS' })
    expect((await look()).resultFeedDocumentId).toBeUndefined()
    pass(2_000)
    expect(await look()).toMatchObject({ processingStatus: 'DONE', resultFeedDocumentId: expect.any(String) })
    expect(JSON.parse(await reportOn(call, id))).toMatchObject({
      header: { feedId: id, version: '2.0' },
      issues: [],
      summary: { messagesProcessed: 1, messagesAccepted: 1, messagesInvalid: 0 },
    })
  })

  it('of listings tells which messages are wrong, each for itself', async () => {
    const { call, pass } = await start()
    const id = await submit(
      call,
      feed(
        { messageId: 1, sku: 'A', ...update },
        { messageId: 1, sku: 'B', ...update },
        { messageId: 2, ...update },
        { messageId: 3, sku: 'C', operationType: 'UPDATE', productType: 'LUGGAGE' },
        { messageId: 4, sku: 'D', operationType: 'DELETE', productType: 'LUGGAGE' },
        { messageId: 5, sku: 'E', operationType: 'PATCH', productType: 'LUGGAGE', patches: [{ op: 'x' }] },
        { messageId: 6, sku: 'F', operationType: 'REPLACE' },
      ),
    )
    pass(3_000)
    const { issues, summary } = JSON.parse(await reportOn(call, id))
    expect(summary).toMatchObject({
      messagesProcessed: 7,
      messagesAccepted: 1,
      messagesInvalid: 6,
      errors: 6,
    })
    expect(issues.map(({ messageId, message }: Record<string, string>) => `${messageId} ${message}`)).toEqual(
      [
        "1 '[messageId]' 1 was used before.",
        "2 '[sku]' is required but not supplied.",
        "3 '[attributes]' is required but not supplied.",
        "4 '[productType]' is not allowed here.",
        "5 '[patches]' must have 'op' and the 'path' of an attribute.",
        "6 '[operationType]' is not one of those allowed.",
      ],
    )
  })

  it('of listings changes them', async () => {
    const { simulator, call, pass } = await start()
    const { sellerId } = (await control(simulator, 'seller', { refreshToken: 'seller-one' })).body
    const look = (sku: string) =>
      call('GET', `/listings/2021-08-01/items/${sellerId}/${sku}`, {
        query: { marketplaceIds: US, includedData: 'summaries,offers,attributes' },
      })
    expect((await look('NEW')).status).toBe(404)
    const price = [
      { currency: 'USD', our_price: [{ schedule: [{ value_with_tax: 7.5 }] }], marketplace_id: US },
    ]
    const color = { color: [{ value: 'Teal', marketplace_id: US }] }
    await submit(
      call,
      feed(
        { messageId: 1, sku: 'NEW', ...update },
        {
          messageId: 2,
          sku: 'SKU-00001',
          operationType: 'PATCH',
          productType: 'PRODUCT',
          patches: [{ op: 'replace', path: '/attributes/purchasable_offer', value: price }],
        },
        { messageId: 3, sku: 'SKU-00002', operationType: 'DELETE' },
        {
          messageId: 4,
          sku: 'SKU-00003',
          operationType: 'PARTIAL_UPDATE',
          productType: 'PRODUCT',
          attributes: color,
        },
        {
          messageId: 5,
          sku: 'NONE',
          operationType: 'PARTIAL_UPDATE',
          productType: 'PRODUCT',
          attributes: color,
        },
      ),
    )
    pass(3_000)
    expect((await look('NEW')).body.summaries[0].itemName).toBe('x')
    expect((await look('SKU-00001')).body.offers[0].price).toEqual({ currencyCode: 'USD', amount: '7.50' })
    expect((await look('SKU-00002')).status).toBe(404)
    expect((await look('SKU-00003')).body.attributes).toMatchObject({ ...color, brand: expect.any(Array) })
    expect((await look('NONE')).body.summaries[0].status).toEqual([])
  })

  it.each([
    ['that is no JSON', '{"header":'],
    ['without messages', JSON.stringify({ header: { sellerId: 'A', version: '2.0' }, messages: [] })],
  ])('%s is FATAL, and its report says so', async (_, content) => {
    const { call, pass } = await start()
    const id = await submit(call, content)
    pass(3_000)
    expect((await call('GET', `${FEEDS}/${id}`)).body.processingStatus).toBe('FATAL')
    expect(JSON.parse(await reportOn(call, id)).issues).toHaveLength(1)
  })

  it('that was never uploaded is FATAL', async () => {
    const { call, pass } = await start()
    const { feedDocumentId } = await documentOf(call, JSON_TYPE)
    const wish = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US], inputFeedDocumentId: feedDocumentId }
    const { body } = await call('POST', FEEDS, { body: wish })
    pass(3_000)
    expect((await call('GET', `${FEEDS}/${body.feedId}`)).body.processingStatus).toBe('FATAL')
  })

  it('comes to what is asked for', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'feeds', { feedType: 'JSON_LISTINGS_FEED', outcome: 'CANCELLED' })
    const id = await submit(call, feed({ messageId: 1, sku: 'A', ...update }))
    pass(3_000)
    const { processingStatus, resultFeedDocumentId } = (await call('GET', `${FEEDS}/${id}`)).body
    expect([processingStatus, resultFeedDocumentId]).toEqual(['CANCELLED', undefined])
  })

  it('is cancelled while it waits, and then does nothing', async () => {
    const { call, pass } = await start()
    const id = await submit(call, feed({ messageId: 1, sku: 'A', ...update }))
    expect((await call('DELETE', `${FEEDS}/${id}`)).status).toBe(200)
    pass(3_000)
    expect((await call('GET', `${FEEDS}/${id}`)).body.processingStatus).toBe('CANCELLED')
    expect((await call('DELETE', `${FEEDS}/${id}`)).status).toBe(400)
    expect((await call('GET', `${FEEDS}/1`)).status).toBe(404)
  })

  it.each([
    [{ feedType: 'POST_PRODUCT_DATA' }, /no longer supported/],
    [{ feedType: 'POST_ANYTHING' }, /is invalid/],
    [{ inputFeedDocumentId: 'amzn1.tortuga' }, /inputFeedDocumentId/],
    [{ marketplaceIds: [] }, /marketplaceIds/],
  ])('%j is refused', async (change, message) => {
    const { call } = await start()
    const { feedDocumentId } = await documentOf(call, JSON_TYPE)
    const good = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US], inputFeedDocumentId: feedDocumentId }
    const { status, body } = await call('POST', FEEDS, { body: { ...good, ...change } })
    expect([status, body.errors[0].message]).toEqual([400, expect.stringMatching(message)])
  })

  it('is listed with others, newest first', async () => {
    const { call, pass } = await start()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      ids.push(await submit(call, feed({ messageId: 1, sku: 'A', ...update })))
      pass(1_000)
    }
    const first = await call('GET', FEEDS, { query: { feedTypes: 'JSON_LISTINGS_FEED', pageSize: '2' } })
    const rest = await call('GET', FEEDS, { query: { nextToken: first.body.nextToken } })
    const listed = [...first.body.feeds, ...rest.body.feeds].map(({ feedId }) => feedId)
    expect(listed).toEqual(ids.toReversed())
  })
})

describe('feeds of shipments', () => {
  it('report on orders that are not there', async () => {
    const { call, pass } = await start()
    const xml = `<?xml version="1.0"?><AmazonEnvelope><MessageType>OrderFulfillment</MessageType><Message><MessageID>1</MessageID><OrderFulfillment><AmazonOrderID>1-2-3</AmazonOrderID></OrderFulfillment></Message></AmazonEnvelope>`
    const tsv = 'order-id\tcarrier-code\ttracking-number\n1-2-3\tUPS\t1Z\n'
    const ids = [
      await submit(call, xml, 'POST_ORDER_FULFILLMENT_DATA', 'text/xml; charset=UTF-8'),
      await submit(call, tsv, 'POST_FLAT_FILE_FULFILLMENT_DATA', 'text/tab-separated-values'),
    ] as const
    pass(3_000)
    const [first, second] = [await reportOn(call, ids[0]), await reportOn(call, ids[1])]
    expect(first).toContain('<MessagesWithError>1</MessagesWithError>')
    expect(first).toContain('The order 1-2-3 was not found.')
    expect(second).toContain('1\t1-2-3\t18028\tError\tThe order 1-2-3 was not found.')
  })
})
