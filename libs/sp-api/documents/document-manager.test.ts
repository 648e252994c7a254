import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { SpApiError } from '../errors.ts'
import { createSpApi, RegionalEndpointManager, type SpApi } from '../index.ts'
import { openBucket } from '../test-support.ts'
import {
  createMemoryLedger,
  DocumentManager,
  type DocumentManagerOptions,
  LISTINGS_FEED,
  type ListingsMessage,
  listingsFeed,
  type Row,
  readListingsReport,
  type XmlElement,
} from './index.ts'
import { all } from './testing.ts'

const LISTINGS = 'GET_MERCHANT_LISTINGS_ALL_DATA'

let spoolFolder: string
beforeAll(async () => {
  spoolFolder = await mkdtemp(join(tmpdir(), 'asinstream-test-'))
})
afterAll(() => rm(spoolFolder, { recursive: true }))
const running: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop()
})

interface SetUp {
  readonly simulator: Simulator
  readonly api: SpApi
  readonly documents: DocumentManager
  /** `POST /_simulator/{route}` */
  control(route: string, body: object): Promise<void>
  /** Calls of an operation that Amazon has answered. */
  calls(operation: string): number
  /** A manager as another process has one. */
  another(more?: Partial<DocumentManagerOptions>): DocumentManager
}

