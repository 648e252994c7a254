import { expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { permittedCalls, permittedRate } from './permitted-rate.ts'

const US = 'ATVPDKIKX0DER'
const CA = 'A2EUQ1WTGCTBG2'
const DE = 'A1PA6795UKMFR9'

it('adds up the plans of the sellers that serve a marketplace, each once', () => {
  const calls = permittedCalls(
    loadConfig({
      SP_API_CLIENT_ID: 'id',
      SP_API_CLIENT_SECRET: 'secret',
      MARKETPLACES: 'US,CA,DE',
      SP_API_USAGE_PLANS: 'searchCatalogItems=5/10',
      SP_API_SELLERS: JSON.stringify([
        { name: 'north', refreshToken: 'a', marketplaces: ['US', 'CA'] },
        { name: 'us', refreshToken: 'b', marketplaces: ['US'], usagePlans: 'searchCatalogItems=3/5' },
        { name: 'de', refreshToken: 'c', marketplaces: ['DE'] },
      ]),
    }),
  )
  expect(calls([US])).toBe(8)
  expect(calls([CA])).toBe(5)
  expect(calls([US, CA])).toBe(8)
  expect(calls([US, DE])).toBe(13)
  expect(calls([])).toBe(0)
})

it("counts with one seller on Amazon's default plan where none is known, and twenty codes in a request", () => {
  expect(permittedCalls(loadConfig({}))([US])).toBe(2)
  expect(permittedRate(loadConfig({}))([US])).toBe(40)
  expect(permittedRate(loadConfig({ SP_API_USAGE_PLANS: 'searchCatalogItems=0.5/1' }))([US, CA])).toBe(10)
})

it('keeps to a limit of its own where that is less, over the sellers of an application', () => {
  const limit = { RATE_LIMIT_CALLS: '60', RATE_LIMIT_WINDOW: '60' }
  expect(permittedCalls(loadConfig(limit))([US])).toBeCloseTo(59 / 60)
  expect(permittedCalls(loadConfig({ ...limit, RATE_LIMIT_CALLS: '6000' }))([US])).toBe(2)
  const two = JSON.stringify([
    { name: 'one', refreshToken: 'a' },
    { name: 'two', refreshToken: 'b' },
    { name: 'three', refreshToken: 'c', clientId: 'other', clientSecret: 'secret' },
  ])
  const credentials = { SP_API_CLIENT_ID: 'id', SP_API_CLIENT_SECRET: 'secret', SP_API_SELLERS: two }
  expect(permittedCalls(loadConfig({ ...credentials, ...limit }))([US])).toBeCloseTo((2 * 59) / 60)
  expect(permittedCalls(loadConfig(credentials))([US])).toBe(6)
})
