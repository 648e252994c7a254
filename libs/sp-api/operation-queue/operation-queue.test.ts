import { expect, it } from 'vitest'
import { OperationQueueError, SpApiError } from '../errors.ts'
import { getInventorySummaries } from '../operations/generated/fba-inventory-v1.ts'
import { getDestination } from '../operations/generated/notifications-v1.ts'
import { searchOrders } from '../operations/generated/orders-2026-01-01.ts'
import { getReport } from '../operations/generated/reports-2021-06-30.ts'
import { OperationQueue } from './operation-queue.ts'
import type { OperationQueueOptions, QueuedCall, QueueOptions } from './port.ts'
import { type TestSellers, testSellers } from './test-sellers.ts'

const SECOND = { ratePerSecond: 1, burst: 1 }
const report = (reportId: string | number) => ({ reportId: String(reportId) })
const sentOf = ({ sent }: TestSellers) => sent.map(({ what }) => what)

function setup(options: Partial<OperationQueueOptions> = {}) {
  const sellers = testSellers({ getReport: { seller: SECOND }, searchOrders: { seller: SECOND } })
  const queue = new OperationQueue({ clock: sellers.clock, ...options })
  const shop = sellers.seller('shop')
  const get = (id: string, more: QueueOptions = {}): QueuedCall<unknown> =>
    queue.add(shop, getReport, report(id), more)
  return { ...sellers, sellers, queue, shop, get }
}
const answersOf = (calls: readonly QueuedCall<unknown>[]) => Promise.all(calls.map(({ answer }) => answer))
const codeOf = (call: QueuedCall<unknown>) =>
  call.answer.then(
    () => 'answered',
    (error: OperationQueueError) => error.code,
  )

it('sends urgent calls before background ones, and each kind in its order', async () => {
  const { virtual, get, sellers } = setup()
  const calls = ['a', 'b', 'c'].map((id) => get(id))
  calls.push(get('u', { priority: 'urgent' }), get('v', { priority: 'urgent' }))
  await virtual.run(answersOf(calls))
  expect(sentOf(sellers)).toEqual(['u', 'v', 'a', 'b', 'c'].map((id) => `shop getReport ${id}`))
})

it('lets a call that comes later and is urgent have the slot that others wait for', async () => {
  const { virtual, get, sellers, clock } = setup()
  const calls = ['a', 'b', 'c'].map((id) => get(id))
  const late = clock.sleep(1_500).then(() => get('late', { priority: 'urgent' }).answer)
  await virtual.run(Promise.all([...calls.map(({ answer }) => answer), late]))
  expect(sentOf(sellers)).toEqual(['a', 'b', 'late', 'c'].map((id) => `shop getReport ${id}`))
})

it('expedites one call past everything that waits', async () => {
  const { virtual, get, sellers } = setup()
  const calls = ['a', 'b', 'c'].map((id) => get(id))
  calls.push(get('u', { priority: 'urgent' }))
  calls[2]!.expedite()
  await virtual.run(answersOf(calls))
  expect(sentOf(sellers)[0]).toBe('shop getReport c')
})

it.each([
  [
    'before new and urgent work where its token lives for 30 seconds',
    getInventorySummaries,
    { granularityType: 'Marketplace', granularityId: 'US', marketplaceIds: ['US'] },
    ['page', 'page', 'page', 'other', 'other', 'other'],
  ],
  [
    'in its turn where its token lives for a day',
    searchOrders,
    { createdAfter: '2026-01-01' },
    ['page', 'other', 'other', 'other', 'page', 'page'],
  ],
] as const)('asks for the next page %s', async (_when, operation, parameters, expected) => {
  const { queue, shop, virtual } = setup()
  const asked = operation as typeof searchOrders
  const order: string[] = []
  const paging = {
    ...shop,
    api: {
      async call(...args: Parameters<typeof shop.api.call>) {
        const answer = await shop.api.call(...args)
        order.push('page')
        const pagination =
          order.filter((what) => what === 'page').length < 3 ? { nextToken: order.join() } : {}
        return { ...answer, body: { pagination } as never }
      },
    },
  }
  const drain = async () => {
    const pages = queue.pages(paging, asked, parameters as never, { priority: 'urgent' })
    for await (const { nextToken } of pages) if (nextToken === null) return
  }
  const draining = drain()
  const others = Array.from({ length: 3 }, () =>
    queue.call(shop, asked, parameters as never, { priority: 'urgent' }).then(() => order.push('other')),
  )
  await virtual.run(Promise.all([draining, ...others]))
  expect(order).toEqual(expected)
})

