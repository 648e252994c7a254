import { describe, expect, it } from 'vitest'
import { announce, rateAt, reject, unlearned } from './learning.ts'

const MINUTE = 60_000
const rejectAt = (times: readonly number[], rate: number) => times.reduce(reject, unlearned(rate))

describe('what a bucket learns', () => {
  it('cuts at once and raises by 5 % a minute', () => {
    const cut = announce(unlearned(2), 1, 1000)
    expect(rateAt(cut, 1000)).toBe(1)
    const raised = announce(cut, 2, 2000)
    expect(rateAt(raised, 2000)).toBe(1)
    expect(rateAt(raised, 2000 + MINUTE)).toBeCloseTo(1.05, 9)
    expect(rateAt(raised, 2000 + 60 * MINUTE)).toBe(2)
  })

  it('keeps what it has gained when the same rate is announced again and again', () => {
    let learned = announce(unlearned(1), 2, 0)
    for (let at = 1000; at <= MINUTE; at += 1000) learned = announce(learned, 2, at)
    expect(rateAt(learned, MINUTE)).toBeCloseTo(1.05, 9)
  })

  it('brakes on the third 429 within ten slots, not on three that are further apart', () => {
    expect(rateAt(rejectAt([0, 2000, 4000], 2), 4000)).toBe(1)
    expect(rateAt(rejectAt([0, 3000, 6000], 2), 6000)).toBe(2)
    expect(rateAt(rejectAt([0, 3000, 6000, 7000], 2), 7000)).toBe(1)
  })

  it('brakes again while braking, never below a sixteenth', () => {
    const times = Array.from({ length: 30 }, (_, i) => i)
    expect(rateAt(rejectAt(times.slice(0, 6), 16), 10)).toBe(4)
    expect(rateAt(rejectAt(times, 16), 30)).toBe(1)
  })

  it('recovers to the full rate by itself, and slow plans brake for as long as ten of their slots', () => {
    const braked = rejectAt([0, 1, 2], 2)
    expect(rateAt(braked, MINUTE)).toBe(1)
    expect(rateAt(braked, 2.5 * MINUTE)).toBe(2)
    expect(rateAt(rejectAt([0, 1, 2], 0.01), 15 * MINUTE)).toBe(0.005)
  })
})
