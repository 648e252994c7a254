/** Every example is run as its first line says, against the simulator. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseGtin } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import type { ItemOffers } from '#simulator/catalogue/offers.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'

const US = 'ATVPDKIKX0DER'
const run = promisify(execFile)
const here = import.meta.dirname

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ seed: 5, notFound: 0, ordersPerDay: 300 })
  await control('processing', { queueSeconds: 0, processingSeconds: 0 })
})
afterAll(() => simulator.stop())

function control(route: string, body: object): Promise<Response> {
  return fetch(`${simulator.url}/_simulator/${route}`, { method: 'POST', body: JSON.stringify(body) })
}

/** The lines that an example prints. */
async function linesOf(example: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const env = {
    ...process.env,
    SP_API_CLIENT_ID: 'app',
    SP_API_CLIENT_SECRET: 'secret-of-app',
    SP_API_REFRESH_TOKEN: 'seller',
    SP_API_ENDPOINT: simulator.url,
    LWA_ENDPOINT: simulator.url,
    ...more,
  }
  const options = { env, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run(process.execPath, [join(here, `${example}.ts`), ...args], options)
  return stdout.trimEnd().split('\n')
}

function listingsOf(upc: string): string[] {
  return simulator.catalogue.lookup(US, parseGtin(upc)!).listings.map(({ asin }) => asin)
}

/** Items with a featured offer, and what is truly offered. */
function featured(count: number): ItemOffers[] {
  const items: ItemOffers[] = []
  for (let number = 0; items.length < count; number++) {
    const item = simulator.market.offersOf(US, listingsOf(upcOf(number))[0]!)
    if (item?.featured) items.push(item)
  }
  return items
}

describe('examples', { timeout: 60_000 }, () => {
  it('look-up', async () => {
    const upcs = [upcOf(1), upcOf(2)]
    const lines = await linesOf('look-up', upcs)
    const found = lines.map((line) => line.split(' ').slice(0, 2).join(' '))
    const truth = upcs.flatMap((upc) => listingsOf(upc).map((asin) => `${upc.padStart(14, '0')} ${asin}`))
    expect(new Set(found)).toEqual(new Set(truth))
  })

  it('prices', async () => {
    const [one] = featured(1)
    const lines = await linesOf('prices', [one!.asin, 'B0ZZZZZZZZ'])
    const price = one!.money.toNumber(one!.featured!.listingPrice)
    expect(lines.slice(0, 2)).toEqual([
      `${one!.asin} ${price} USD`,
      expect.stringContaining('B0ZZZZZZZZ rejected getCompetitivePricing: Amazon answered 400'),
    ])
    const offers = one!.offers.filter(({ condition }) => condition === 'New').slice(0, 20)
    expect(lines.slice(2)).toEqual(
      offers.map(({ listingPrice, channel }) => {
        return `${one!.asin} ${one!.money.toNumber(listingPrice)} ${channel}`
      }),
    )
  })

  it('micro-batching', async () => {
    const items = featured(3)
    const before = simulator.stats().requests.getCompetitivePricing?.[200] ?? 0
    const lines = await linesOf(
      'micro-batching',
      items.map(({ asin }) => asin),
    )
    expect(lines).toEqual(
      items.map(({ asin, money, featured: offer }) => `${asin} ${money.toNumber(offer!.listingPrice)}`),
    )
    expect(simulator.stats().requests.getCompetitivePricing![200]! - before).toBe(1)
  })

  it('queue', async () => {
    const asins = featured(3).map(({ asin }) => asin)
    const lines = await linesOf('queue', asins)
    expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set(asins))
  })

  it('report-rows', async () => {
    const rows = (await linesOf('report-rows', [])).map((line) => JSON.parse(line))
    expect(rows.length).toBeGreaterThan(100)
    expect(rows[0]).toMatchObject({ 'seller-sku': expect.any(String), price: expect.any(String) })
  })

  it('feed', async () => {
    const [{ 'seller-sku': sku }] = (await linesOf('report-rows', [])).map((line) => JSON.parse(line))
    const seller = await control('seller', { refreshToken: 'seller' })
    const { sellerId } = (await seller.json()) as { sellerId: string }
    const lines = await linesOf('feed', [sellerId, sku, '19.99'])
    expect(lines[0]).toMatch(/^\d+ done$/)
    expect(lines[1]).toBe('1 accepted, 0 errors')
  })

  it('orders', async () => {
    simulator.setPlan({ operation: 'searchOrders', rate: 10, burst: 20 })
    const lines = await linesOf('orders', ['1'], { SP_API_USAGE_PLANS: 'searchOrders=10/20' })
    const ids = lines.map((line) => line.split(' ')[0]!)
    expect(ids.every((id) => /^\d{3}-\d{7}-\d{7}$/.test(id))).toBe(true)
    // Of some 300 a day, in pages of 100: more than one page, and nothing twice.
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(150)
  })

  it('several-sellers', async () => {
    simulator.revoke({ refreshToken: 'revoked' })
    const upcs = Array.from({ length: 6 }, (_, number) => upcOf(number + 10))
    const tokens = { SP_API_REFRESH_TOKENS: 'revoked,seller-a,seller-b' }
    const lines = await linesOf('several-sellers', upcs, tokens)
    const truth = upcs.map((upc) => `${upc.padStart(14, '0')} ${listingsOf(upc).join(' ')}`)
    expect(new Set(lines.slice(0, 6))).toEqual(new Set(truth))
    expect(lines.slice(6)).toEqual([expect.stringMatching(/^shop-1 is stopped: .*invalid_grant/)])
  })
})

it('the README names every example, and no other', () => {
  const files = readdirSync(here).filter((file) => !/test|connect/.test(file))
  const readme = readFileSync(join(here, '../README.md'), 'utf8')
  const named = [...readme.matchAll(/examples\/([\w-]+\.ts)/g)].map(([, file]) => file)
  expect(new Set(named)).toEqual(new Set([...files, 'connect.ts']))
})
