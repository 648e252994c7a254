import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '#deploy/stack/redis.ts'
import type { Priority } from '#libs/rate-limit/port.ts'
import { createRedisTokenBucket } from '#libs/rate-limit/redis.ts'
import { createSpApi, RegionalEndpointManager, type SpApi, usagePlansWith } from '#libs/sp-api/index.ts'
import { generateProducts } from '#simulator/catalogue/generate-products.ts'
import { spawnSimulator } from '#tests/support/simulator-process.ts'
import { benchCommand } from './support/command.ts'
import { defineSection, type Row } from './support/section.ts'

const US = 'ATVPDKIKX0DER'
/** Lookups of twenty codes that one fetcher has under way at a time. */
const IN_FLIGHT = 4

interface Measured {
  readonly priority: Priority
  readonly ms: number
  /** Amazon's part. */
  readonly amazonMs: number
}

/** Valid GTIN-14s of the simulator's catalogue, without end. */
function* codes(): Generator<string> {
  for (const { upc } of generateProducts({ seed: 1, count: 10_000_000 })) yield upc.padStart(14, '0')
}

export const urgent = defineSection({
  name: 'urgent',
  title: 'An urgent lookup while a bulk sync holds the bucket',
  about:
    'Three fetchers on one Redis keep four lookups of twenty codes under way each, so that the bucket always has a queue; ' +
    'in between somebody looks up a single code, in turns as urgent work and as part of the bulk. Measured at the ' +
    'connector (`SpApi.lookupCodes`), with the wait for the slot and the answer. Ideal: half an interval between two ' +
    "slots, and Amazon's own time.",
  options: {
    seconds: { full: 240, quick: 15, help: 'how long lookups are made' },
    rate: { full: 2, quick: 2, help: 'requests a second' },
    burst: { full: 2, quick: 2, help: 'requests at once' },
    latency: { full: '50-200', quick: '50-200', help: "Amazon's time, in milliseconds" },
    fetchers: { full: 3, quick: 3, help: 'connectors that share the bucket' },
  },
  async run({ options, folder, say }) {
    const { rate, burst, latency, fetchers } = options
    const redis = await startRedis({ dir: join(folder, 'redis'), say })
    const simulator = await spawnSimulator({ rate, burst, latency })
    const buckets = Array.from({ length: fetchers }, () =>
      createRedisTokenBucket({ url: redis.url, share: fetchers }),
    )
    const apis = buckets.map((bucket) =>
      createSpApi({
        application: { clientId: 'bench', clientSecret: 'secret' },
        refreshToken: 'token',
        sellerKey: 'bench',
        bucket,
        endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
        usagePlans: usagePlansWith({ searchCatalogItems: { ratePerSecond: rate, burst } }),
      }),
    )
    const code = codes()
    const abort = new AbortController()
    const lookUp = async (api: SpApi, count: number, priority: Priority): Promise<number> => {
      const gtin14s = Array.from({ length: count }, () => code.next().value as string)
      const found = await api.lookupCodes({ marketplaceId: US, gtin14s }, { priority, signal: abort.signal })
      const failed = [...found.values()].find((lookup) => lookup.kind === 'failed')
      if (failed) throw new Error(`a lookup failed: ${failed.reason}`)
      return found.get(gtin14s[0]!)!.responseTimeMs
    }
    const bulk = async (api: SpApi): Promise<void> => {
      while (!abort.signal.aborted) await lookUp(api, 20, 'background')
    }
    const working = apis.flatMap((api) =>
      Array.from({ length: IN_FLIGHT }, () =>
        bulk(api).catch((error: unknown) => {
          if (!abort.signal.aborted) throw error
        }),
      ),
    )
    const measured: Measured[] = []
    const measure = async (priority: Priority, each: number): Promise<void> => {
      const until = performance.now() + options.seconds * 1000
      for (let i = 0; performance.now() < until; i++) {
        // At a random time of the interval, and not so often that the urgent work is the bulk.
        await sleep(each * (0.5 + Math.random()))
        const started = performance.now()
        const amazonMs = await lookUp(apis[i % apis.length]!, 1, priority)
        measured.push({ priority, ms: performance.now() - started, amazonMs })
      }
    }
    try {
      await sleep(3_000)
      await simulator.resetStats()
      say('the bucket has its queue')
      await Promise.race([
        Promise.all([measure('urgent', 2_000), measure('background', 2_000)]),
        Promise.all(working),
      ])
      const quota = (await simulator.stats()).quota.find((use) => use.operation === 'searchCatalogItems')!
      const row = (name: string, priority: Priority): Row => {
        const own = measured.filter((each) => each.priority === priority)
        const times = own.map(({ ms }) => ms)
        const amazon = quantile(
          own.map(({ amazonMs }) => amazonMs),
          0.5,
        )
        return {
          'a single lookup': name,
          'requests a second': rate,
          burst,
          fetchers,
          lookups: own.length,
          'ideal p50, ms': Math.round(500 / rate + amazon),
          'p50, ms': Math.round(quantile(times, 0.5)),
          'p99, ms': Math.round(quantile(times, 0.99)),
          'longest, ms': Math.round(Math.max(...times)),
          "Amazon's p50, ms": Math.round(amazon),
          'quota used, %':
            Math.round((10_000 * quota.used) / (quota.ratePerSecond * quota.windowSeconds)) / 100,
          '429s': quota.throttled,
        }
      }
      return {
        tables: [
          {
            rows: [row('urgent', 'urgent'), row('as bulk', 'background')],
            key: ['a single lookup', 'requests a second', 'burst', 'fetchers'],
          },
        ],
        notes: [],
        findings: quota.throttled > 0 ? [`${quota.throttled} 429s`] : [],
      }
    } finally {
      abort.abort(new Error('the measurement is over'))
      await Promise.allSettled(working)
      await Promise.all([...apis, ...buckets].map((part) => part.close()))
      await simulator.stop()
      await redis.stop()
    }
  },
})

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

if (import.meta.main) await benchCommand([urgent])
