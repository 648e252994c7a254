import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Call, clock, control, request, signInToCall, startForTest, US } from '../../testing.ts'

const REPORTS = '/reports/2021-06-30/reports'
const DOCUMENTS = '/reports/2021-06-30/documents'
const JP = 'A1VC38T7YXB528'
const LISTINGS = 'GET_MERCHANT_LISTINGS_ALL_DATA'
const ORDERS = 'GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL'
const DAY = 86_400_000

/** A seller whose clock passes as told; reports wait for 1 s and are made in 2 s. */
async function start(options = {}) {
  const { now, pass } = clock()
  const simulator = await startForTest({ now, tokenTtlSeconds: 86_400, ...options })
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  return { simulator, pass, call: await signInToCall(simulator) }
}

async function ask(call: Call, body: object): Promise<string> {
  const { status, body: answer } = await call('POST', REPORTS, { body: { marketplaceIds: [US], ...body } })
  expect(status).toBe(202)
  return answer.reportId
}

/** The report when it has come to its end. */
async function finished(call: Call, pass: (ms: number) => void, body: object) {
  const id = await ask(call, body)
  pass(3_000)
  return (await call('GET', `${REPORTS}/${id}`)).body
}

async function linkOf(call: Call, documentId: string, query: Record<string, string> = {}) {
  return (await call('GET', `${DOCUMENTS}/${documentId}`, { query })).body
}

async function download(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers })
  return { response, bytes: Buffer.from(await response.arrayBuffer()) }
}

