import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, describeConfig, hasCredentials, loadConfig } from './config.ts'
import { secretsOf } from './secrets.ts'
import { sellersOf } from './sellers.ts'

const folder = mkdtempSync(join(tmpdir(), 'sellers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const application = { SP_API_CLIENT_ID: 'client', SP_API_CLIENT_SECRET: 'client-secret' }
const us = { name: 'shop-us', refreshToken: 'CANARY-us', marketplaces: ['US', 'CA'] }
const de = {
  name: 'shop-de',
  refreshToken: 'CANARY-de',
  clientId: 'other',
  clientSecret: 'CANARY-secret',
  usagePlans: 'searchCatalogItems=5/10',
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('several sellers', () => {
  it('are read from a variable or a file, with the application of their own or the common one', () => {
    const json = JSON.stringify([us, de])
    const path = join(folder, 'sellers.json')
    writeFileSync(path, json)
    const plans = 'searchCatalogItems=2/4'
    for (const how of [{ SP_API_SELLERS: json }, { SP_API_SELLERS_FILE: path }]) {
      const config = loadConfig({ ...application, ...how, SP_API_USAGE_PLANS: plans })
      expect(hasCredentials(config)).toBe(true)
      expect(sellersOf(config)).toEqual([
        { ...us, bucketKey: 'shop-us', clientId: 'client', clientSecret: 'client-secret', usagePlans: plans },
        { ...de, bucketKey: 'shop-de', marketplaces: undefined },
      ])
      expect(secretsOf(config)).toEqual(expect.arrayContaining(['CANARY-us', 'CANARY-de', 'CANARY-secret']))
      expect(JSON.stringify(describeConfig(config))).not.toContain('CANARY')
    }
  })

  it('are one, without a name to give away its token, when there is one refresh token', () => {
    const [only, ...more] = sellersOf(loadConfig({ ...application, SP_API_REFRESH_TOKEN: 'CANARY' }))
    expect(more).toEqual([])
    expect(only).toMatchObject({ name: 'default', refreshToken: 'CANARY', marketplaces: undefined })
    expect(only?.bucketKey).toMatch(/^[0-9a-f]{16}$/)
    expect(sellersOf(loadConfig({}))).toEqual([])
  })

  it('in the database need no refresh token beside the application that they share', () => {
    const CREDENTIALS_KEY = `k1:${Buffer.alloc(32, 7).toString('base64')}`
    expect(problemsOf({ ...application, CREDENTIALS_KEY })).toEqual([])
    expect(problemsOf({ CREDENTIALS_KEY })).toEqual([])
    expect(problemsOf({ SP_API_CLIENT_ID: 'client', CREDENTIALS_KEY })).toEqual([
      expect.stringContaining('SP_API_CLIENT_SECRET must be set as well'),
    ])
    const config = loadConfig({ ...application, CREDENTIALS_KEY })
    expect(hasCredentials(config)).toBe(true)
    expect(secretsOf(config)).toContain(CREDENTIALS_KEY.slice(3))
    expect(JSON.stringify(describeConfig(config))).not.toContain(CREDENTIALS_KEY.slice(3, 20))
  })

  it('may have two client secrets each', () => {
    const previous = { SP_API_CLIENT_SECRET_PREVIOUS: 'CANARY-older' }
    const own = { ...de, previousClientSecret: 'CANARY-own' }
    const json = JSON.stringify([us, own])
    const config = loadConfig({ ...application, ...previous, SP_API_SELLERS: json })
    expect(sellersOf(config).map((seller) => seller.previousClientSecret)).toEqual([
      'CANARY-older',
      'CANARY-own',
    ])
    expect(secretsOf(config)).toEqual(expect.arrayContaining(['CANARY-older', 'CANARY-own']))
    expect(problemsOf(previous)).toEqual([expect.stringMatching(/SP_API_CLIENT_SECRET must be set as well/)])
    expect(
      problemsOf({ ...application, SP_API_SELLERS: JSON.stringify([{ ...us, previousClientSecret: 'x' }]) }),
    ).toEqual([expect.stringMatching(/previousClientSecret needs clientSecret/)])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['no JSON', { SP_API_SELLERS: '[{CANARY' }, /SP_API_SELLERS is not JSON/],
    ['no list', { SP_API_SELLERS: '{"CANARY":1}' }, /must be a list of sellers/],
    ['nobody', { SP_API_SELLERS: '[]' }, /must name a seller/],
    ['a seller without token', { SP_API_SELLERS: '[{"name":"a"}]' }, /\[0\]\.refreshToken must be a text/],
    [
      'a name with a blank',
      { SP_API_SELLERS: '[{"name":"a b","refreshToken":"CANARY"}]' },
      /\[0\]\.name must be 1 to 63/,
    ],
    ['a field that is none', { SP_API_SELLERS: JSON.stringify([{ ...us, secret: 'CANARY' }]) }, /\[0\]/],
    ['the same name twice', { SP_API_SELLERS: JSON.stringify([us, us]) }, /\[1\]\.name stands twice/],
    [
      'one account under two names',
      { ...application, SP_API_SELLERS: JSON.stringify([us, { ...us, name: 'shop-ca' }]) },
      /\[1\]\.refreshToken stands twice/,
    ],
    [
      'half an application',
      { SP_API_SELLERS: JSON.stringify([{ ...us, clientId: 'CANARY' }]) },
      /\[0\] clientId and clientSecret only work together/,
    ],
    ['no application at all', { SP_API_SELLERS: JSON.stringify([us]) }, /the seller shop-us has no clientId/],
    ['a file that is not there', { SP_API_SELLERS_FILE: '/nowhere/CANARY' }, /can not be read \(ENOENT\)/],
    [
      'two who say so',
      { ...application, SP_API_REFRESH_TOKEN: 'CANARY', SP_API_SELLERS: JSON.stringify([us]) },
      /SP_API_SELLERS and SP_API_REFRESH_TOKEN are set, and only one may be/,
    ],
    [
      'half a common application',
      { SP_API_CLIENT_ID: 'CANARY', SP_API_SELLERS: JSON.stringify([us]) },
      /SP_API_CLIENT_SECRET must be set as well/,
    ],
  ])('can not be %s', (_, environment, problem) => {
    const problems = problemsOf(environment)
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(problems.join()).not.toContain('CANARY')
  })
})
