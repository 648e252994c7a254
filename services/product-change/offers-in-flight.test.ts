import { expect, it } from 'vitest'
import { OffersInFlight } from './offers-in-flight.ts'

/** Claims what may be in flight twice a second, while `perSecond` ASINs are answered; the calls in flight at the end. */
function keepReady(perSecond: number, seconds: number, mostRows = 100_000): number {
  const inFlight = new OffersInFlight(mostRows)
  let queued = 0
  let calls = 0
  for (let ms = 0; ms < seconds * 1_000; ms += 500) {
    queued = Math.max(0, queued - perSecond / 2)
    calls = inFlight.observe(queued, ms)
    const claimed = Math.max(0, calls * 20 - queued)
    inFlight.claimed(claimed)
    queued += claimed
  }
  return calls
}

it.each([
  [0.033 * 20, 2],
  [0.1 * 20, 3],
  [0.5 * 20, 15],
])(
  'keeps some thirty seconds of work ready at %d ASINs a second, and two calls at least',
  (perSecond, calls) => {
    expect(keepReady(perSecond, 600)).toBe(calls)
  },
)

it('lets a fast quota have what it takes within moments, and no more than the bound', () => {
  expect(keepReady(1_000, 15)).toBeGreaterThan(500)
  expect(keepReady(1_000, 60, 2_000)).toBe(100)
})
