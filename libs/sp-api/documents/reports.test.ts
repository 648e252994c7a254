import { beforeEach, expect, it } from 'vitest'
import { silentLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import {
  createReport,
  getReport,
  getReports,
  type Report,
} from '../operations/generated/reports-2021-06-30.ts'
import { testClock } from '../test-support.ts'
import type { OperationCaller } from './caller.ts'
import { createMemoryLedger, type Ledger, type LedgerEntry } from './ledger.ts'
import { Reports, reportKey } from './reports.ts'

const WISH = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: ['ATVPDKIKX0DER'] }

/** Amazon's reports as far as they are asked for here. */
class Amazon implements OperationCaller {
  readonly made: Report[] = []
  readonly asked: string[] = []
  /** Statuses in the order in which looks find them; the last one stays. */
  statuses: string[] = ['IN_QUEUE', 'IN_PROGRESS', 'DONE']
  /** What becomes of the next request for a report: made without an answer, refused before it arrives. */
  onCreate: 'answered' | 'unanswered' | 'lost' | 'refused' = 'answered'

  readonly #clock: { now(): number }

  constructor(clock: { now(): number }) {
    this.#clock = clock
  }

  async call(operation: { operationId: string }, parameters: object): Promise<never> {
    this.asked.push(operation.operationId)
    const body = this.#answer(operation.operationId, parameters)
    return { body, httpStatus: 200, requestId: null, receivedAt: this.#clock.now() } as never
  }

  #answer(operationId: string, parameters: object): unknown {
    switch (operationId) {
      case createReport.operationId: {
        const what = this.onCreate
        this.onCreate = 'answered'
        if (what === 'refused') throw failure('rejected', 400)
        if (what === 'lost') throw failure('timeout', null)
        const { body } = parameters as { body: typeof WISH }
        const reportId = `R${this.made.length + 1}`
        this.made.push({
          ...body,
          reportId,
          createdTime: new Date(this.#clock.now()).toISOString(),
          processingStatus: 'IN_QUEUE',
        })
        if (what === 'unanswered') throw failure('timeout', null)
        return { reportId }
      }
      case getReports.operationId:
        return { reports: this.made }
      case getReport.operationId: {
        const { reportId } = parameters as { reportId: string }
        const processingStatus = this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0]
        const report = this.made.find((one) => one.reportId === reportId)
        return { ...report, processingStatus, reportDocumentId: `D-${reportId}` }
      }
      default:
        throw new Error(operationId)
    }
  }
}

const failure = (kind: 'rejected' | 'timeout', httpStatus: number | null) =>
  new SpApiError({ kind, operation: 'createReport', httpStatus }, `${kind} for the test`)

/** What a process leaves that dies over its question. */
const asking = (wish: typeof WISH & { reportOptions?: Record<string, string> }): LedgerEntry => ({
  key: reportKey(wish),
  lane: `report:${wish.reportType}:${wish.marketplaceIds}`,
  version: 1,
  state: 'asking',
  wish,
  askedAt: clock.now(),
  id: null,
  documentId: null,
  finishedAt: null,
  notBefore: null,
  reason: null,
})

const HOUR = 3_600_000
let clock: ReturnType<typeof testClock>
let amazon: Amazon
let ledger: Ledger
const start = () => new Reports({ api: amazon, ledger, clock, log: silentLog })

beforeEach(() => {
  clock = testClock()
  amazon = new Amazon(clock)
  ledger = createMemoryLedger()
})

it('asks, looks until it is done, and names the document', async () => {
  expect(await start().request(WISH)).toEqual({
    kind: 'done',
    reportId: 'R1',
    reportDocumentId: 'D-R1',
    finishedAt: clock.now(),
  })
  expect(amazon.asked).toEqual(['createReport', 'getReport', 'getReport', 'getReport'])
})

it('asks once for all who want the same at the same time', async () => {
  const reports = start()
  const options = { reportOptions: { b: '2', a: '1' } }
  const same = { reportOptions: { a: '1', b: '2' } }
  await Promise.all([reports.request({ ...WISH, ...options }), reports.request({ ...WISH, ...same })])
  expect(amazon.made).toHaveLength(1)
})

it('takes one that is recent enough, and another one for who wants it newer', async () => {
  const reports = start()
  await reports.request(WISH)
  await clock.sleep(HOUR)
  expect(await reports.request({ ...WISH, reuseMs: 2 * HOUR })).toMatchObject({ reportId: 'R1' })
  expect(await reports.request({ ...WISH, reuseMs: HOUR / 2 })).toMatchObject({ reportId: 'R2' })
})

it('goes on with the report of a process that ended while Amazon worked on it', async () => {
  const abort = new AbortController()
  amazon.statuses = ['IN_QUEUE']
  const first = start().request(WISH, abort.signal)
  while (!amazon.asked.includes('getReport')) await new Promise(setImmediate)
  abort.abort(new Error('killed'))
  await expect(first).rejects.toThrow('killed')
  amazon.statuses = ['DONE']
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
  expect(amazon.made).toHaveLength(1)
})

it('finds the report of a process that ended before it noted the answer', async () => {
  await ledger.write(asking(WISH))
  await amazon.call(createReport, { body: WISH })
  amazon.statuses = ['DONE']
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
  expect(amazon.made).toHaveLength(1)
})

it('does not ask twice when the first request was taken without an answer', async () => {
  amazon.onCreate = 'unanswered'
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
  expect(amazon.made).toHaveLength(1)
})

it('tells who asks when Amazon never got the request, and asks again next time', async () => {
  amazon.onCreate = 'lost'
  await expect(start().request(WISH)).rejects.toThrow('timeout for the test')
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
})

it('tells who asks when Amazon refuses the request', async () => {
  amazon.onCreate = 'refused'
  await expect(start().request(WISH)).rejects.toThrow('rejected for the test')
})

it('takes CANCELLED as no data', async () => {
  amazon.statuses = ['IN_QUEUE', 'CANCELLED']
  expect(await start().request(WISH)).toMatchObject({ kind: 'no_data', reportId: 'R1' })
})

it.each([
  ['GET_MERCHANT_LISTINGS_ALL_DATA', 30],
  ['GET_FBA_MYI_ALL_INVENTORY_DATA', 30],
  ['GET_FBA_REIMBURSEMENTS_DATA', 240],
])('leaves %s alone for %i minutes after FATAL', async (reportType, minutes) => {
  const wish = { ...WISH, reportType }
  amazon.statuses = ['FATAL']
  const failed = await start()
    .request(wish)
    .catch((error) => error)
  expect(failed).toMatchObject({ kind: 'failed', retryAfterMs: minutes * 60_000 })
  await expect(start().request(wish)).rejects.toThrow('can be asked for again in')
  expect(amazon.made).toHaveLength(1)
  await clock.sleep(minutes * 60_000)
  amazon.statuses = ['DONE']
  expect(await start().request(wish)).toMatchObject({ reportId: 'R2' })
})

it('looks at once when a notification comes', async () => {
  const slow = new Reports({
    api: amazon,
    ledger,
    clock: {
      ...clock,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    },
    log: silentLog,
  })
  amazon.statuses = ['IN_QUEUE', 'DONE']
  const result = slow.request(WISH)
  while (!amazon.asked.includes('getReport')) await new Promise(setImmediate)
  await new Promise(setImmediate)
  slow.processed('R1')
  expect(await result).toMatchObject({ kind: 'done' })
})