describe('a report', () => {
  it('waits, is made, is done and names its document', async () => {
    const { call, pass } = await start()
    const id = await ask(call, { reportType: LISTINGS })
    const look = async () => (await call('GET', `${REPORTS}/${id}`)).body
    expect(await look()).toMatchObject({ processingStatus: 'IN_QUEUE', reportType: LISTINGS })
    pass(1_000)
    expect(await look()).toMatchObject({ processingStatus: 'IN_PROGRESS' })
    expect((await look()).reportDocumentId).toBeUndefined()
    pass(2_000)
    const done = await look()
    expect(done).toMatchObject({ processingStatus: 'DONE', marketplaceIds: [US] })
    expect(Date.parse(done.processingEndTime) - Date.parse(done.processingStartTime)).toBe(2_000)
    const { url, compressionAlgorithm } = await linkOf(call, done.reportDocumentId)
    expect(compressionAlgorithm).toBe('GZIP')
    const { response, bytes } = await download(url)
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(response.headers.get('content-type')).toBe('text/tab-separated-values; charset=Cp1252')
    const rows = new TextDecoder('windows-1252').decode(gunzipSync(bytes)).trimEnd().split('\n')
    expect(rows[0]?.split('\t').slice(0, 4)).toEqual([
      'item-name',
      'item-description',
      'listing-id',
      'seller-sku',
    ])
    expect(rows.length).toBeGreaterThan(150)
    expect(new Set(rows.map((row) => row.split('\t').length))).toEqual(new Set([29]))
    expect(rows.some((row) => row.includes('™'))).toBe(true)
  })

  it('is as fast as told', async () => {
    const { call, simulator } = await start()
    await control(simulator, 'processing', { queueSeconds: 0, processingSeconds: 0 })
    const id = await ask(call, { reportType: LISTINGS })
    expect((await call('GET', `${REPORTS}/${id}`)).body.processingStatus).toBe('DONE')
    expect((await control(simulator, 'processing', { speed: 1 })).body.error).toMatch(/queueSeconds/)
  })

  it('is made though its answer is lost on the way', async () => {
    const { call, simulator } = await start()
    await control(simulator, 'faults', { resetamid: 1, only: ['createReport'] })
    await expect(ask(call, { reportType: LISTINGS })).rejects.toThrow()
    const { body } = await call('GET', REPORTS, { query: { reportTypes: LISTINGS } })
    expect(body.reports).toHaveLength(1)
  })

  it('is another seller’s secret', async () => {
    const { call, pass, simulator } = await start()
    const { reportId, reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const other = await signInToCall(simulator, { refresh_token: 'seller-two' })
    expect((await other('GET', `${REPORTS}/${reportId}`)).status).toBe(404)
    expect((await other('GET', `${DOCUMENTS}/${reportDocumentId}`)).status).toBe(404)
  })

  it('is cancelled while it waits, and not later', async () => {
    const { call, pass } = await start()
    const [first, second] = [
      await ask(call, { reportType: LISTINGS }),
      await ask(call, { reportType: ORDERS }),
    ]
    const cancelled = await call('DELETE', `${REPORTS}/${first}`)
    expect([cancelled.status, cancelled.body]).toEqual([200, ''])
    expect((await call('GET', `${REPORTS}/${first}`)).body.processingStatus).toBe('CANCELLED')
    pass(1_500)
    expect((await call('DELETE', `${REPORTS}/${second}`)).status).toBe(400)
  })

  it.each([
    [{ reportType: 'GET_NOTHING' }, /invalid/],
    [{ reportType: LISTINGS, marketplaceIds: [] }, /marketplaceIds/],
    [{ reportType: LISTINGS, marketplaceIds: Array(26).fill(US) }, /marketplaceIds/],
    [{ reportType: LISTINGS, marketplaceIds: ['US'] }, /marketplaceIds/],
    [{ reportType: ORDERS, dataStartTime: 'yesterday' }, /dataStartTime/],
    [{ reportType: ORDERS, dataStartTime: '2999-01-01T00:00:00Z' }, /future/],
    [{ reportType: ORDERS, dataStartTime: '2026-02-02', dataEndTime: '2026-02-01' }, /after/],
    [{ reportType: ORDERS, reportOptions: { a: 1 } }, /reportOptions/],
  ])('%j is refused', async (change, message) => {
    const { call } = await start()
    const { status, body, headers } = await call('POST', REPORTS, {
      body: { marketplaceIds: [US], ...change },
    })
    expect([status, body.errors[0].code]).toEqual([400, 'InvalidInput'])
    expect(body.errors[0].message).toMatch(message)
    expect(headers.get('x-amzn-ratelimit-limit')).toBe('1000.0')
  })

  it('keeps to its usage plan: fifteen, then one a minute; the header is on the 202', async () => {
    const { now, pass } = clock()
    const call = await signInToCall(await startForTest({ now }))
    const body = { reportType: LISTINGS, marketplaceIds: [US] }
    const replies = []
    for (let i = 0; i < 16; i++) replies.push(await call('POST', REPORTS, { body }))
    expect(replies.map(({ status }) => status)).toEqual([...Array(15).fill(202), 429])
    expect(replies[0]?.headers.get('x-amzn-ratelimit-limit')).toBe('0.0167')
    expect(replies[15]?.headers.get('x-amzn-ratelimit-limit')).toBeNull()
    pass(60_000)
    expect((await call('POST', REPORTS, { body })).status).toBe(202)
  })
})

describe('what a report comes to', () => {
  it('is CANCELLED when there is nothing to report', async () => {
    const { call, pass } = await start({ ordersPerDay: 1 })
    const [dataStartTime, dataEndTime] = ['2019-01-01T00:00:00Z', '2019-01-02T00:00:00Z']
    const report = await finished(call, pass, { reportType: ORDERS, dataStartTime, dataEndTime })
    expect(report).toMatchObject({ processingStatus: 'CANCELLED' })
    expect(report.reportDocumentId).toBeUndefined()
  })

  it('is CANCELLED when it is asked for again too soon', async () => {
    const { call, pass } = await start()
    const wish = { reportType: 'GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA' }
    const statuses = []
    for (const wait of [0, 60_000, 1_800_000]) {
      pass(wait)
      statuses.push((await finished(call, pass, wish)).processingStatus)
    }
    expect(statuses).toEqual(['DONE', 'CANCELLED', 'DONE'])
  })

  it('is FATAL on demand, as often as told, with a document that says why', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'reports', { reportType: LISTINGS, outcome: 'FATAL', times: 2 })
    const statuses = []
    for (let i = 0; i < 3; i++) {
      const report = await finished(call, pass, { reportType: LISTINGS })
      statuses.push(report.processingStatus)
      if (i > 0) continue
      const { bytes } = await download((await linkOf(call, report.reportDocumentId)).url)
      expect(JSON.parse(gunzipSync(bytes).toString())).toEqual({
        errorDetails: expect.stringContaining(LISTINGS),
      })
    }
    expect(statuses).toEqual(['FATAL', 'FATAL', 'DONE'])
    expect((await control(simulator, 'reports', { reportType: 'GET_X' })).body.error).toMatch(/must be \* or/)
  })
})

