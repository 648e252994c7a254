import { expect, it } from 'vitest'
import { scratchFolder } from '#tests/support/backing.ts'
import { amazonMisbehaves } from './amazon.ts'

/** What only a whole cluster shows; `amazon-connector.test.ts` has Amazon's misbehaviours one by one. */
it('a seller whose grant is revoked stops alone, and everything ends right with clocks that are minutes apart', {
  timeout: 200_000,
}, async () => {
  const { report, measured } = await amazonMisbehaves({
    seed: 1,
    products: 3_000,
    brokers: 1,
    rate: 5,
    replicas: { reporting: 1, 'product-change': 1, persister: 1, 'catalog-fetcher': 2 },
    folder: scratchFolder('amazon'),
    timeoutMs: 150_000,
    outageMs: 6_000,
    only: 'revoked',
  })
  expect(report.findings).toEqual({})
  expect(report).toMatchObject({ badExits: [], endedByThemselves: 0, requeued: 0, throttled429: 0 })
  expect(measured.map(({ name }) => name)).toEqual(['one grant revoked', 'both grants revoked'])
  // The other one went on with its own quota.
  expect(measured[0]?.finals).toBeGreaterThan(100)
})
