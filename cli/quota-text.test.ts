import { expect, it } from 'vitest'
import type { QuotaView } from '#services/reporting/quota/quota-report.ts'
import { quotaText } from './quota-text.ts'

const quota: QuotaView = {
  application: 'app',
  seller: 'shop',
  operation: 'searchCatalogItems',
  ratePerSecond: 2,
  planRatePerSecond: 2,
  announcedRatePerSecond: 2,
  brake: 1,
  learned: false,
  burst: 2,
  tokens: 1.7,
  queued: 12,
  waitSeconds: 6.5,
  granted: 1_234,
  throttled: 0,
  secondsSinceThrottled: null,
  applicationLevel: null,
}

it('shows each quota in a line, and what was learned', () => {
  const slow = {
    ...quota,
    operation: 'searchOrders',
    ratePerSecond: 0.0028,
    planRatePerSecond: 0.0056,
    brake: 0.5,
  }
  const text = quotaText({
    scope: 'shared',
    note: null,
    quotas: [quota, { ...slow, seller: '', throttled: 3, secondsSinceThrottled: 90, waitSeconds: 0 }],
  })
  const [header, first, second] = text.split('\n')
  expect(header).toMatch(/^seller +operation +a second +free +waiting +wait +requests +429s$/)
  expect(first).toMatch(/^shop +searchCatalogItems +2 +1 of 2 +12 +6\.5 s +1,234 +0$/)
  expect(second).toMatch(
    /^\(application\) +searchOrders +0\.0028 \(0\.0056 planned, after 429s\) .* – +1,234 +3, the latest 1 min 30 s ago$/,
  )
})

it('names the application where there are several, and says what is not known', () => {
  const text = quotaText({
    scope: 'process',
    note: 'Redis does not answer',
    quotas: [quota, { ...quota, application: 'other', ratePerSecond: 1, announcedRatePerSecond: 1 }],
  })
  expect(text).toMatch(/^application +seller/)
  expect(text).toContain('1 (2 planned, as Amazon announced)')
  expect(text).toMatch(/\n\nRedis does not answer$/)
  expect(quotaText({ scope: 'unknown', note: 'set REDIS_URL', quotas: [] })).toBe('set REDIS_URL')
})