describe('a report of listings', () => {
  it('shows them as they were when it was asked for, whatever was submitted since', async () => {
    const { call, pass, simulator } = await start()
    const { sellerId } = (await control(simulator, 'seller', { refreshToken: 'seller-one' })).body
    const row = async (documentId: string) => {
      const { bytes } = await download((await linkOf(call, documentId)).url)
      const rows = new TextDecoder('windows-1252').decode(gunzipSync(bytes)).split('\n')
      return rows.map((one) => one.split('\t')).find((cells) => cells[3] === 'SKU-00001')
    }
    const before = await finished(call, pass, { reportType: LISTINGS })
    const value = [
      { currency: 'USD', our_price: [{ schedule: [{ value_with_tax: 7.5 }] }], marketplace_id: US },
    ]
    const patch = await call('PATCH', `/listings/2021-08-01/items/${sellerId}/SKU-00001`, {
      query: { marketplaceIds: US },
      body: {
        productType: 'PRODUCT',
        patches: [{ op: 'replace', path: '/attributes/purchasable_offer', value }],
      },
    })
    expect(patch.status).toBe(200)
    const after = await finished(call, pass, { reportType: LISTINGS })
    const [old, changed] = [await row(before.reportDocumentId), await row(after.reportDocumentId)]
    expect(changed?.[4]).toBe('7.50')
    expect(old?.[4]).not.toBe('7.50')
    expect(old?.[0]).toBe(changed?.[0])
  })
})

describe('lists of reports', () => {
  it('have pages whose token is the only parameter', async () => {
    const { call, pass } = await start()
    const made = []
    for (let i = 0; i < 5; i++) {
      made.push(await ask(call, { reportType: LISTINGS }))
      pass(1_000)
    }
    const query = { reportTypes: LISTINGS, pageSize: '2' }
    const seen: string[] = []
    let page = (await call('GET', REPORTS, { query })).body
    const { nextToken } = page
    for (;;) {
      seen.push(...page.reports.map((report: { reportId: string }) => report.reportId))
      if (page.nextToken === undefined) break
      page = (await call('GET', REPORTS, { query: { nextToken: page.nextToken } })).body
    }
    expect(seen).toEqual(made.toReversed())
    const both = await call('GET', REPORTS, { query: { nextToken, pageSize: '2' } })
    expect([both.status, both.body.errors[0].details]).toEqual([
      400,
      "'nextToken' must be the only parameter.",
    ])
    expect((await call('GET', REPORTS, { query: { nextToken: `${nextToken}x` } })).status).toBe(400)
    expect((await call('GET', REPORTS)).body.errors[0].message).toMatch(/reportTypes/)
  })

  it('can be narrowed, and reach back 90 days', async () => {
    const { call, pass, simulator } = await start()
    const [us, jp] = [
      await ask(call, { reportType: LISTINGS }),
      await ask(call, { reportType: LISTINGS, marketplaceIds: [JP] }),
    ]
    const ids = async (query: Record<string, string>) => {
      const { body } = await call('GET', REPORTS, { query: { reportTypes: LISTINGS, ...query } })
      return body.reports.map((report: { reportId: string }) => report.reportId)
    }
    expect(await ids({ marketplaceIds: JP })).toEqual([jp])
    expect(await ids({ processingStatuses: 'DONE,FATAL' })).toEqual([])
    pass(3_000)
    expect(await ids({ processingStatuses: 'DONE,FATAL' })).toEqual([jp, us])
    expect(await ids({ createdSince: '2999-01-01T00:00:00Z' })).toEqual([])
    pass(91 * DAY)
    const later = await signInToCall(simulator)
    const { body } = await later('GET', REPORTS, { query: { reportTypes: LISTINGS } })
    expect(body.reports).toEqual([])
  })
})

