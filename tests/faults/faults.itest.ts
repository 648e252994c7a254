import { describe, expect, it } from 'vitest'
import { scratchFolder } from '#tests/support/backing.ts'
import { membersComeAndGo } from './members.ts'
import { connectionsEnd } from './postgres.ts'
import { withPrices } from './prices.ts'
import { processesEnd } from './processes.ts'
import type { Report, TrialOptions } from './trial.ts'

/** The small size of `npm run test:faults`: on a cluster of its own, because the faults would hit other suites. */
const options = (products: number): Omit<TrialOptions, 'scenario'> => ({
  seed: 1,
  products,
  brokers: 1,
  rate: 20,
  replicas: { reporting: 1, 'product-change': 2, persister: 2, 'catalog-fetcher': 2 },
  folder: scratchFolder('faults'),
  timeoutMs: 100_000,
  variables: { KAFKA_SESSION_TIMEOUT: '3s', LOG_LEVEL: 'warn' },
})

describe('a catalogue on Kafka, Redis and PostgreSQL ends right, each effect once', () => {
  const expectGood = (report: Report): void => {
    expect(report.findings).toEqual({})
    expect(report).toMatchObject({ badExits: [], endedByThemselves: 0, requeued: 0 })
    expect(report.logRows).toBe(report.attempts)
  }

  it('when processes of every service are killed, prices and all', { timeout: 150_000 }, async () => {
    expectGood(await processesEnd('SIGKILL', 9, withPrices(options(2_500))))
  })

  it('when they are asked to end, and each ends with 0 in time', { timeout: 150_000 }, async () => {
    expectGood(await processesEnd('SIGTERM', 7, options(2_000)))
  })

  it("when PostgreSQL's connections end within transactions", { timeout: 150_000 }, async () => {
    const report = await connectionsEnd(6, { ...options(1_500), rate: 6 })
    expectGood(report)
    expect(report.more).toMatchObject({ terminated: 2, commitsUnanswered: 2 })
  })

  it('when members come and go', { timeout: 150_000 }, async () => {
    expectGood(await membersComeAndGo(4, 1_500, options(2_000)))
  })
})
