import { gunzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { modelsPresent, readShared, validator } from '../test-model.ts'
import { type Call, control, signInToCall, startForTest, US } from '../testing.ts'

const REPORTS = '/reports/2021-06-30'
const FEEDS = '/feeds/2021-06-30'

async function start(): Promise<Call> {
  const simulator = await startForTest()
  simulator.setPlan({ operation: '*', rate: 1_000, burst: 1_000 })
  await control(simulator, 'processing', { queueSeconds: 0, processingSeconds: 0 })
  return signInToCall(simulator)
}

describe.skipIf(!modelsPresent)('answers fit Amazon’s models', () => {
  it('for reports and their schedules', async () => {
    const call = await start()
    const check = (definition: string, body: unknown) =>
      validator('reports_2021-06-30.json', definition)(body)
    const wish = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: [US] }
    const made = (await call('POST', `${REPORTS}/reports`, { body: wish })).body
    check('CreateReportResponse', made)
    const report = (await call('GET', `${REPORTS}/reports/${made.reportId}`)).body
    check('Report', report)
    check('ReportDocument', (await call('GET', `${REPORTS}/documents/${report.reportDocumentId}`)).body)
    const query = { reportTypes: wish.reportType }
    check('GetReportsResponse', (await call('GET', `${REPORTS}/reports`, { query })).body)
    const schedule = (await call('POST', `${REPORTS}/schedules`, { body: { ...wish, period: 'P1D' } })).body
    check('CreateReportScheduleResponse', schedule)
    const one = await call('GET', `${REPORTS}/schedules/${schedule.reportScheduleId}`)
    check('ReportSchedule', one.body)
    check('ReportScheduleList', (await call('GET', `${REPORTS}/schedules`, { query })).body)
    check('ErrorList', (await call('GET', `${REPORTS}/reports/1`)).body)
  })

  it('for feeds', async () => {
    const call = await start()
    const check = (definition: string, body: unknown) => validator('feeds_2021-06-30.json', definition)(body)
    const document = (await call('POST', `${FEEDS}/documents`, { body: { contentType: 'text/plain' } })).body
    check('CreateFeedDocumentResponse', document)
    const wish = {
      feedType: 'JSON_LISTINGS_FEED',
      marketplaceIds: [US],
      inputFeedDocumentId: document.feedDocumentId,
    }
    const made = (await call('POST', `${FEEDS}/feeds`, { body: wish })).body
    check('CreateFeedResponse', made)
    const feed = (await call('GET', `${FEEDS}/feeds/${made.feedId}`)).body
    check('Feed', feed)
    check('FeedDocument', (await call('GET', `${FEEDS}/documents/${feed.resultFeedDocumentId}`)).body)
    const query = { feedTypes: wish.feedType }
    check('GetFeedsResponse', (await call('GET', `${FEEDS}/feeds`, { query })).body)
  })

  it('for restricted data tokens and documents of Data Kiosk', async () => {
    const call = await start()
    const restrictedResources = [{ method: 'GET', path: '/orders/v0/orders/{orderId}/address' }]
    const token = await call('POST', '/tokens/2021-03-01/restrictedDataToken', {
      body: { restrictedResources },
    })
    validator('tokens_2021-03-01.json', 'CreateRestrictedDataTokenResponse')(token.body)
    const check = (definition: string, body: unknown) =>
      validator('dataKiosk_2023-11-15.json', definition)(body)
    const query = `{ analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate(aggregateBy: DAY, startDate: "2026-01-01", endDate: "2026-01-02", marketplaceIds: ["${US}"]) { startDate } } }`
    const made = (await call('POST', '/dataKiosk/2023-11-15/queries', { body: { query } })).body
    check('CreateQueryResponse', made)
    const list = (await call('GET', '/dataKiosk/2023-11-15/queries')).body
    check('GetQueriesResponse', list)
    const path = `/dataKiosk/2023-11-15/documents/${list.queries[0].dataDocumentId}`
    check('GetDocumentResponse', (await call('GET', path)).body)
  })

  /** What a document holds. */
  async function contentOf(call: Call, path: string) {
    const { url } = (await call('GET', path)).body
    return JSON.parse(gunzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).toString())
  }

  const fits = (schema: string, content: unknown) => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      readShared(`schemas/${schema}`),
    )
    expect(validate(content), JSON.stringify(validate.errors)).toBe(true)
  }

  it('for what is in the documents, by Amazon’s schemas of these', async () => {
    const call = await start()
    const wish = { reportType: 'GET_SALES_AND_TRAFFIC_REPORT', marketplaceIds: [US] }
    const { reportId } = (await call('POST', `${REPORTS}/reports`, { body: wish })).body
    const { reportDocumentId } = (await call('GET', `${REPORTS}/reports/${reportId}`)).body
    const report = await contentOf(call, `${REPORTS}/documents/${reportDocumentId}`)
    expect(report.salesAndTrafficByAsin.length).toBeGreaterThan(0)
    fits('reports/sellerSalesAndTrafficReport.json', report)
    const contentType = 'application/json; charset=UTF-8'
    const document = (await call('POST', `${FEEDS}/documents`, { body: { contentType } })).body
    const messages = [
      { messageId: 1, sku: 'A', operationType: 'DELETE' },
      { messageId: 2, sku: 'B' },
    ]
    const body = JSON.stringify({ header: { sellerId: 'A', version: '2.0' }, messages })
    await fetch(document.url, { method: 'PUT', body, headers: { 'content-type': contentType } })
    const feed = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US] }
    const given = { ...feed, inputFeedDocumentId: document.feedDocumentId }
    const { feedId } = (await call('POST', `${FEEDS}/feeds`, { body: given })).body
    const { resultFeedDocumentId } = (await call('GET', `${FEEDS}/feeds/${feedId}`)).body
    const result = await contentOf(call, `${FEEDS}/documents/${resultFeedDocumentId}`)
    expect(result.issues.length).toBeGreaterThan(0)
    fits('feeds/listings-feed-processing-report-schema-v2.json', result)
  })
})