describe('schedules', () => {
  it('make reports, and take the place of one of the same kind', async () => {
    const { call, pass } = await start()
    const body = { reportType: LISTINGS, marketplaceIds: [US], period: 'PT1H' }
    const path = '/reports/2021-06-30/schedules'
    const first = await call('POST', path, { body })
    expect(first.status).toBe(201)
    const second = (await call('POST', path, { body })).body.reportScheduleId
    expect((await call('GET', `${path}/${first.body.reportScheduleId}`)).status).toBe(404)
    expect((await call('GET', `${path}/${second}`)).body).toMatchObject({
      reportType: LISTINGS,
      period: 'PT1H',
    })
    const listed = await call('GET', path, { query: { reportTypes: LISTINGS } })
    expect(listed.body.reportSchedules).toHaveLength(1)
    pass(3_600_000)
    const { body: page } = await call('GET', REPORTS, { query: { reportTypes: LISTINGS } })
    expect(page.reports).toMatchObject([{ reportScheduleId: second, processingStatus: 'IN_QUEUE' }])
    expect((await call('DELETE', `${path}/${second}`)).status).toBe(200)
    expect((await call('DELETE', `${path}/${second}`)).status).toBe(404)
    expect((await call('POST', path, { body: { ...body, period: 'PT7M' } })).status).toBe(400)
  })
})

