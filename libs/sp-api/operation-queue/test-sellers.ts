import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { BucketPlans, TokenBucket } from '#libs/rate-limit/port.ts'
import { createVirtualClock, type VirtualClock } from '#libs/rate-limit/virtual-clock.ts'
import { type Clock, silentLog } from '../clock.ts'
import type { Answer } from '../http-client.ts'
import { RateTracker } from '../rate-tracker.ts'
import { defaultUsagePlans, type OperationKey } from '../usage-plans.ts'
import type { QueueSeller } from './port.ts'

/** Sellers whose client takes slots of a real bucket and answers at once, in time that jumps. */
export interface TestSellers {
  readonly clock: Clock
  readonly virtual: VirtualClock
  readonly bucket: TokenBucket
  /** What was sent, in its order: `seller operation parameter`, and when, in milliseconds. */
  readonly sent: { readonly what: string; readonly at: number }[]
  /** `fails`: thrown by its next requests, one after the other, instead of an answer. */
  seller(name: string, fails?: (() => Error)[]): QueueSeller
}

export function testSellers(plans: Partial<Record<OperationKey, BucketPlans>> = {}): TestSellers {
  const virtual = createVirtualClock()
  const clock: Clock = {
    now: () => virtual.now(),
    monotonicMs: () => virtual.now(),
    sleep: (ms, signal) => virtual.sleep(ms, signal),
    random: () => 0.5,
  }
  const bucket = createMemoryTokenBucket({ now: virtual.now, jitterMs: 0, urgentShare: 0 })
  const sent: TestSellers['sent'] = []
  return {
    clock,
    virtual,
    bucket,
    sent,
    seller(name, fails = []) {
      const rates = new RateTracker({
        bucket,
        account: { application: 'app', seller: name },
        plans: { ...defaultUsagePlans, ...plans },
        maxSlotWaitMs: 120_000,
        clock,
        log: silentLog,
      })
      return {
        name,
        api: {
          async call(operation, parameters, options = {}) {
            const { priority = 'background', signal, slots } = options
            const subject = { operation: operation.key, ofSeller: operation.scope === null }
            await rates.slot(subject, { priority, signal, slots })
            const [parameter] = Object.values(parameters)
            sent.push({ what: `${name} ${operation.key} ${String(parameter)}`, at: virtual.now() })
            const failure = fails.shift()
            if (failure) throw failure()
            return { body: {}, httpStatus: 200, requestId: 'r', receivedAt: 0 } as Answer<never>
          },
        },
      }
    },
  }
}
