import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { gtin14 } from '#simulator/catalogue/gtin.ts'
import { upcOf } from '#simulator/catalogue/numbering.ts'
import { startForTest, US } from '#simulator/testing.ts'
import { createBackends } from './backends.ts'
import { ConfigError, loadConfig } from './config.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { openSellers } from './open-sellers.ts'

const sellers = (...more: readonly object[]): string =>
  JSON.stringify(
    more.map((one, i) => ({
      name: `seller-${i}`,
      refreshToken: `token-${i}`,
      clientId: `c${i}`,
      clientSecret: 's',
      ...one,
    })),
  )

async function open(variables: Record<string, string>) {
  const config = loadConfig(variables)
  const logger = createLogger({ level: 'silent', service: 'test' })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: 'test', logger, metrics })
  return { ...(await openSellers({ config, backends, logger, metrics }, { lookMs: 20 })), metrics }
}

it('tells which seller is stopped, and that it is back', async () => {
  const simulator = await startForTest()
  const { pool, status, close, metrics } = await open({
    SP_API_SELLERS: sellers({}, {}),
    SP_API_ENDPOINT: simulator.url,
    LWA_ENDPOINT: simulator.url,
    SP_API_USAGE_PLANS: 'searchCatalogItems=100/100',
  })
  const stopped = async () => (await metrics.expose()).body.match(/^asinstream_seller_stopped.*$/gm)
  const line = (seller: string, value: 0 | 1) =>
    `asinstream_seller_stopped{seller="${seller}",marketplace="${US}"} ${value}`
  expect(await stopped()).toEqual([line('seller-0', 0), line('seller-1', 0)])
  simulator.revoke({ refreshToken: 'token-0' })
  for (let i = 0; i < 6; i++) {
    const code = gtin14(Number(upcOf(i)))
    expect((await pool.lookupCodes({ marketplaceId: US, gtin14s: [code] })).get(code)?.kind).toBe('items')
  }
  expect(await stopped()).toEqual([line('seller-0', 1), line('seller-1', 0)])
  expect(status()).toEqual({
    stopped: [{ seller: 'seller-0', marketplaceId: US, reason: expect.stringContaining('invalid_grant') }],
    unusable: [],
  })
  await close()
})

it('a file of sellers is read again: new ones are asked, changed ones anew, and a broken file changes nothing', async () => {
  const simulator = await startForTest()
  const folder = mkdtempSync(join(tmpdir(), 'sellers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'sellers.json')
  writeFileSync(path, sellers({}, {}))
  const { pool, close } = await open({
    SP_API_SELLERS_FILE: path,
    SP_API_ENDPOINT: simulator.url,
    LWA_ENDPOINT: simulator.url,
  })
  onTestFinished(close)
  const [first, second] = pool.sellers
  writeFileSync(path, '[{"name": ')
  writeFileSync(path, sellers({}, { refreshToken: 'another' }, {}))
  await expect.poll(() => pool.sellers.map(({ name }) => name)).toEqual(['seller-0', 'seller-1', 'seller-2'])
  expect(pool.sellers[0]).toBe(first)
  expect(pool.sellers[1]).not.toBe(second)
  writeFileSync(path, sellers({}))
  await expect.poll(() => pool.sellers).toEqual([first])
})

it.each<[string, Record<string, string>, RegExp]>([
  ['no credentials', {}, /SP_API_CLIENT_ID.*must be set/],
  [
    'a marketplace of nobody',
    { SP_API_SELLERS: sellers({ marketplaces: ['US'] }), MARKETPLACES: 'US,DE' },
    /No seller serves A1PA6795UKMFR9/,
  ],
  [
    'a marketplace that is none',
    { SP_API_SELLERS: sellers({ marketplaces: ['Moon'] }) },
    /the seller seller-0: unknown marketplace "Moon"/,
  ],
  [
    'plans that are none',
    { SP_API_SELLERS: sellers({ usagePlans: 'fast' }) },
    /the seller seller-0: usage plan "fast"/,
  ],
])('does not start with %s', async (_, variables, problem) => {
  await expect(open(variables)).rejects.toThrow(ConfigError)
  await expect(open(variables)).rejects.toThrow(problem)
})