describe('a document', () => {
  it('is fetched by a URL that expires, and by no other', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'documents', { expiresSeconds: 10 })
    const { reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const { url } = await linkOf(call, reportDocumentId)
    pass(9_000)
    expect((await request(url)).status).toBe(200)
    pass(2_000)
    const late = await request(url)
    expect([late.status, late.headers.get('content-type')]).toEqual([403, 'application/xml'])
    expect(late.body).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>')
    const fresh = (await linkOf(call, reportDocumentId)).url
    expect((await request(fresh)).status).toBe(200)
    expect((await request(fresh.replace('X-Amz-Expires=10', 'X-Amz-Expires=99'))).body).toContain(
      'SignatureDoesNotMatch',
    )
    const withToken = await request(fresh, { headers: { 'x-amz-access-token': 'Atza|x' } })
    expect([withToken.status, withToken.body]).toEqual([403, expect.stringContaining('x-amz-access-token')])
    expect((await request(fresh, { headers: { authorization: 'Bearer x' } })).status).toBe(400)
  })

  it('comes in pieces', async () => {
    const { call, pass } = await start()
    const { reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const { url } = await linkOf(call, reportDocumentId)
    const whole = await download(url)
    const etag = whole.response.headers.get('etag') ?? ''
    const first = await download(url, { range: 'bytes=0-99' })
    const rest = await download(url, { range: 'bytes=100-', 'if-range': etag })
    expect([first.response.status, rest.response.status]).toEqual([206, 206])
    expect(first.response.headers.get('content-range')).toBe(`bytes 0-99/${whole.bytes.length}`)
    expect(Buffer.concat([first.bytes, rest.bytes]).equals(whole.bytes)).toBe(true)
    const other = await download(url, { range: 'bytes=100-', 'if-range': '"other"' })
    expect([other.response.status, other.bytes.length]).toEqual([200, whole.bytes.length])
    const last = await download(url, { range: 'bytes=-10' })
    expect(last.bytes.equals(whole.bytes.subarray(-10))).toBe(true)
    const none = await download(url, { range: `bytes=${whole.bytes.length}-` })
    expect([none.response.status, none.response.headers.get('content-range')]).toEqual([
      416,
      `bytes */${whole.bytes.length}`,
    ])
  })

  it('says that it is compressed when asked to, and is plain on demand', async () => {
    const { call, pass, simulator } = await start()
    const { reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const { url } = await linkOf(call, reportDocumentId, { enableContentEncodingUrlHeader: 'true' })
    // fetch undoes the Content-Encoding.
    const { response, bytes } = await download(url)
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(bytes.subarray(0, 9).toString()).toBe('item-name')
    await control(simulator, 'reports', { reportType: LISTINGS, gzip: false })
    const plain = await linkOf(call, (await finished(call, pass, { reportType: LISTINGS })).reportDocumentId)
    expect(plain.compressionAlgorithm).toBeUndefined()
    expect((await download(plain.url)).bytes.subarray(0, 9).toString()).toBe('item-name')
  })

  it('breaks in the middle, and S3 asks to slow down, on demand', async () => {
    const { call, pass, simulator } = await start()
    const { reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const { url } = await linkOf(call, reportDocumentId)
    await control(simulator, 'documents', { cut: 1 })
    await expect(download(url)).rejects.toThrow()
    await control(simulator, 'documents', { cut: 0, slowDown: 1 })
    expect((await request(url)).body).toContain('SlowDown')
    await control(simulator, 'documents', { slowDown: 0 })
    expect((await request(url)).status).toBe(200)
    expect((await control(simulator, 'documents', { cut: 2 })).body.error).toMatch(/from 0 to 1/)
  })

  it('is in Shift_JIS in Japan, in another character set on demand, whatever it declares', async () => {
    const { call, pass, simulator } = await start()
    const wish = { reportType: LISTINGS, marketplaceIds: [JP] }
    const fetchIt = async () => {
      const { reportDocumentId } = await finished(call, pass, wish)
      const { response, bytes } = await download((await linkOf(call, reportDocumentId)).url)
      return { type: response.headers.get('content-type'), text: gunzipSync(bytes) }
    }
    const declared = 'text/tab-separated-values; charset=Shift_JIS'
    const usual = await fetchIt()
    expect(usual.type).toBe(declared)
    const text = new TextDecoder('shift_jis', { fatal: true }).decode(usual.text)
    for (const word of ['【公式】ソフト', '表示機能付き', '髙級①', 'ｶﾗｰ']) expect(text).toContain(word)
    await control(simulator, 'reports', { reportType: LISTINGS, charset: 'utf-8', bom: true })
    const lying = await fetchIt()
    expect(lying.type).toBe(declared)
    expect([...lying.text.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(new TextDecoder('utf-8', { fatal: true }).decode(lying.text)).toBe(text)
  })

  it('is as long as told', async () => {
    const { call, pass, simulator } = await start()
    await control(simulator, 'reports', { reportType: LISTINGS, listings: 5_000 })
    const { reportDocumentId } = await finished(call, pass, { reportType: LISTINGS })
    const { bytes } = await download((await linkOf(call, reportDocumentId)).url)
    const rows = gunzipSync(bytes).toString('latin1').trimEnd().split('\n').slice(1)
    expect(rows.length).toBeGreaterThan(4_000)
    expect(new Set(rows.map((row) => row.split('\t')[3])).size).toBe(rows.length)
  })
})

describe('reports of other kinds', () => {
  const month = { dataStartTime: new Date(Date.now() - 30 * DAY).toISOString() }

  it.each([
    [ORDERS, 'amazon-order-id'],
    ['GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL', 'amazon-order-id'],
    ['GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA', 'sku'],
    ['GET_FBA_MYI_ALL_INVENTORY_DATA', 'sku'],
    ['GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA', 'return-date'],
  ])('%s is a table', async (reportType, column) => {
    const { call, pass } = await start()
    const { reportDocumentId } = await finished(call, pass, { reportType, ...month })
    const { bytes } = await download((await linkOf(call, reportDocumentId)).url)
    const [head, ...rows] = gunzipSync(bytes)
      .toString('latin1')
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
    expect(head?.split('\t')[0]).toBe(column)
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row.split('\t')).toHaveLength(head?.split('\t').length ?? 0)
  })

  it('sales and traffic are JSON whose days add up to its products', async () => {
    const { call, pass } = await start()
    const wish = { reportType: 'GET_SALES_AND_TRAFFIC_REPORT', reportOptions: { asinGranularity: 'SKU' } }
    const { reportDocumentId } = await finished(call, pass, { ...wish, ...month })
    const { bytes } = await download((await linkOf(call, reportDocumentId)).url)
    const report = JSON.parse(gunzipSync(bytes).toString())
    expect(report.salesAndTrafficByDate.length).toBeGreaterThanOrEqual(30)
    const units = (key: string, rows: Record<string, { unitsOrdered: number }>[]) =>
      rows.reduce((all, row) => all + (row[key]?.unitsOrdered ?? 0), 0)
    const sold = units('salesByDate', report.salesAndTrafficByDate)
    expect(sold).toBeGreaterThan(100)
    expect(units('salesByAsin', report.salesAndTrafficByAsin)).toBe(sold)
  })

  it('all orders are XML as well', async () => {
    const { call, pass } = await start()
    const wish = { reportType: 'GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL', ...month }
    const { reportDocumentId } = await finished(call, pass, wish)
    const { response, bytes } = await download((await linkOf(call, reportDocumentId)).url)
    expect(response.headers.get('content-type')).toBe('text/xml; charset=UTF-8')
    const xml = gunzipSync(bytes).toString()
    const count = (pattern: RegExp) => xml.match(pattern)?.length ?? 0
    expect(count(/<Order>/g)).toBeGreaterThan(1_000)
    expect(count(/<Order>/g)).toBe(count(/<\/Order>/g))
    expect(xml.endsWith('</AmazonEnvelope>\n')).toBe(true)
  })
})
