import { describe, expect, it } from 'vitest'
import { pace } from './plan.ts'

const at = (ratePerSecond: number, burst: number, jitterMs: number, urgentShare = 0) =>
  pace({ ratePerSecond, burst }, { jitterMs, urgentShare })

describe('pace', () => {
  it('spends 99.9 % of the rate, and the burst less what jitter can bring together', () => {
    const { periodMs, toleranceMs } = at(2, 2, 400)
    expect(periodMs).toBeCloseTo(500.5, 2)
    expect(toleranceMs / periodMs + 1).toBeCloseTo(2 - 0.4 * 2 * 0.999, 6)
  })

  it('spaces slots by 1/r + J where the burst is 1', () => {
    expect(at(0.5, 1, 300)).toMatchObject({ toleranceMs: 0 })
    expect(at(0.5, 1, 300).periodMs).toBeCloseTo(2302, 0)
    expect(at(0.033, 1, 400).periodMs).toBeCloseTo(30_733, 0)
  })

  it('has no jump where the burst is just used up', () => {
    const jitterMs = 1000 / (2 * 0.999)
    const below = at(2, 2, jitterMs - 1e-6)
    const above = at(2, 2, jitterMs + 1e-6)
    expect(above.periodMs).toBeCloseTo(below.periodMs, 4)
    expect(below.toleranceMs).toBeCloseTo(0, 4)
  })

  it('keeps at least one whole slot for urgent callers where there are two', () => {
    const { periodMs, toleranceMs, backgroundToleranceMs } = at(5, 3, 0, 0.2)
    expect((toleranceMs - backgroundToleranceMs) / periodMs).toBeCloseTo(1, 6)
    const small = at(2, 2, 400, 0.2)
    expect(small.backgroundToleranceMs).toBe(small.toleranceMs)
  })

  it.each([
    [0, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [1, 0.5],
  ])('refuses a plan of %d/s with a burst of %d', (rate, burst) => {
    expect(() => at(rate, burst, 0)).toThrow(RangeError)
  })
})
