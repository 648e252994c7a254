import { beforeEach, expect, it } from 'vitest'
import { silentLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import { createReport } from '../operations/generated/reports-2021-06-30.ts'
import { testClock } from '../test-support.ts'
import { createMemoryLedger, type Ledger, type LedgerEntry } from './ledger.ts'
import { Reports, reportKey } from './reports.ts'
import { failure, Mortal, TestAmazon } from './test-amazon.ts'

const WISH = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: ['ATVPDKIKX0DER'] }

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
let amazon: TestAmazon
let ledger: Ledger
const start = () => new Reports({ api: amazon, ledger, clock, log: silentLog })

beforeEach(() => {
  clock = testClock()
  amazon = new TestAmazon(clock)
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
  expect(amazon.reports).toHaveLength(1)
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
  expect(amazon.reports).toHaveLength(1)
})

it('finds the report of a process that ended before it noted the answer', async () => {
  await ledger.write(asking(WISH))
  await amazon.call(createReport, { body: WISH })
  amazon.statuses = ['DONE']
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
  expect(amazon.reports).toHaveLength(1)
})

it('does not ask twice when the first request was taken without an answer', async () => {
  amazon.onCreate = 'unanswered'
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
  expect(amazon.reports).toHaveLength(1)
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
  expect(amazon.reports).toHaveLength(1)
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

it('dies at any step and is asked for once, whoever goes on', async () => {
  for (let steps = 0; ; steps++) {
    amazon = new TestAmazon(clock)
    ledger = createMemoryLedger()
    const mortal = new Mortal(steps)
    const first = new Reports({
      api: mortal.api(amazon),
      ledger: mortal.ledger(ledger),
      clock,
      log: silentLog,
    })
    const died = await first.request(WISH).then(
      () => false,
      () => true,
    )
    expect(died).toBe(mortal.isDead)
    // What goes on in a process that is dead is nothing.
    if (!died) {
      expect(steps).toBeGreaterThan(8)
      return
    }
    expect(await start().request({ ...WISH, reuseMs: HOUR }), `killed at step ${steps}`).toMatchObject({
      reportId: 'R1',
    })
    expect(amazon.reports, `killed at step ${steps}`).toHaveLength(1)
  }
})

it('does not take a report with other options for its own', async () => {
  const other = { ...WISH, reportOptions: { custom: 'true' } }
  await ledger.write(asking(other))
  await amazon.call(createReport, { body: other })
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R2' })
  expect(amazon.reports.map(({ reportId }) => reportId)).toEqual(['R1', 'R2'])
  expect(await start().request({ ...other, reuseMs: HOUR })).toMatchObject({ reportId: 'R1' })
})

it('does not take an older report of its own for the one that was not answered', async () => {
  await start().request(WISH)
  await clock.sleep(1)
  amazon.onCreate = 'unanswered'
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R2' })
  await clock.sleep(1)
  expect(await start().request(WISH)).toMatchObject({ reportId: 'R3' })
  expect(amazon.reports).toHaveLength(3)
})

it.each([-600_000, 600_000])(
  'finds what was not answered by a clock that differs from Amazon’s by %i ms',
  async (ms) => {
    amazon.aheadMs = ms
    amazon.onCreate = 'unanswered'
    expect(await start().request(WISH)).toMatchObject({ reportId: 'R1' })
    expect(amazon.reports).toHaveLength(1)
  },
)

it('does not take what others asked for before it for its own', async () => {
  amazon.foreignReport(WISH)
  await clock.sleep(300_000)
  amazon.onCreate = 'lost'
  await expect(start().request(WISH)).rejects.toThrow('timeout for the test')
})

it('takes none of a schedule, of other times or other marketplaces, and looks at all pages of the list', async () => {
  amazon.pageSize = 1
  const wish = { ...WISH, dataStartTime: '2026-01-01T00:00:00Z' }
  await ledger.write(asking(wish))
  await amazon.call(createReport, { body: wish })
  amazon.foreignReport({ ...wish, reportScheduleId: 'S1' })
  amazon.foreignReport({ ...wish, dataStartTime: '2026-01-02T00:00:00Z' })
  amazon.foreignReport({ ...wish, marketplaceIds: ['A1PA6795UKMFR9'] })
  expect(await start().request(wish)).toMatchObject({ reportId: 'R1' })
  expect(amazon.asked.filter((name) => name === 'getReports')).toHaveLength(4)
})

it('asks the region of its marketplaces', async () => {
  const regions: unknown[] = []
  const api = {
    call: (operation: never, parameters: never, options: { marketplaceId?: string }) => {
      regions.push(options.marketplaceId)
      return amazon.call(operation, parameters)
    },
  }
  const wish = { ...WISH, marketplaceIds: ['A1PA6795UKMFR9'] }
  amazon.onCreate = 'unanswered'
  await new Reports({ api, ledger, clock, log: silentLog }).request(wish)
  // createReport names the marketplace itself.
  expect(new Set(regions.slice(1))).toEqual(new Set(['A1PA6795UKMFR9']))
})

it('gives the one that there is where Amazon would cancel another, and says how old it is', async () => {
  const wish = { ...WISH, reportType: 'GET_AFN_INVENTORY_DATA' }
  const first = await start().request(wish)
  await clock.sleep(HOUR / 4)
  expect(await start().request(wish)).toEqual(first)
  await clock.sleep(HOUR / 4 + 1)
  expect(await start().request(wish)).toMatchObject({ reportId: 'R2' })
})

it('does not ask again for what has no data before Amazon would look again', async () => {
  const wish = { ...WISH, reportType: 'GET_FBA_REIMBURSEMENTS_DATA' }
  amazon.statuses = ['CANCELLED']
  await start().request(wish)
  await clock.sleep(3 * HOUR)
  expect(await start().request(wish)).toMatchObject({ kind: 'no_data', reportId: 'R1' })
  amazon.statuses = ['DONE']
  await clock.sleep(HOUR + 1)
  expect(await start().request(wish)).toMatchObject({ kind: 'done', reportId: 'R2' })
})

it('waits while Amazon does not answer, and gives up in the end', async () => {
  let outages = 3
  const api = {
    call: (operation: { operationId: string }, parameters: object) => {
      if (operation.operationId === 'getReport' && outages-- > 0)
        throw failure('unavailable', 503, { transient: true, retryAfterMs: 120_000 })
      return amazon.call(operation, parameters)
    },
  } as never
  expect(await new Reports({ api, ledger, clock, log: silentLog }).request(WISH)).toMatchObject({
    reportId: 'R1',
  })
  expect(clock.sleeps.filter((ms) => ms === 120_000)).toHaveLength(3)
  await clock.sleep(1)
  outages = Number.POSITIVE_INFINITY
  await expect(new Reports({ api, ledger, clock, log: silentLog }).request(WISH)).rejects.toMatchObject({
    kind: 'unavailable',
  })
})

it('tells what Amazon says about a FATAL report, also to those who ask later', async () => {
  amazon.statuses = ['FATAL']
  const explain = async () => 'reportPeriod is required'
  const reports = new Reports({ api: amazon, ledger, clock, log: silentLog, explain })
  await expect(reports.request(WISH)).rejects.toThrow('report R1 ended FATAL (reportPeriod is required)')
  await expect(start().request(WISH)).rejects.toThrow('(reportPeriod is required)')
})

it('asks for another one when Amazon has forgotten the one that it worked on', async () => {
  const abort = new AbortController()
  amazon.statuses = ['IN_QUEUE']
  const first = start().request(WISH, abort.signal)
  while (!amazon.asked.includes('getReport')) await new Promise(setImmediate)
  abort.abort(new Error('killed'))
  await expect(first).rejects.toThrow('killed')
  const forgetful = {
    call: (operation: { operationId: string }, parameters: object) => {
      if (operation.operationId === 'getReport' && JSON.stringify(parameters).includes('R1'))
        throw new SpApiError({ kind: 'not_found', operation: 'getReport', httpStatus: 404 }, 'no such report')
      return amazon.call(operation, parameters)
    },
  } as never
  amazon.statuses = ['DONE']
  const reports = new Reports({ api: forgetful, ledger, clock, log: silentLog })
  await expect(reports.request(WISH)).rejects.toThrow('no such report')
  expect(await reports.request(WISH)).toMatchObject({ reportId: 'R2' })
})
