import { expect, it } from 'vitest'
import { SpApiError } from '../errors.ts'
import { createFeed } from '../operations/generated/feeds-2021-06-30.ts'
import { getReport } from '../operations/generated/reports-2021-06-30.ts'
import { DurableOperations, type DurableOptions } from './durable-operations.ts'
import { createMemoryOperationStore } from './memory-store.ts'
import { OperationQueue } from './operation-queue.ts'
import type { StoredOperation } from './store.ts'
import { testSellers } from './test-sellers.ts'

function setup(fails: (() => Error)[] = []) {
  const sellers = testSellers({
    getReport: { seller: { ratePerSecond: 1, burst: 1 } },
    createFeed: { seller: { ratePerSecond: 1, burst: 1 } },
  })
  const { clock, virtual } = sellers
  const store = createMemoryOperationStore(virtual.now)
  const finished: StoredOperation[] = []
  const open = (options: Partial<DurableOptions> = {}) =>
    new DurableOperations({
      queue: new OperationQueue({ clock }),
      store,
      sellers: [sellers.seller('shop', fails)],
      operations: [getReport, createFeed],
      onFinished: (operation) => finished.push(operation),
      clock,
      ...options,
    })
  const durable = open()
  const report = (id: string, more = {}) =>
    durable.add({
      seller: 'shop',
      operation: getReport,
      parameters: { reportId: id },
      idempotencyKey: id,
      ...more,
    })
  const body = { feedType: 'X', marketplaceIds: ['ATVPDKIKX0DER'], inputFeedDocumentId: 'd' }
  const feed = (idempotencyKey: string) =>
    durable.add({ seller: 'shop', operation: createFeed, parameters: { body }, idempotencyKey })
  /** Lets time pass until so many are over. */
  const until = async (
    count: number,
    running: DurableOperations = durable,
    meanwhile = Promise.resolve(),
  ) => {
    const over = async () => {
      while (finished.length < count) await clock.sleep(100)
      await running.stop()
    }
    await virtual.run(Promise.all([running.run(), over(), meanwhile]))
  }
  return { ...sellers, store, finished, open, durable, report, feed, until }
}

it('sends each operation once for its key, the urgent ones first, and keeps the answers', async () => {
  const { report, finished, until, sent, store } = setup()
  for (let i = 0; i < 20; i++) await report(`${i}`)
  await report('3')
  await report('urgent', { priority: 'urgent' })
  await until(21)
  expect(sent).toHaveLength(21)
  expect(sent[0]!.what).toBe('shop getReport urgent')
  expect(finished.map(({ state }) => state)).toEqual(Array(21).fill('done'))
  expect(await store.find('3')).toMatchObject({
    state: 'done',
    outcome: { body: {}, httpStatus: 200, requestId: 'r' },
  })
})

it('never sends again what may have been done and must not be twice', async () => {
  const broken = () =>
    new SpApiError(
      { kind: 'timeout', operation: 'createFeed', uncertain: true, transient: true },
      'no answer',
    )
  const { feed, finished, until, sent, store } = setup([broken])
  await feed('feed')
  await until(1)
  expect(sent).toHaveLength(1)
  expect(finished).toMatchObject([{ state: 'uncertain', outcome: { message: 'no answer' } }])
  await feed('feed')
  expect(await store.find('feed')).toMatchObject({ state: 'uncertain' })
})

it('sends again what Amazon refused with a 429, and forgets that it had left', async () => {
  const throttled = () =>
    new SpApiError({ kind: 'throttled', operation: 'createFeed', httpStatus: 429, transient: true }, 'quota')
  const { feed, finished, until, sent } = setup([throttled, throttled])
  await feed('feed')
  await until(1)
  expect(sent).toHaveLength(3)
  expect(finished).toMatchObject([{ state: 'done' }])
})

it('gives back what has not left when it stops, for the next process', async () => {
  const { report, finished, until, open, virtual, clock, durable, store } = setup()
  for (let i = 0; i < 10; i++) await report(`${i}`)
  const stop = clock.sleep(2_500).then(() => durable.stop())
  await virtual.run(Promise.all([durable.run(), stop]))
  expect(finished.length).toBeGreaterThan(0)
  expect(finished.length).toBeLessThan(10)
  expect(await store.open()).toBe(10 - finished.length)
  await until(10, open())
  expect(new Set(finished.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(10)
})

it('refuses what Amazon’s model refuses, and what there is no room for, before anything is kept', async () => {
  const { open, store } = setup()
  const durable = open({ maxOpen: 1 })
  const add = (reportId: string) =>
    durable.add({ seller: 'shop', operation: getReport, parameters: { reportId }, idempotencyKey: reportId })
  await expect(add('')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  await add('a')
  await expect(add('b')).rejects.toMatchObject({ code: 'QUEUE_FULL' })
  expect(await add('a')).toMatchObject({ state: 'waiting' })
  expect(await store.open()).toBe(1)
})

it('expedites and cancels what waits, in the store and in its own queue', async () => {
  const { report, until, durable, finished, clock, sent } = setup()
  for (let i = 0; i < 20; i++) await report(`${i}`)
  expect(await durable.cancel('19')).toBe(true)
  const steered: boolean[] = []
  const steer = async () => {
    // One has gone, eight stand in the queue, and the others wait in the store.
    while (sent.length === 0) await clock.sleep(50)
    for (const id of ['5', '15', 'none']) steered.push(await durable.expedite(id))
    for (const id of ['6', '0']) steered.push(await durable.cancel(id))
  }
  await until(19, durable, steer())
  expect(steered).toEqual([true, true, false, true, false])
  const ids = sent.map(({ what }) => what.split(' ')[2])
  expect(ids[1]).toBe('5')
  expect(ids.indexOf('15')).toBeLessThan(5)
  expect(ids).not.toContain('6')
  expect(ids).not.toContain('19')
  expect(finished.find(({ idempotencyKey }) => idempotencyKey === '6')).toMatchObject({ state: 'cancelled' })
})

it('forgets outcomes that nobody came for, after a while', async () => {
  const { report, until, finished, open, store, virtual, clock } = setup()
  await report('old')
  await until(1)
  const later = open({ keepMs: 1_000 })
  const stop = clock.sleep(5_000).then(() => later.stop())
  await virtual.run(clock.sleep(2_000))
  await virtual.run(Promise.all([later.run(), stop]))
  expect(finished).toHaveLength(1)
  expect(await store.find('old')).toBeNull()
})
