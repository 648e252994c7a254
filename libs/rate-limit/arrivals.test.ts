import { describe, expect, it } from 'vitest'
import { createRoundTrips } from './arrivals.ts'
import { chance } from './contract-tools.ts'

describe('the shortest round trip', () => {
  it('is unknown until enough were seen', () => {
    const trips = createRoundTrips()
    for (let i = 0; i < 31; i++) expect(trips.observe(100)).toBe(0)
    expect(trips.observe(100)).toBe(100)
  })

  it('is estimated below the shortest that there was, and close to where they begin', () => {
    const random = chance(7)
    const trips = createRoundTrips()
    let estimate = 0
    for (let i = 0; i < 400; i++) estimate = trips.observe(60 + 150 * random())
    expect(estimate).toBeLessThanOrEqual(60)
    expect(estimate).toBeGreaterThan(45)
  })

  it('is not overestimated where both ways vary, so that the shortest of both is rare', () => {
    const seeds = Array.from({ length: 100 }, (_, i) => 1000 + 7919 * i)
    const tooHigh = seeds.filter((seed) => {
      const random = chance(seed)
      const trips = createRoundTrips()
      let highest = 0
      for (let i = 0; i < 400; i++)
        highest = Math.max(highest, trips.observe(100 + 81 * random() + 91 * random()))
      return highest > 100
    })
    expect(tooHigh).toEqual([])
  })

  it('follows a shorter way at once and a longer one when the shorter is forgotten', () => {
    const trips = createRoundTrips()
    for (let i = 0; i < 300; i++) trips.observe(100)
    for (let i = 0; i < 3; i++) trips.observe(40)
    expect(trips.observe(40)).toBe(0)
    let estimate = 0
    for (let i = 0; i < 1200; i++) estimate = trips.observe(200)
    expect(estimate).toBe(200)
  })
})
