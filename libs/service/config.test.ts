import { describe, expect, it } from 'vitest'
import { rateLimitOf, retryOf } from './call-limits.ts'
import { ConfigError, describeConfig, hasCredentials, loadConfig, proxyOf } from './config.ts'

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('loadConfig', () => {
  it('has a default for everything, and counts an empty value as unset', () => {
    const config = loadConfig({ KAFKA_BROKERS: '', PORT: '' })
    expect(config).toMatchObject({
      MARKETPLACES: ['US'],
      MAX_ATTEMPTS: 5,
      QUEUED_TIMEOUT: 1_800_000,
      SYNC_SCHEDULE: '0 3 * * *',
      LOG_LEVEL: 'info',
    })
    expect(config.KAFKA_BROKERS).toBeUndefined()
    expect(config.PORT).toBeUndefined()
    expect(hasCredentials(config)).toBe(false)
  })

  it('takes proxies by their names in small letters first, and never shows one', () => {
    const config = loadConfig({
      HTTPS_PROXY: 'http://big:1',
      https_proxy: 'http://name:secret@small:1',
      no_proxy: 'a,b',
    })
    expect(proxyOf(config)).toEqual({ https: 'http://name:secret@small:1', http: undefined, except: 'a,b' })
    expect(JSON.stringify(describeConfig(config))).not.toContain('secret')
    expect(problemsOf({ HTTPS_PROXY: 'secret-host:3128' }).join()).toMatch(
      /^HTTPS_PROXY must be a URL(?!.*secret)/,
    )
  })

  it('reads durations, lists and numbers', () => {
    const config = loadConfig({
      QUEUED_TIMEOUT: '90s',
      MARKETPLACES: 'US, CA,',
      MAX_QUEUED: '500',
      SYNC_SCHEDULE: 'off',
    })
    expect(config).toMatchObject({
      QUEUED_TIMEOUT: 90_000,
      MARKETPLACES: ['US', 'CA'],
      MAX_QUEUED: 500,
      SYNC_SCHEDULE: 'off',
    })
  })

  it('takes what other services are configured with: seconds without a unit, names of levels, workers', () => {
    const config = loadConfig({
      RATE_LIMIT_CALLS: '30',
      RATE_LIMIT_WINDOW: '60',
      REQUEST_TIMEOUT: '2.5',
      RETRY_DELAY_BASE: '1',
      MAX_RETRIES: '5',
      MAX_WORKERS: '8',
      LOG_LEVEL: 'WARNING',
    })
    expect(config).toMatchObject({
      RATE_LIMIT_WINDOW: 60_000,
      REQUEST_TIMEOUT: 2_500,
      RETRY_DELAY_BASE: 1_000,
      MAX_WORKERS: 8,
      FETCH_CONCURRENCY: 8,
      LOG_LEVEL: 'warn',
    })
    expect(rateLimitOf(config)).toEqual({ calls: 30, windowMs: 60_000 })
    expect(retryOf(config)).toEqual({ attempts: 6, firstPauseMs: 1_000 })
    expect(loadConfig({ FETCH_CONCURRENCY: '3' })).toMatchObject({ MAX_WORKERS: 3, FETCH_CONCURRENCY: 3 })
    expect(loadConfig({ FETCH_CONCURRENCY: '3', MAX_WORKERS: '3' }).MAX_WORKERS).toBe(3)
  })

  it('asks Amazon as ever where nothing of the kind is set: a back-off of products is no pause of a request', () => {
    expect(rateLimitOf(loadConfig({}))).toBeUndefined()
    expect(retryOf(loadConfig({}))).toEqual({ attempts: 4 })
  })

  it('refuses two names of one thing with different values, and half a limit', () => {
    expect(problemsOf({ FETCH_CONCURRENCY: '4', MAX_WORKERS: '8' })).toEqual([
      expect.stringContaining('two names of one thing'),
    ])
    for (const name of ['RATE_LIMIT_CALLS', 'RATE_LIMIT_WINDOW'])
      expect(problemsOf({ [name]: '10' })).toEqual([expect.stringContaining('only work together')])
    expect(problemsOf({ REQUEST_TIMEOUT: '0', RATE_LIMIT_CALLS: '1', RATE_LIMIT_WINDOW: 'soon' })).toEqual([
      expect.stringMatching(/^RATE_LIMIT_WINDOW must be a duration/),
      expect.stringMatching(/^REQUEST_TIMEOUT must be from 100ms/),
    ])
  })

  it('lists every problem at once, each with the variable and what it wants', () => {
    const problems = problemsOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      QUEUED_TIMEOUT: 'soon',
      SYNC_SCHEDULE: 'whenever',
      MAX_QUEUED: '-3',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
    })
    expect(problems).toHaveLength(6)
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'QUEUED_TIMEOUT',
      'SYNC_SCHEDULE',
      'MAX_QUEUED',
      'DATABASE_URL',
    ]) {
      expect(problems.find((problem) => problem.startsWith(`${name} `))).toBeDefined()
    }
    expect(problems.join()).toContain('"soon"')
  })

  it('never shows the value of a secret', () => {
    const text = problemsOf({
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      SP_API_CLIENT_SECRET: 'canary',
    }).join()
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain('canary')
    const shown = describeConfig(loadConfig({ DATABASE_URL: 'postgres://root:hunter2@db/x' }))
    expect(shown.DATABASE_URL).toBe('********')
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })

  it('wants the Redis that Sentinels are asked for', () => {
    const REDIS_SENTINELS = 'one:26379,two:26379'
    expect(problemsOf({ REDIS_SENTINELS })).toEqual([expect.stringMatching(/^REDIS_URL must be set as well/)])
    expect(problemsOf({ REDIS_SENTINELS, REDIS_URL: 'redis://mymaster' })).toEqual([])
    for (const wrong of [',', 'one', 'one:99999', 'one:0'])
      expect(problemsOf({ REDIS_SENTINELS: wrong, REDIS_URL: 'redis://mymaster' })).toEqual([
        expect.stringMatching(/^REDIS_SENTINELS must be host:port/),
      ])
  })

  it("wants all of Amazon's credentials or none", () => {
    expect(problemsOf({ SP_API_CLIENT_ID: 'a' })).toEqual([
      expect.stringContaining('SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN'),
    ])
  })
})
