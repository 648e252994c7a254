import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createLogger } from '#libs/service/logger.ts'
import {
  createSpApi,
  type Lookup,
  type LookupOptions,
  RegionalEndpointManager,
  SellerPool,
  usagePlansWith,
} from '#libs/sp-api/index.ts'
import { gtin14 } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { startForTest, US } from '#simulator/testing.ts'
import { AmazonLookups, type AmazonLookupsOptions, type Brought } from './amazon-lookups.ts'

const CA = 'A2EUQ1WTGCTBG2'
const logger = createLogger({ level: 'silent', service: 'test' })
const meta = { observedAt: 1, responseTimeMs: 1, amazonRequestId: 'r', httpStatus: 200, calls: 1 }
const none: Lookup = { ...meta, kind: 'items', items: [] }
const never = { since: Number.POSITIVE_INFINITY, signal: new AbortController().signal }

/** A pool whose every call ends when the test says so. */
function held() {
  const calls: { identifiers: readonly string[]; options: LookupOptions; end: (error?: Error) => void }[] = []
  const call = (identifiers: readonly string[], options: LookupOptions = {}) =>
    new Promise<Map<string, Lookup>>((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      const end = (error?: Error) =>
        error ? reject(error) : resolve(new Map(identifiers.map((one) => [one, none])))
      calls.push({ identifiers, options, end })
    })
  const pool: AmazonLookupsOptions['pool'] = {
    lookupCodes: ({ gtin14s }, options) => call(gtin14s, options),
    lookupAsins: ({ asins }, options) => call(asins, options),
    batchSize: () => 20,
  }
  const kept: Brought[] = []
  const open = (workers = 2, keep: AmazonLookupsOptions['keep'] = async (one) => void kept.push(one)) =>
    new AmazonLookups({ pool, workers, maxSlotWaitMs: 30_000, keep, logger })
  return { calls, kept, open }
}

const turn = () => new Promise(setImmediate)
const asin = (number: number) => `B${String(number).padStart(9, '0')}`