it('is fair to a modest seller when a greedy one spends the same bucket', async () => {
  // What needs no seller has one bucket for the whole application.
  const sellers = testSellers({ getDestination: { seller: SECOND } })
  const queue = new OperationQueue({ clock: sellers.clock })
  const [greedy, modest] = [sellers.seller('greedy'), sellers.seller('modest')]
  const ask = (seller: typeof greedy, id: number) =>
    queue.call(seller, getDestination, { destinationId: `${id}` })
  const many = Array.from({ length: 300 }, (_, i) => ask(greedy, i))
  const few = Array.from({ length: 10 }, (_, i) => ask(modest, i))
  const startedAt = sellers.clock.now()
  await sellers.virtual.run(Promise.all([...many, ...few]))
  const lastOfModest = sellers.sent.findLastIndex(({ what }) => what.startsWith('modest'))
  expect(lastOfModest).toBeLessThanOrEqual(20)
  expect(sellers.sent[lastOfModest]!.at - startedAt).toBeLessThanOrEqual(20_000)
  expect(sellers.sent).toHaveLength(310)
})

it('is fair to a modest seller when both are held up by their application’s own limit', async () => {
  const plans = { seller: { ratePerSecond: 50, burst: 1 }, application: SECOND }
  const sellers = testSellers({ getReport: plans })
  const queue = new OperationQueue({ clock: sellers.clock })
  const [greedy, modest] = [sellers.seller('greedy'), sellers.seller('modest')]
  const many = Array.from({ length: 100 }, (_, i) => queue.call(greedy, getReport, report(i)))
  const few = Array.from({ length: 10 }, (_, i) => queue.call(modest, getReport, report(i)))
  await sellers.virtual.run(Promise.all([...many, ...few]))
  expect(sellers.sent.findLastIndex(({ what }) => what.startsWith('modest'))).toBeLessThanOrEqual(30)
})

it('waits once: all of the quota is used, and only the head of the line stands in the bucket', async () => {
  const { queue, get, bucket, virtual, sellers, clock } = setup()
  const calls = Array.from({ length: 60 }, (_, i) => get(`${i}`))
  const look = async () => {
    await clock.sleep(30_500)
    const [lane] = (await bucket.survey()).buckets
    return { inBucket: lane!.state.queued, inQueue: queue.state.lanes[0]!.waiting.background }
  }
  const [seen] = await virtual.run(Promise.all([look(), ...calls.map(({ answer }) => answer)]))
  expect(seen).toEqual({ inBucket: 1, inQueue: 29 })
  const [first, last] = [sellers.sent[0]!.at, sellers.sent.at(-1)!.at]
  // 0.1 % is the bucket's own margin for clocks.
  expect(59 / ((last - first) / 1_000)).toBeGreaterThan(0.998)
  expect(queue.state).toEqual(expect.objectContaining({ calls: 0, sellers: {}, categories: {} }))
})

it('gives the slot back that nobody waits for any more', async () => {
  const { get, bucket, virtual, clock } = setup()
  await virtual.run(get('first').answer)
  const call = get('second')
  const off = clock.sleep(500).then(() => call.callOff())
  await virtual.run(Promise.all([off, call.answer.catch(() => {})]))
  const [lane] = (await bucket.survey()).buckets
  expect(lane!.state).toMatchObject({ granted: 1, queued: 0 })
})

