import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '#deploy/stack/redis.ts'
import { acquire, type Slot, SlotRefusedError } from '#libs/rate-limit/acquire.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import type { TokenBucket, UsagePlan } from '#libs/rate-limit/port.ts'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { createServerModel } from '#libs/rate-limit/server-model.ts'
import { createVirtualClock } from '#libs/rate-limit/virtual-clock.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'

/** Every plan in the tables of Amazon's API models: requests a second, then the bursts published with that rate. */
const PUBLISHED: readonly (readonly [rate: number, ...bursts: number[]])[] = [
  [0.0056, 20],
  [0.0083, 15],
  [0.016, 15],
  [0.0167, 1, 15, 20],
  [0.017, 2],
  [0.0222, 10],
  [0.033, 1],
  [0.1, 1],
  [0.5, 1, 10, 15, 30],
  [1, 1, 2, 5, 10],
  [2, 2, 6, 10, 15, 30],
  [5, 5, 10, 15, 30],
]
const PLANS: readonly UsagePlan[] = PUBLISHED.flatMap(([ratePerSecond, ...bursts]) =>
  bursts.map((burst) => ({ ratePerSecond, burst })),
)
const FETCHERS = [1, 3, 10]
/** Calls that one fetcher has under way at a time. */
const IN_FLIGHT = 4

interface Time {
  now(): number
  sleep(ms: number): Promise<void>
}

/** One way: 30 to 120 ms, and up to 300 for one call in twenty. */
const SHORTEST_MS = 30
function oneWayMs(): number {
  return Math.random() < 0.05 ? 120 + Math.random() * 180 : SHORTEST_MS + Math.random() * 90
}

/** Fetchers with more work than quota until `until`, against a bucket as Amazon keeps it, full at the start. */
async function work(plan: UsagePlan, buckets: readonly TokenBucket[], until: number, time: Time) {
  const server = createServerModel(plan)
  const key = { application: 'bench', seller: `${plan.ratePerSecond}`, operation: `burst-${plan.burst}` }
  const request = { key, plans: { seller: plan }, priority: 'background' } as const
  const arrivals: number[] = []
  let [refused, excessMs] = [0, 0]
  const caller = async (bucket: TokenBucket) => {
    for (;;) {
      // Who has no slot until then goes home: at 0.1 a second forty callers would wait for minutes after the end.
      const maxWaitMs = Math.max(0, until - time.now())
      const slot = await slotOrNone(
        acquire(bucket, { ...request, maxWaitMs }, { now: time.now, sleep: time.sleep }),
      )
      if (slot === null) return
      const sent = time.now()
      await time.sleep(oneWayMs())
      if (!server.arrive(time.now())) {
        refused++
        await bucket.throttled(key, request.plans)
      } else arrivals.push(time.now())
      await time.sleep(oneWayMs())
      excessMs += time.now() - sent - 2 * SHORTEST_MS
      await slot.answered(sent, time.now())
    }
  }
  await Promise.all(
    Array.from({ length: buckets.length * IN_FLIGHT }, (_, i) => caller(buckets[i % buckets.length]!)),
  )
  const seconds = (arrivals.at(-1)! - arrivals[0]!) / 1000
  const calls = arrivals.length
  const meanExcess = excessMs / (calls + refused) / 1000
  return {
    calls,
    used: (calls - 1) / (seconds * plan.ratePerSecond),
    bound: plan.burst === 1 ? 1 / (1 + plan.ratePerSecond * meanExcess) : 1,
    refused,
  }
}

/** Null: there is none within the time. */
async function slotOrNone(slot: Promise<Slot>): Promise<Slot | null> {
  try {
    return await slot
  } catch (error) {
    if (error instanceof SlotRefusedError) return null
    throw error
  }
}

type Worked = Awaited<ReturnType<typeof work>>

/** The same arithmetic as in Redis, one bucket for all, with a clock that jumps. */
async function virtually(plan: UsagePlan, fetchers: number, calls: number): Promise<Worked> {
  const clock = createVirtualClock()
  const bucket = createMemoryTokenBucket({ now: clock.now })
  const until = clock.now() + (calls / plan.ratePerSecond) * 1000
  return clock.run(work(plan, Array(fetchers).fill(bucket), until, clock))
}

