import { createRoundTrips, type RoundTrips } from './arrivals.ts'
import type { PaceOptions } from './plan.ts'
import type { BucketKey, BucketPlans } from './port.ts'
import type { RedisStore } from './redis-store.ts'
import { sharedPeriodMs } from './time-division.ts'

/**
 * What this process knows of each bucket that it uses: whether Redis has its plan, until when slots are promised, what
 * Amazon announced. It is what a Redis that forgot, or was gone, is told.
 */
export interface Member {
  readonly name: string
  readonly key: BucketKey
  readonly plans: BucketPlans
  /** The seller's rate last in force. */
  readonly ratePerSecond: number | undefined
  /** Of this process's calls. */
  readonly roundTrips: RoundTrips
}

interface Entry {
  readonly name: string
  readonly key: BucketKey
  plans: BucketPlans
  ratePerSecond: number | undefined
  readonly roundTrips: RoundTrips
  /** Redis has the plan, as far as this process knows. */
  setUp: Promise<void> | null
  /** Slots may have been spent that Redis knows nothing of. */
  distrusted: boolean
  /** On this process's clock: the latest slot that it knows to be promised to anyone. */
  promisedUntil: number
  announced: number | undefined
  announcedAt: number
}

export interface RosterOptions {
  readonly pace: PaceOptions
  readonly clock: () => number
  readonly nameOf: (key: BucketKey) => string
  readonly holdOffMs: number
}

/** An unchanged rate is told again after this long, in case that another process heard a different one. */
const ANNOUNCE_AGAIN_MS = 60_000

export type Roster = ReturnType<typeof createRoster>

export function createRoster(store: RedisStore, { pace, clock, nameOf, holdOffMs }: RosterOptions) {
  const entries = new Map<string, Entry>()
  let run = ''
  let trustAgainAt = Number.NEGATIVE_INFINITY
  let outage = false

  const entryOf = (member: Member): Entry => entries.get(member.name)!

  /** From any call to the next one of another process. */
  function periodOf({ plans: { seller, application }, ratePerSecond }: Entry): number {
    const own = sharedPeriodMs({ ...seller, ratePerSecond: ratePerSecond ?? seller.ratePerSecond }, pace)
    return application ? Math.max(own, sharedPeriodMs(application, pace)) : own
  }

  function setUp(entry: Entry): Promise<void> {
    const now = clock()
    // The last turn of those that are still alone may come just before then.
    const othersUntil = trustAgainAt + periodOf(entry)
    const spentMs = Math.max(0, entry.promisedUntil - now, othersUntil - now)
    const doing = store.setup(entry.name, {
      plans: entry.plans,
      pace,
      run,
      ...(entry.distrusted && { spentMs }),
      ...(entry.announced !== undefined && { learnedRate: entry.announced }),
    })
    const mine = doing.then(
      () => {
        // An outage that began meanwhile has taken its place.
        if (entry.setUp === mine) entry.distrusted = false
      },
      (error) => {
        if (entry.setUp === mine) entry.setUp = null
        throw error
      },
    )
    entry.setUp = mine
    return mine
  }

  return {
    /** The run id of the Redis in use. */
    get run() {
      return run
    },

    member(key: BucketKey, plans: BucketPlans): Member {
      const name = nameOf(key)
      let entry = entries.get(name)
      if (!entry) {
        entry = {
          name,
          key,
          plans,
          ratePerSecond: undefined,
          roundTrips: createRoundTrips(),
          setUp: null,
          distrusted: outage,
          promisedUntil: Number.NEGATIVE_INFINITY,
          announced: undefined,
          announcedAt: Number.NEGATIVE_INFINITY,
        }
        entries.set(name, entry)
      } else if (!samePlans(entry.plans, plans)) {
        entry.plans = plans
        entry.setUp = null
      }
      return entry
    },

    /** Asks until Redis knows the plan: `question` gives null when it does not. */
    async known<T>(member: Member, question: () => Promise<T | null>): Promise<T> {
      const entry = entryOf(member)
      for (let attempt = 0; attempt < 3; attempt++) {
        const before = entry.setUp
        await (before ?? setUp(entry))
        const answer = await question()
        if (answer !== null) return answer
        // Forgotten without a restart: flushed, expired or evicted. Callers that wait together set up once.
        if (entry.setUp === before) {
          entry.distrusted = true
          entry.setUp = null
        }
      }
      throw new Error(
        `Redis forgets the bucket ${entry.name} as soon as it has it: check its eviction policy`,
      )
    },

    /** The last slot of an answer, in milliseconds from now. */
    promised(member: Member, lastWaitMs: number, ratePerSecond?: number): void {
      const entry = entryOf(member)
      if (ratePerSecond !== undefined) entry.ratePerSecond = ratePerSecond
      entry.promisedUntil = Math.max(entry.promisedUntil, clock() + lastWaitMs + periodOf(entry))
    },

    promisedUntil: (key: BucketKey): number =>
      Math.max(clock(), entries.get(nameOf(key))?.promisedUntil ?? clock()),

    async learn(member: Member, ratePerSecond: number): Promise<void> {
      const entry = entryOf(member)
      const now = clock()
      if (entry.announced === ratePerSecond && now - entry.announcedAt < ANNOUNCE_AGAIN_MS) return
      await this.known(member, async () => (await store.learn(entry.name, ratePerSecond)) || null)
      entry.announced = ratePerSecond
      entry.announcedAt = now
    },

    /** From now on slots are spent that Redis does not hear of. */
    distrust(): void {
      outage = true
      for (const entry of entries.values()) {
        entry.setUp = null
        entry.distrusted = true
      }
    },

    /** Redis answers, as this run. Buckets with slots promised for later are set up before anyone uses it. */
    async rejoin(runId: string): Promise<void> {
      run = runId
      const now = clock()
      if (outage) trustAgainAt = now + holdOffMs
      await Promise.all([...entries.values()].filter((entry) => entry.promisedUntil > now).map(setUp))
    },
  }
}

function samePlans(a: BucketPlans, b: BucketPlans): boolean {
  const same = (x: BucketPlans['seller'] | undefined, y: BucketPlans['seller'] | undefined): boolean =>
    x?.ratePerSecond === y?.ratePerSecond && x?.burst === y?.burst
  return same(a.seller, b.seller) && same(a.application, b.application)
}