it('does not send a call after its deadline, nor one that is called off or aborted, and says which', async () => {
  const { get, virtual, clock, sellers } = setup()
  const abort = new AbortController()
  const calls = [
    get('sent'),
    get('off'),
    get('aborted', { signal: abort.signal }),
    get('too late', { deadlineMs: 900 }),
    get('in time', { deadlineMs: 60_000 }),
  ]
  const stop = clock.sleep(100).then(() => {
    expect(calls[1]!.callOff()).toBe(true)
    abort.abort(Object.assign(new Error('enough'), { code: 'MINE' }))
  })
  const codes = await virtual.run(Promise.all([...calls.map(codeOf), stop]))
  expect(codes.slice(0, 5)).toEqual(['answered', 'CALLED_OFF', 'MINE', 'DEADLINE_PASSED', 'answered'])
  expect(sentOf(sellers)).toEqual(['shop getReport sent', 'shop getReport in time'])
  expect(calls[0]!.callOff()).toBe(false)
})

it('refuses a call that finds it full, of all, of a seller or of a section, and says so', async () => {
  const { queue, shop, sellers, virtual } = setup({ maxCalls: 6, maxCallsOf: { orders: 1 } })
  const other = sellers.seller('other')
  const calls: QueuedCall<unknown>[] = [1, 2, 3].map((id) => queue.add(shop, getReport, report(id)))
  const refused = (add: () => unknown) =>
    expect(add).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', message: expect.stringMatching(/no room/) }),
    )
  refused(() => queue.add(shop, getReport, report(4)))
  expect(() => queue.add(shop, getReport, report(4))).toThrow(/of the seller shop/)
  calls.push(queue.add(other, searchOrders, { createdAfter: 'x' }))
  expect(() => queue.add(other, searchOrders, { createdAfter: 'y' })).toThrow(/of the section orders/)
  calls.push(...[5, 6].map((id) => queue.add(other, getReport, report(id))))
  expect(() => queue.add(other, getReport, report(7))).toThrow(/of all sellers/)
  await virtual.run(answersOf(calls))
  // There is room again.
  await virtual.run(queue.call(shop, getReport, report(8)))
})

it('asks again after an outage that lasts as long as it lasts, and gives up on what Amazon refuses', async () => {
  const sellers = testSellers({ getReport: { seller: { ratePerSecond: 100, burst: 100 } } })
  const queue = new OperationQueue({ clock: sellers.clock })
  const failure = (fields: Partial<SpApiError>) => () =>
    new SpApiError({ kind: 'unavailable', operation: 'getReport', transient: true, ...fields }, 'down')
  const ask = (fails: (() => Error)[]) =>
    queue.call(sellers.seller('shop', fails), getReport, report(1)).then(
      () => sellers.sent.splice(0).length,
      (error: SpApiError) => `${error.kind} after ${sellers.sent.splice(0).length}`,
    )
  const run = (fails: (() => Error)[]) => sellers.virtual.run(ask(fails))
  expect(await run(Array(30).fill(failure({ httpStatus: 503 })))).toBe(31)
  expect(await run(Array(30).fill(failure({ kind: 'throttled', httpStatus: 429 })))).toBe(31)
  expect(await run(Array(30).fill(failure({ kind: 'timeout' })))).toBe('timeout after 5')
  expect(await run(Array(30).fill(failure({ httpStatus: 500 })))).toBe('unavailable after 5')
  expect(await run([failure({ kind: 'rejected', transient: false })])).toBe('rejected after 1')
  expect(await run([failure({ uncertain: true })])).toBe('unavailable after 1')
})

it('closes: what waits is called off, what is under way comes to its end', async () => {
  const { queue, get, virtual } = setup()
  const calls = ['a', 'b', 'c'].map((id) => get(id))
  const codes = Promise.all(calls.map(codeOf))
  const closing = queue.close()
  expect(await virtual.run(codes)).toEqual(['QUEUE_CLOSED', 'QUEUE_CLOSED', 'QUEUE_CLOSED'])
  await closing
  expect(() => get('d')).toThrow(OperationQueueError)
})
