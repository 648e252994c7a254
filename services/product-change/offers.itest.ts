import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#libs/db/database.ts'
import { applyOfferOutcomes } from '#libs/db/offers/outcomes.ts'
import { matchDue, offerOutcome, policy } from '#libs/db/offers/testing.ts'
import { addProducts, CA, openTestDatabase, US } from '#libs/db/testing.ts'
import type { EventLog, NewRecord } from '#libs/event-log/port.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { createLocalCodec } from '#schemas/codec.ts'
import type { OffersRequest } from '#schemas/generated/offers-request.ts'
import { OFFERS_REQUESTS } from '#schemas/topics.ts'
import { createTestDatabase, describeWith, type TestDatabase, waitFor } from '#tests/support/backing.ts'
import { leadOffers } from './offers.ts'

const asin = (n: number): string => `B${String(n).padStart(9, '0')}`

describeWith(['postgres'], 'what is priced next', () => {
  let database: TestDatabase
  let db: Database
  const codec = createLocalCodec()
  const leading: { readonly stop: AbortController; readonly ended: Promise<void> }[] = []
  const appended: { readonly key: string; readonly request: OffersRequest }[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url, ['US', 'CA'])
    appended.splice(0)
  })
  afterEach(async () => {
    for (const { stop, ended } of leading.splice(0)) {
      stop.abort()
      await ended
    }
    await db.close()
    await database.drop()
  })

  const keep = async (records: readonly NewRecord[]): Promise<void> => {
    for (const { topic, key, value } of records)
      appended.push({ key: String(key), request: codec.decode(topic, value!) as OffersRequest })
  }
  const lead = (append: EventLog['append'] = keep, more: Readonly<Record<string, string>> = {}) => {
    const stop = new AbortController()
    const config = loadConfig({ OFFERS_POLICY: '{"price":{}}', ...more })
    const logger = createLogger({ level: 'silent', service: 'test' })
    const log = { append } as EventLog
    const ended = leadOffers({ db, log, codec, config, logger, metrics: createMetrics() }, stop.signal)
    leading.push({ stop, ended })
    return { stop, ended }
  }
  /** Matches of as many products, the first with the best rank; in each of both marketplaces. */
  const match = async (count: number): Promise<void> => {
    await addProducts(db, count)
    const known = (await db.query('select 1 from amazon_market_data where marketplace_id = $1', [US])).length
    await matchDue(
      db,
      Array.from({ length: count - known }, (_, n) => ({ asin: asin(known + n), salesRank: known + n + 1 })),
      policy('{"price":{}}').levels,
    )
  }
  const asked = (marketplaceId = US) =>
    appended
      .filter(({ request }) => request.marketplaceId === marketplaceId)
      .map(({ request }) => request.asin)
  const answer = async (claims: readonly OffersRequest[]): Promise<void> => {
    await db.transaction((tx) =>
      applyOfferOutcomes(
        tx,
        claims.map((claim) => offerOutcome(claim)),
        policy().levels,
        () => ({
          state: 'priced',
          failures: 0,
          nextInMs: 86_400_000,
        }),
      ),
    )
  }

  it('is a call for each marketplace, the best ranks first, and no more while nothing comes back', async () => {
    await match(100)
    lead()
    await waitFor(async () => appended.length >= 40, { what: 'the first calls' })
    expect(asked(US)).toEqual(Array.from({ length: 20 }, (_, n) => asin(n)))
    expect(asked(CA)).toEqual(Array.from({ length: 20 }, (_, n) => asin(n)))
    expect(new Set(appended.map(({ key }) => key)).size).toBe(2)
    await answer(appended.filter(({ request }) => request.marketplaceId === US).map(({ request }) => request))
    await waitFor(async () => appended.length >= 60, { what: 'the next call' })
    expect(asked(US).slice(20, 40)).toEqual(Array.from({ length: 20 }, (_, n) => asin(20 + n)))
  })

  it('gathers what comes while a call is under way, so that the next one is full', async () => {
    await match(1)
    lead()
    await waitFor(async () => appended.length === 2, { what: 'a call for one in each marketplace' })
    await match(15)
    await waitFor(
      async () => {
        const [row] = await db.query<{ n: number }>(
          `select count(*)::int as n from offer_syncs where state = 'pending'`,
        )
        return row?.n === 28
      },
      { what: 'more matches' },
    )
    expect(appended).toHaveLength(2)
    await answer(appended.map(({ request }) => request))
    await waitFor(async () => appended.length === 30, { what: 'the calls for all the others' })
    expect(new Set(appended.slice(2).map(({ key }) => key)).size).toBe(2)
  })

  it('asks again, under the same attempt, for what was appended and not marked', async () => {
    await match(1)
    const crash = new Error('killed between append and commit')
    const first = lead(async (records) => {
      await keep(records)
      throw crash
    })
    await expect(first.ended).rejects.toThrow(crash)
    leading.splice(0)
    const before = appended.splice(0)
    lead()
    await waitFor(async () => appended.length === 2, { what: 'the second claim' })
    expect(before).toHaveLength(1)
    expect(appended.map(({ request }) => request.attempt)).toEqual([1, 1])
  })

  it('finds matches from before the policy by itself', async () => {
    await addProducts(db, 30)
    await matchDue(
      db,
      Array.from({ length: 30 }, (_, n) => ({ asin: asin(n) })),
      [],
    )
    lead()
    await waitFor(async () => appended.length >= 20, { what: 'a call' })
    const [counts] = await db.query<{ n: number }>('select count(*)::int as n from offer_syncs')
    expect(counts?.n).toBe(60)
  })

  it('does nothing when prices are off', async () => {
    await match(1)
    await lead(keep, { OFFERS_POLICY: 'off' }).ended
    expect(appended).toEqual([])
    expect(OFFERS_REQUESTS).toBe('offers.requests')
  })
})
