import { expect, it, vi } from 'vitest'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { rejections } from '#libs/rate-limit/server-model.ts'
import { backing, describeWith } from '#tests/support/backing.ts'
import { silentLog, systemClock } from '../clock.ts'
import type { Answer } from '../http-client.ts'
import { getReport } from '../operations/generated/reports-2021-06-30.ts'
import { RateTracker } from '../rate-tracker.ts'
import { defaultUsagePlans } from '../usage-plans.ts'
import { OperationQueue } from './operation-queue.ts'
import type { QueueSeller } from './port.ts'

const PLAN = { ratePerSecond: 20, burst: 20 }
const EACH = 30

/** One of several processes: a queue and a bucket of its own, and what it sent when. */
function startProcess(application: string) {
  const bucket = createRedisTokenBucket({ url: backing('redis'), share: 2, commandTimeoutMs: 10_000 })
  const rates = new RateTracker({
    bucket,
    account: { application, seller: 'shop' },
    plans: { ...defaultUsagePlans, getReport: { seller: PLAN } },
    maxSlotWaitMs: 120_000,
    clock: systemClock,
    log: silentLog,
  })
  const sent: { readonly id: string; readonly dueAt: number }[] = []
  const seller: QueueSeller = {
    name: 'shop',
    api: {
      async call(operation, parameters, { priority = 'background', signal, slots } = {}) {
        const slot = await rates.slot(
          { operation: operation.key, ofSeller: true },
          { priority, signal, slots },
        )
        sent.push({ id: String(Object.values(parameters)[0]), dueAt: slot.dueAt })
        return { body: {}, httpStatus: 200, requestId: null, receivedAt: 0 } as Answer<never>
      },
    },
  }
  const queue = new OperationQueue()
  const ask = (id: string, priority: 'urgent' | 'background') =>
    queue.call(seller, getReport, { reportId: id }, { priority })
  return { bucket, queue, sent, ask }
}

describeWith(['redis'], 'operation queues of several processes on one bucket in Redis', () => {
  it('keep to the plan together, let urgent work go first, and leave nobody in the bucket', async () => {
    const application = `itest-queue-${process.pid}-${Date.now()}`
    const processes = [startProcess(application), startProcess(application)]
    const [one] = processes as [ReturnType<typeof startProcess>]
    const calls = processes.flatMap(({ ask }) =>
      Array.from({ length: EACH }, (_, i) => ask(`background-${i}`, 'background')),
    )
    await vi.waitFor(() => expect(one.sent.length).toBeGreaterThan(3), { timeout: 30_000, interval: 5 })
    const before = one.sent.length
    const urgent = Array.from({ length: 3 }, (_, i) => one.ask(`urgent-${i}`, 'urgent'))
    await Promise.all([...calls, ...urgent])

    expect(
      rejections(
        PLAN,
        processes.flatMap(({ sent }) => sent.map(({ dueAt }) => dueAt)),
      ),
    ).toBe(0)
    // Slots that are handed out already are the only ones before them.
    expect(one.sent.findLastIndex(({ id }) => id.startsWith('urgent'))).toBeLessThan(before + 3 + 2)
    const key = { application, seller: 'shop', operation: 'getReport' }
    // What was asked for and nobody needed any more has left the bucket's queue.
    await vi.waitFor(
      async () => {
        const state = await one.bucket.state(key, { seller: PLAN })
        expect(state).toMatchObject({ queued: 0, granted: 2 * EACH + 3 })
      },
      { timeout: 10_000 },
    )
    for (const { bucket, queue } of processes) {
      await queue.close()
      await bucket.close()
    }
  })
})