/** Amazon, simulated; all that it makes is ready at once unless told otherwise. */
async function setUp(more: Partial<DocumentManagerOptions> = {}): Promise<SetUp> {
  const simulator = await startSimulator({ rate: 10_000, burst: 10_000, appRate: 10_000 })
  running.push(simulator)
  simulator.setPlan({ operation: '*', rate: 10_000, burst: 10_000 })
  const control = async (route: string, body: object) => {
    const answer = await fetch(`${simulator.url}/_simulator/${route}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
  await control('processing', { queueSeconds: 0, processingSeconds: 0 })
  await control('reports', { reportType: '*', cooldownSeconds: 0, listings: 50 })
  const api = createSpApi({
    application: { clientId: 'client', clientSecret: 'client-secret' },
    refreshToken: 'Atzr|refresh',
    sellerKey: 'seller',
    endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
    bucket: openBucket(),
  })
  running.push({ stop: () => api.close() })
  const another = (own: Partial<DocumentManagerOptions> = {}) => {
    const documents = new DocumentManager({
      api,
      spoolFolder,
      patience: { firstMs: 20, longestMs: 100, leaseMs: 60_000, listedAfterMs: 20 },
      ...more,
      ...own,
    })
    running.push({ stop: () => documents.close() })
    return documents
  }
  return {
    simulator,
    api,
    control,
    another,
    documents: another(),
    calls: (operation) => {
      const byStatus = simulator.stats().requests[operation] ?? {}
      return Object.values(byStatus).reduce((sum, count) => sum + count, 0)
    },
  }
}

const flat = (rows: readonly unknown[]) => rows as Row[]

describe('reports of a simulated Amazon', () => {
  it.each([
    ['DE', 'windows-1252'],
    ['JP', 'shift_jis'],
    ['US', 'windows-1252'],
  ])('listings of %s come to rows, in %s (pain 6)', async (country, charset) => {
    const { documents } = await setUp()
    const request = { reportType: LISTINGS, marketplaceIds: [country] }
    const rows = flat(await all(documents.reportRows(request)))
    expect(rows.length).toBeGreaterThan(40)
    expect(rows.every((row) => row['seller-sku'] !== '' && row.asin1!.length === 10)).toBe(true)
    const titles = rows.map((row) => row['item-name']).join('')
    expect(titles).not.toContain('\ufffd')
    const report = await documents.report({ ...request, reuseMs: 60_000 })
    if (report.kind !== 'done') throw new Error(report.kind)
    const text = documents.text({ ...request, reportDocumentId: report.reportDocumentId })
    await all(text.pieces)
    // Plain letters alone decide nothing.
    if (/[^\x20-\x7e]/.test(titles)) expect(text.findings.charset).toBe(charset)
    expect(text.findings).toMatchObject({ declared: charset, mended: 0, damaged: 0 })
  })

  it.each([
    ['UTF-8 that is called Cp1252', { charset: 'utf-8' }],
    ['UTF-8 with a byte order mark that is called Cp1252', { charset: 'utf-8', bom: true }],
    ['Cp1252 that is not compressed', { gzip: false }],
  ])('%s says the same (pain 6)', async (_, behaviour) => {
    const { documents, control } = await setUp()
    const request = { reportType: LISTINGS, marketplaceIds: ['DE'] }
    const before = await all(documents.reportRows(request))
    await control('reports', { reportType: LISTINGS, cooldownSeconds: 0, listings: 50, ...behaviour })
    const rows = await all(documents.reportRows(request))
    expect(flat(rows).map((row) => [row['seller-sku'], row['item-name']])).toEqual(
      flat(before).map((row) => [row['seller-sku'], row['item-name']]),
    )
    expect(Object.keys(flat(rows)[0]!)[0]).toBe('item-name')
  })

  it('JSON by its array, XML by its element', async () => {
    const { documents } = await setUp()
    const sales = { reportType: 'GET_SALES_AND_TRAFFIC_REPORT', marketplaceIds: ['US'] }
    const byDate = await all(documents.reportRows(sales, { array: 'salesAndTrafficByDate' }))
    expect(byDate.length).toBeGreaterThan(0)
    expect(byDate[0]).toHaveProperty('date')
    await expect(all(documents.reportRows({ ...sales, reuseMs: 60_000 }))).rejects.toThrow(
      'salesAndTrafficByAsin or salesAndTrafficByDate',
    )
    const orders = {
      reportType: 'GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL',
      marketplaceIds: ['US'],
      dataStartTime: new Date(Date.now() - 7 * 86_400_000).toISOString(),
    }
    const elements = (await all(documents.reportRows(orders))) as XmlElement[]
    expect(elements.length).toBeGreaterThan(0)
    for (const order of elements) expect(order.textOf('AmazonOrderID')).toMatch(/^\d{3}-\d{7}-\d{7}$/)
  })

  it('one with names of buyers gets its token by itself (pain 9)', async () => {
    const { documents, calls } = await setUp()
    const request = {
      reportType: 'GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING',
      marketplaceIds: ['US'],
      dataStartTime: new Date(Date.now() - 7 * 86_400_000).toISOString(),
    }
    const rows = flat(await all(documents.reportRows(request)))
    expect(rows.length).toBeGreaterThan(0)
    expect(rows[0]!['buyer-name']).not.toBe('')
    expect(calls('createRestrictedDataToken')).toBe(1)
  })

  it('without data have no rows; one that ended FATAL says why (pain 7)', async () => {
    const { documents, control } = await setUp()
    const request = { reportType: LISTINGS, marketplaceIds: ['US'] }
    await control('reports', { reportType: LISTINGS, outcome: 'CANCELLED', cooldownSeconds: 0 })
    expect(await all(documents.reportRows(request))).toEqual([])
    await control('reports', { reportType: LISTINGS, outcome: 'FATAL', cooldownSeconds: 0 })
    const failure = await documents.report(request).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SpApiError)
    expect(failure).toMatchObject({ kind: 'failed', message: expect.stringMatching(/ended FATAL \(.+\)/) })
  })

  it('are not asked for where Amazon would cancel another (pain 7)', async () => {
    const { documents, calls } = await setUp()
    const request = { reportType: 'GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA', marketplaceIds: ['US'] }
    const first = await documents.report(request)
    expect(await documents.report(request)).toEqual(first)
    expect(calls('createReport')).toBe(1)
  })

  it('downloads that break go on where they broke, and URLs that expire are made anew', async () => {
    const { documents, control, calls } = await setUp()
    const request = { reportType: LISTINGS, marketplaceIds: ['DE'] }
    const whole = await all(documents.reportRows(request))
    await control('documents', { cut: 0.5, slowDown: 0.3, expiresSeconds: 2 })
    for (let time = 0; time < 3; time++)
      expect(await all(documents.reportRows({ ...request, reuseMs: 600_000 }))).toEqual(whole)
    expect(calls('createReport')).toBe(1)
  })

  it('is waited for until Amazon has it, by any number of processes, of which one asks', async () => {
    const ledger = createMemoryLedger()
    const { another, control, calls } = await setUp({ ledger })
    await control('processing', { queueSeconds: 0.1, processingSeconds: 0.1 })
    const request = { reportType: LISTINGS, marketplaceIds: ['US'] }
    const results = await Promise.all(Array.from({ length: 5 }, () => another().report(request)))
    expect(new Set(results.map((result) => result.reportId)).size).toBe(1)
    expect(calls('createReport')).toBe(1)
  })
})

describe('feeds of a simulated Amazon', () => {
  const feed = (...messages: readonly ListingsMessage[]) => ({
    key: 'feed 1',
    feedType: LISTINGS_FEED,
    marketplaceIds: ['US'],
    content: listingsFeed({ sellerId: 'A1' }, messages),
  })
  const wrong: ListingsMessage = { sku: '', operationType: 'DELETE' }

  it('a feed of listings is uploaded in pieces, and each message has its answer', async () => {
    const { documents, calls } = await setUp()
    const listings = await all(documents.reportRows({ reportType: LISTINGS, marketplaceIds: ['US'] }))
    const sku = flat(listings)[0]!['seller-sku']!
    const messages = [{ sku, operationType: 'DELETE' as const }, wrong]
    const result = await documents.submitFeed(feed(...messages))
    expect(result.kind).toBe('done')
    const text = documents.feedText({ feedDocumentId: result.resultFeedDocumentId!, marketplaceIds: ['US'] })
    const report = await readListingsReport(text.pieces)
    expect(report.summary).toMatchObject({ messagesProcessed: 2, messagesAccepted: 1, messagesInvalid: 1 })
    expect(report.issues.map(({ messageId }) => messageId)).toEqual([2])
    expect(await documents.submitFeed(feed(...messages))).toEqual(result)
    expect(calls('createFeed')).toBe(1)
  })

  it('an upload whose URL has expired, or that the storage puts off, is made anew', async () => {
    const { documents, control, calls } = await setUp()
    await control('documents', { slowDown: 0.5 })
    expect(await documents.submitFeed(feed(wrong))).toMatchObject({ kind: 'done' })
    expect(calls('createFeed')).toBe(1)
  })

  it('one that Amazon can not read ends FATAL, and is told so', async () => {
    const { documents } = await setUp()
    const result = await documents.submitFeed({ ...feed(wrong), content: 'no JSON' })
    expect(result.kind).toBe('fatal')
  })
})

describe('queries of a simulated Data Kiosk', () => {
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
  const query = `
    query MyQuery {
      analytics_salesAndTraffic_2024_04_24 {
        salesAndTrafficByDate(startDate: "${day(10)}", endDate: "${day(2)}", aggregateBy: DAY, marketplaceIds: ["US_ID"]) {
          startDate
        }
      }
    }`.replace('US_ID', 'ATVPDKIKX0DER')
  const request = { query, marketplaceId: 'US' }

  it('come to rows, whatever number of parts they come in, each asked for once', async () => {
    const { documents, control, calls } = await setUp()
    const whole = await all(documents.queryRows(request))
    expect(whole.length).toBeGreaterThan(5)
    expect(calls('createQuery')).toBe(1)
    await control('data-kiosk', { rowsPerDocument: 2 })
    expect(await all(documents.queryRows(request))).toEqual(whole)
    const parts = Math.ceil(whole.length / 2)
    expect(calls('createQuery')).toBe(1 + parts)
    expect(await all(documents.queryRows({ ...request, reuseMs: 600_000 }))).toEqual(whole)
    expect(calls('createQuery')).toBe(1 + parts)
  })

  it('that died before the answer are found, by their text', async () => {
    const ledger = createMemoryLedger()
    const { documents, another, api, calls } = await setUp({ ledger })
    const deaf = {
      call: async (...call: Parameters<typeof api.call>) => {
        const answer = await api.call(...call)
        if (call[0].operationId === 'createQuery')
          throw new SpApiError({ kind: 'timeout', operation: 'createQuery' }, 'lost')
        return answer
      },
    } as typeof api
    const rows = await all(another({ api: deaf }).queryRows(request))
    expect(rows.length).toBeGreaterThan(5)
    expect(await all(documents.queryRows({ ...request, reuseMs: 600_000 }))).toEqual(rows)
    expect(calls('createQuery')).toBe(1)
  })

  it('that fail say why, and are left alone', async () => {
    const { documents, control, calls } = await setUp()
    await control('data-kiosk', { outcome: 'FATAL' })
    await expect(all(documents.queryRows(request))).rejects.toThrow(
      /^query \d+ failed \(.+\); it can be asked for again in/,
    )
    await expect(all(documents.queryRows(request))).rejects.toThrow('failed')
    expect(calls('createQuery')).toBe(1)
  })
})

describe('what is kept', () => {
  const request = { reportType: LISTINGS, marketplaceIds: ['US'] }

  it('can be deleted; what waits at Amazon is cancelled', async () => {
    const { documents, control, calls } = await setUp()
    expect(await documents.deleteReport(request)).toBe(false)
    await documents.report(request)
    expect(await documents.deleteReport(request)).toBe(true)
    await documents.report({ ...request, reuseMs: 600_000 })
    expect(calls('createReport')).toBe(2)

    await control('processing', { queueSeconds: 3_600 })
    const abort = new AbortController()
    const waiting = documents.submitFeed(
      { key: 'k', feedType: LISTINGS_FEED, marketplaceIds: ['US'], content: '{}' },
      abort.signal,
    )
    while (calls('getFeed') === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(await documents.deleteFeed({ key: 'k', marketplaceIds: ['US'] })).toBe(true)
    expect(calls('cancelFeed')).toBe(1)
    expect(await documents.feedResult('k')).toBeNull()
  })

  it('is forgotten by itself when it is old', async () => {
    let at = Date.now()
    const clock = {
      now: () => at,
      monotonicMs: () => performance.now(),
      random: Math.random,
      sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 5))),
    }
    const ledger = createMemoryLedger()
    const { documents } = await setUp({ ledger, clock })
    await documents.report(request)
    at += 31 * 86_400_000
    await documents.report({ ...request, marketplaceIds: ['DE'] })
    expect(await documents.cleanUp()).toEqual({ entries: 0, files: 0 })
    expect(await ledger.forget({ finished: Number.MAX_SAFE_INTEGER, asked: Number.MAX_SAFE_INTEGER })).toBe(1)
  })
})
