/**
 * Figures of the token bucket: slots a second through a real Redis, and how much of Amazon's plans a group of callers
 * uses against a model of Amazon's own bucket, with 429s counted. `node bench/rate-limit.ts`, under a minute.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '#deploy/stack/redis.ts'
import { acquire } from '#libs/rate-limit/acquire.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { BucketKey, UsagePlan } from '#libs/rate-limit/port.ts'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { createServerModel } from '#libs/rate-limit/server-model.ts'
import { createVirtualClock } from '#libs/rate-limit/virtual-clock.ts'

const REDIS_MS = 3000
const SIMULATED_MS = 30 * 60_000
const key: BucketKey = { application: 'bench', seller: 'A1', operation: 'op' }

/** Slots a second that twenty callers of one process reserve, when no plan binds. */
async function throughRedis(url: string, slots: number): Promise<{ slots: number; tripMs: number }> {
  const bucket = createRedisTokenBucket({ url, share: 1, keyPrefix: `bench:${slots}` })
  const plans = {
    seller: { ratePerSecond: 1e6, burst: 1e6 },
    application: { ratePerSecond: 1e6, burst: 1e6 },
  }
  const request = { key, plans, slots, priority: 'background', maxWaitMs: 1e9 } as const
  await bucket.reserve(request)
  const until = performance.now() + REDIS_MS
  const callers = 20
  let trips = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (; performance.now() < until; trips++) await bucket.reserve(request)
    }),
  )
  await bucket.close()
  return { slots: (trips * slots * 1000) / REDIS_MS, tripMs: (REDIS_MS * callers) / trips }
}

/** One way to Amazon: 30 to 120 ms, and up to 300 for one call in twenty. */
function oneWayMs(): number {
  return Math.random() < 0.05 ? 120 + Math.random() * 180 : 30 + Math.random() * 90
}

/** Callers with enough work for half an hour of simulated time, one call each at a time. */
async function simulate(
  plan: UsagePlan,
  callers: number,
): Promise<{ used: number; calls: number; rejected: number }> {
  const clock = createVirtualClock()
  const bucket = createMemoryTokenBucket({ now: clock.now })
  const start = clock.now()
  const until = start + SIMULATED_MS
  const arrivals: number[] = []
  const request = { key, plans: { seller: plan }, priority: 'background', maxWaitMs: 1e12 } as const
  const caller = async () => {
    while (clock.now() < until) {
      await acquire(bucket, request, { now: clock.now, sleep: clock.sleep })
      const there = oneWayMs()
      arrivals.push(clock.now() + there)
      await clock.sleep(there + oneWayMs())
    }
  }
  await clock.run(Promise.all(Array.from({ length: callers }, caller)))
  arrivals.sort((a, b) => a - b)
  const server = createServerModel(plan)
  const accepted = arrivals.map((at) => server.arrive(at))
  const first = arrivals[0]!
  const served = arrivals.filter((at, index) => accepted[index] && at <= until)
  return {
    used: served.length / (((until - first) / 1000) * plan.ratePerSecond),
    calls: arrivals.length,
    rejected: accepted.filter((ok) => !ok).length,
  }
}

const dir = await mkdtemp(join(tmpdir(), 'asinstream-bench-'))
const redis = await startRedis({ dir, say: (line) => console.log(line) })
try {
  const rows = []
  for (const slots of [1, 5]) {
    const found = await throughRedis(redis.url, slots)
    rows.push({
      'slots a trip': slots,
      'slots a second': Math.round(found.slots),
      'ms a trip': found.tripMs.toFixed(2),
    })
  }
  console.log('Through Redis: one process, 20 callers, two levels')
  console.table(rows)
} finally {
  await redis.stop()
  await rm(dir, { recursive: true, force: true })
}

const rows = []
for (const plan of [
  { ratePerSecond: 2, burst: 2 },
  { ratePerSecond: 5, burst: 10 },
  { ratePerSecond: 5, burst: 5 },
  { ratePerSecond: 1, burst: 2 },
  { ratePerSecond: 0.5, burst: 1 },
  { ratePerSecond: 0.033, burst: 1 },
  { ratePerSecond: 0.0056, burst: 20 },
])
  for (const callers of [1, 3, 10]) {
    const { used, calls, rejected } = await simulate(plan, callers)
    rows.push({
      rate: plan.ratePerSecond,
      burst: plan.burst,
      callers,
      'used %': (used * 100).toFixed(2),
      calls,
      429: rejected,
    })
  }
console.log('Against a model of Amazon: half an hour of backlog, 30 to 120 ms one way, 5 % up to 300')
console.table(rows)
