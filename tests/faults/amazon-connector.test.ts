import { expect, it, onTestFinished, type TestContext } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createSpApi, type Lookup, RegionalEndpointManager, SellerPool } from '#libs/sp-api/index.ts'
import { gtin14 } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { FaultKind } from '#simulator/faults.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'

/** The connector over HTTP in front of an Amazon that misbehaves wholly, with timeouts to match. */
async function connector({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const simulator = await startSimulator({ rate: 1_000, burst: 1_000, seed: 3, notFound: 0 })
  const logged: string[] = []
  const write = (fields: object, message: string): void =>
    void logged.push(JSON.stringify({ ...fields, message }))
  const log = { debug: write, info: write, warn: write }
  const bucket = createMemoryTokenBucket({ jitterMs: 0 })
  const api = createSpApi({
    application: { clientId: 'client', clientSecret: 'amzn1.oa2-cs.v1.CANARY-secret' },
    refreshToken: 'Atzr|CANARY-refresh',
    sellerKey: 'seller',
    bucket,
    endpoints: new RegionalEndpointManager({ spApiEndpoint: simulator.url, lwaEndpoint: simulator.url }),
    usagePlans: {
      searchCatalogItems: { seller: { ratePerSecond: 500, burst: 500 } },
      getMarketplaceParticipations: { seller: { ratePerSecond: 1, burst: 1 } },
    },
    timeouts: { connectMs: 5_000, headersMs: 1_000, bodyMs: 1_000, totalMs: 5_000 },
    retry: { attempts: 3, firstPauseMs: 5, longestPauseMs: 50 },
    circuit: { firstPauseMs: 20, longestPauseMs: 200 },
    log,
  })
  const pool = new SellerPool({
    sellers: [{ name: 'seller', api, marketplaceIds: [DEFAULT_MARKETPLACE] }],
    log,
    maxHoldMs: 700,
  })
  onTestFinished(async () => {
    await pool.close()
    await simulator.stop()
  })
  let next = 0
  /** Four lookups at a time, as a fetcher makes them, each of codes that nobody has asked for. */
  const lookUp = async (): Promise<readonly Lookup[]> => {
    const lookups = await Promise.all(
      Array.from({ length: 4 }, () => {
        const codes = Array.from({ length: 5 }, () => gtin14(Number(upcOf(next++))))
        return pool.lookupCodes({ marketplaceId: DEFAULT_MARKETPLACE, gtin14s: codes })
      }),
    )
    return lookups.flatMap((found) => [...found.values()])
  }
  return { simulator, lookUp, logged }
}

const calls = (simulator: Simulator): number =>
  Object.values(simulator.stats().requests.searchCatalogItems ?? {}).reduce((sum, n) => sum + n, 0)

const answered = (lookup: Lookup): boolean => lookup.kind === 'items' && lookup.items.length > 0

/** What leaves a product as it is: no attempt is used up, and nothing final is said. */
const waits = (lookup: Lookup): boolean =>
  lookup.kind === 'failed' && ['unavailable', 'throttled', 'unauthorized'].includes(lookup.failure)

const outages: readonly FaultKind[] = [
  ...(['500', '503', '403', '403expired', 'reset', 'resetamid', 'hang', 'stall'] as const),
  ...(['html200', 'html400', 'html503', 'truncated', 'badjson', 'huge'] as const),
]

it.concurrent.for(outages)(
  'an Amazon that answers all with "%s" leaves products as they are, is asked rarely, and is believed again',
  async (kind, context) => {
    const { expect } = context
    const { simulator, lookUp, logged } = await connector(context)
    for (const lookup of await lookUp()) expect(answered(lookup)).toBe(true)
    const before = calls(simulator)
    simulator.setFaults({ [kind]: 1 })
    const failed = [...(await lookUp()), ...(await lookUp())]
    simulator.setFaults({})
    expect(failed.filter((lookup) => !waits(lookup))).toEqual([])
    // 4 lookups at a time, 40 outcomes: each lookup by itself would send 3 requests and 3 to find out whose fault it is.
    expect(calls(simulator) - before).toBeLessThanOrEqual(24)
    await expect
      .poll(async () => (await lookUp()).every(answered), { timeout: 15_000, interval: 50 })
      .toBe(true)
    expect(logged.join()).not.toMatch(/CANARY|Atza/)
  },
)

it('a connection that is reset after each answer costs repeats, and no product anything', async () => {
  const { simulator, lookUp } = await connector({ onTestFinished })
  simulator.setFaults({ resetafter: 1 })
  const outcomes: Lookup[] = []
  for (let i = 0; i < 6; i++) outcomes.push(...(await lookUp()))
  expect(outcomes.filter((lookup) => !answered(lookup) && !waits(lookup))).toEqual([])
  expect(outcomes.filter(answered).length).toBeGreaterThan(outcomes.length / 2)
})

it('half of all answers broken in every way seldom blame a product', async () => {
  const { simulator, lookUp } = await connector({ onTestFinished })
  await lookUp()
  const kinds: FaultKind[] = [
    '500',
    '503',
    'reset',
    'resetamid',
    'html200',
    'html400',
    'truncated',
    'badjson',
    '403expired',
    'huge',
  ]
  simulator.setFaults(Object.fromEntries(kinds.map((kind) => [kind, 0.5 / kinds.length])))
  const outcomes: Lookup[] = []
  for (let i = 0; i < 6; i++) outcomes.push(...(await lookUp()))
  const blamed = outcomes.filter((lookup) => !answered(lookup) && !waits(lookup))
  // Nothing final among them. By chance alone, 3 of 3 requests fail and 3 of 3 controls succeed once in 64 lookups of five.
  expect(blamed.filter((lookup) => lookup.kind !== 'failed')).toEqual([])
  expect(blamed.length).toBeLessThanOrEqual(20)
  expect(outcomes.filter(answered).length).toBeGreaterThan(outcomes.length / 2)
})

it.each<FaultKind>(['token500', 'tokenreset', 'tokenhang'])(
  'a Login with Amazon that answers all with "%s" is asked rarely, and work goes on when it answers',
  { timeout: 60_000 },
  async (kind) => {
    const { simulator, lookUp } = await connector({ onTestFinished })
    simulator.setFaults({ [kind]: 1 })
    const failed = [...(await lookUp()), ...(await lookUp())]
    expect(failed.filter((lookup) => !waits(lookup))).toEqual([])
    const asked = Object.values(simulator.stats().requests.token ?? {}).reduce((sum, n) => sum + n, 0)
    expect(asked).toBeLessThanOrEqual(12)
    expect(calls(simulator)).toBe(0)
    simulator.setFaults({})
    await expect
      .poll(async () => (await lookUp()).every(answered), { timeout: 30_000, interval: 50 })
      .toBe(true)
  },
)

it('tokens of a second serve as long as they live', async () => {
  const { simulator, lookUp } = await connector({ onTestFinished })
  simulator.setLwa({ tokenTtlSeconds: 1 })
  const started = performance.now()
  while (performance.now() - started < 2_500)
    for (const lookup of await lookUp()) expect(answered(lookup)).toBe(true)
  expect(simulator.stats().tokensIssued).toBeLessThanOrEqual(8)
})

it('an answer of 64 MiB is not read to its end', async () => {
  const { simulator, lookUp } = await connector({ onTestFinished })
  await lookUp()
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  simulator.setFaults({ huge: 1 })
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  await lookUp()
  clearInterval(watch)
  // Four at a time, 10 MiB each and as much again as text; unbounded, it would be more than 512 MiB. The simulator's
  // buffers are in this process too.
  expect((most - before) / 1024 ** 2).toBeLessThan(350)
})