/** A connection to Redis for each fetcher, real timers. */
async function really(url: string, plan: UsagePlan, fetchers: number, seconds: number): Promise<Worked> {
  const buckets = Array.from({ length: fetchers }, () =>
    createRedisTokenBucket({
      url,
      share: fetchers,
      keyPrefix: `bench:${fetchers}`,
      onDegraded: (reason) => {
        throw new Error(reason)
      },
    }),
  )
  try {
    const time = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) as Promise<void> }
    return await work(plan, buckets, performance.now() + seconds * 1000, time)
  } finally {
    await Promise.all(buckets.map((bucket) => bucket.close()))
  }
}

const percent = (share: number): number => Number((100 * share).toFixed(2))

function row(time: string, plan: UsagePlan, fetchers: number, { calls, used, bound, refused }: Worked): Row {
  return {
    // As Amazon writes it: as a number the slowest would be rounded.
    'requests a second': String(plan.ratePerSecond),
    burst: plan.burst,
    fetchers,
    time,
    calls,
    'used, %': percent(used),
    'bound, %': percent(bound),
    'of bound, %': percent(used / bound),
    '429s': refused,
  }
}

export const quotaMatrix = defineSection({
  name: 'quota-matrix',
  title: "How much of each of Amazon's plans is used",
  about:
    'Every plan that Amazon publishes, with 1, 3 and 10 fetchers of four calls each, more work than quota, and ways there ' +
    'and back of 30 to 120 ms, one in twenty up to 300. Real: real timers, a connection to a real Redis for each fetcher. ' +
    'Virtual: the arithmetic of the bucket in memory, which a test holds to that in Redis, with a clock that jumps, since ' +
    'a call every three minutes can not be measured in minutes. Amazon is a bucket that refills all the time. Used: calls ' +
    'that were let in between the first and the last one, of the rate. The bound with a burst of 1: the next call must not be ' +
    'there before one period has passed since this one, and that this one is there is certain only when its answer comes, ' +
    'so that the mean jitter of the round trip is lost with each.',
  options: {
    calls: { full: 2_000, quick: 100, help: 'calls of each plan in virtual time' },
    seconds: { full: 150, quick: 10, help: 'how long plans run in real time, all at once' },
    slowest: { full: 0.1, quick: 1, help: 'the lowest rate that runs in real time as well' },
  },
  async run({ options, folder, say }) {
    const rows: Row[] = []
    for (const plan of PLANS)
      for (const fetchers of FETCHERS)
        rows.push(row('virtual', plan, fetchers, await virtually(plan, fetchers, options.calls)))
    say('virtual time is over')
    const redis = await startRedis({ dir: join(folder, 'redis'), say })
    try {
      const cells = PLANS.filter(({ ratePerSecond }) => ratePerSecond >= options.slowest).flatMap((plan) =>
        FETCHERS.map(async (fetchers) =>
          row('real', plan, fetchers, await really(redis.url, plan, fetchers, options.seconds)),
        ),
      )
      rows.push(...(await Promise.all(cells)))
    } finally {
      await redis.stop()
    }
    rows.sort((a, b) => PLANS.findIndex(same(a)) - PLANS.findIndex(same(b)))
    const refused = rows.filter((each) => Number(each['429s']) > 0)
    const low = rows.filter((each) => Number(each['used, %']) < 99)
    return {
      tables: [{ rows, key: ['requests a second', 'burst', 'fetchers', 'time'] }],
      notes: [
        `${rows.length - low.length} of ${rows.length} rows use 99 % and more; the others have a burst of 1, or too few calls to tell.`,
      ],
      findings: refused.map(
        (each) =>
          `${each['429s']} 429s at ${each['requests a second']}/s, burst ${each.burst}, ${each.fetchers} fetchers (${each.time})`,
      ),
    }
  },
})

const same =
  (found: Row) =>
  ({ ratePerSecond, burst }: UsagePlan): boolean =>
    found['requests a second'] === String(ratePerSecond) && found.burst === burst

if (import.meta.main) await benchCommand([quotaMatrix])