describe('lookups at Amazon', () => {
  it('go together, twenty in a call, each identifier once whoever waits for it', async () => {
    const { calls, kept, open } = held()
    const lookups = open()
    const asins = Array.from({ length: 45 }, (_, i) => asin(i))
    const all = [...asins, ...asins].map((one) => lookups.lookUp('asin', US, one, never))
    await turn()
    // Two workers: the rest waits for one of them.
    expect(calls.map(({ identifiers }) => identifiers.length)).toEqual([20, 20])
    const joined = lookups.lookUp('asin', US, asin(3), never)
    for (const { end } of calls) end()
    await turn()
    await turn()
    expect(calls.map(({ identifiers }) => identifiers.length)).toEqual([20, 20, 5])
    calls[2]!.end()
    await Promise.all([...all, joined])
    expect(calls.flatMap(({ identifiers }) => identifiers)).toEqual(asins)
    expect(kept.map(({ found }) => found.size)).toEqual([20, 20, 5])
    expect(calls[0]!.options).toMatchObject({ priority: 'urgent', impatient: true, maxSlotWaitMs: 30_000 })
  })

  it('that were answered since somebody began to ask are not asked for again', async () => {
    const { calls, open } = held()
    const lookups = open()
    const first = lookups.lookUp('asin', US, asin(1), never)
    await turn()
    calls[0]!.end()
    const { observedAt } = await first
    const { signal } = never
    expect(await lookups.lookUp('asin', US, asin(1), { since: observedAt, signal })).toEqual(none)
    expect(calls).toHaveLength(1)
    const later = lookups.lookUp('asin', US, asin(1), { since: observedAt + 1, signal })
    await turn()
    calls[1]!.end()
    await later
  })

  it('ask for codes and ASINs, and in each marketplace, by calls of their own', async () => {
    const { calls, open } = held()
    const lookups = open(4)
    const all = [
      lookups.lookUp('asin', US, asin(1), never),
      lookups.lookUp('code', US, '00036000291452', never),
      lookups.lookUp('asin', CA, asin(1), never),
      lookups.lookUp('asin', US, asin(2), never),
    ]
    await turn()
    expect(calls.map(({ identifiers }) => identifiers)).toEqual([
      [asin(1), asin(2)],
      ['00036000291452'],
      [asin(1)],
    ])
    for (const { end } of calls) end()
    await Promise.all(all)
  })

  it('of one marketplace wait for no flood of another, which is turned away where it would never be answered', async () => {
    const { calls, open } = held()
    const lookups = open(1)
    const leaving = new AbortController()
    const ask = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) =>
        lookups.lookUp('asin', US, asin(from + i), { since: 0, signal: leaving.signal }),
      )
    const sent = ask(0, 20)
    await turn()
    const gone = Promise.allSettled([...sent, ...ask(20, 10_000)])
    // Twenty are on their way, and ten thousand wait.
    const known = lookups.lookUp('asin', US, asin(10_019), { since: 0, signal: leaving.signal })
    const late = await lookups.lookUp('asin', CA, asin(1), never)
    expect(late).toMatchObject({
      kind: 'failed',
      failure: 'throttled',
      reason: expect.stringContaining('10,000'),
    })
    calls[0]!.end()
    await turn()
    await turn()
    const other = lookups.lookUp('asin', CA, asin(1), never)
    for (const served of [1, 2]) {
      calls[served]!.end()
      await turn()
      await turn()
    }
    // One call of the flood was next already.
    expect(calls.map(({ identifiers }) => identifiers[0])).toEqual([0, 20, 40, 1].map(asin))
    leaving.abort(new Error('gone'))
    await expect(known).rejects.toThrow('gone')
    expect((await gone).map(({ status }) => status).filter((status) => status === 'fulfilled')).toHaveLength(
      60,
    )
    calls[3]!.end()
    expect(await other).toEqual(none)
    await turn()
    await turn()
    expect(calls).toHaveLength(4)
  })

  it('are given up when nobody waits any more, and no sooner', async () => {
    const { calls, open } = held()
    const lookups = open(1)
    const until = ({ signal }: AbortController) => ({ since: 0, signal })
    const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()]
    const first = lookups.lookUp('asin', US, asin(1), until(one))
    const same = lookups.lookUp('asin', US, asin(1), until(two))
    await turn()
    const queued = lookups.lookUp('asin', US, asin(2), until(three))
    one.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect(calls[0]!.options.signal?.aborted).toBe(false)
    three.abort(new Error('gone as well'))
    await expect(queued).rejects.toThrow('gone as well')
    two.abort(new Error('the last'))
    await expect(same).rejects.toThrow('the last')
    expect(calls[0]!.options.signal?.aborted).toBe(true)
    await turn()
    // What was not sent yet never is; what is asked for again is asked anew.
    expect(calls).toHaveLength(1)
    const again = lookups.lookUp('asin', US, asin(1), never)
    await turn()
    await turn()
    expect(calls).toHaveLength(2)
    calls[1]!.end()
    expect(await again).toEqual(none)
  })

  it('fail all who wait for a call that fails, and nobody else; what can not be kept is answered', async () => {
    const { calls, open } = held()
    const lookups = open(2, () => Promise.reject(new Error('PostgreSQL is away')))
    const failing = lookups.lookUp('asin', US, asin(1), never)
    const fine = lookups.lookUp('asin', CA, asin(1), never)
    await turn()
    calls[0]!.end(new TypeError('a bug'))
    calls[1]!.end()
    await expect(failing).rejects.toThrow('a bug')
    expect(await fine).toEqual(none)
    await expect(
      lookups.lookUp('asin', US, asin(1), { since: 0, signal: AbortSignal.abort(new Error('over')) }),
    ).rejects.toThrow('over')
  })

  it('come before everything that a bulk sync has waiting at the same bucket', async () => {
    const simulator = await startForTest({ rate: 20, burst: 20 })
    const bucket = createMemoryTokenBucket({ jitterMs: 0 })
    const endpoints = new RegionalEndpointManager({
      spApiEndpoint: simulator.url,
      lwaEndpoint: simulator.url,
    })
    const seller = () =>
      createSpApi({
        application: { clientId: 'app', clientSecret: 'secret' },
        refreshToken: 'seller',
        sellerKey: 'shop',
        bucket,
        endpoints,
        usagePlans: usagePlansWith({ searchCatalogItems: { ratePerSecond: 5, burst: 1 } }),
      })
    const [bulk, api] = [seller(), seller()]
    const pool = new SellerPool({
      sellers: [{ name: 'shop', api, marketplaceIds: [US] }],
      log: { debug() {}, info() {}, warn() {} },
    })
    onTestFinished(async () => void (await Promise.all([pool.close(), bulk.close()])))
    const done: string[] = []
    const code = (index: number) => gtin14(Number(upcOf(index)))
    const background = Array.from({ length: 12 }, async (_, i) => {
      await bulk.lookupCodes({ marketplaceId: US, gtin14s: [code(i)] }, { priority: 'background' })
      done.push('bulk')
    })
    // The first ones have been answered: the others wait in the bucket's queue.
    await Promise.race(background)
    const before = done.length
    const lookups = new AmazonLookups({
      pool,
      workers: 4,
      maxSlotWaitMs: 30_000,
      keep: async () => {},
      logger,
    })
    const found = await lookups.lookUp('code', US, code(100), never)
    done.push('urgent')
    expect(found.kind).toBe('items')
    await Promise.all(background)
    // At most the one whose slot it was already, and one whose answer was on its way.
    expect(done.indexOf('urgent') - before).toBeLessThanOrEqual(2)
    expect(simulator.stats().throttled).toBe(0)
  })
})
