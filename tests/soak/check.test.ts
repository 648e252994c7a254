import { expect, it } from 'vitest'
import { checkJobs } from './check.ts'
import { atTick } from './load.ts'
import { staleness } from './staleness.ts'

const job = { id: 'j', state: 'complete', total: 5, done: 5 }

it('finds a job that did not end, that counts wrongly, that took in too few', () => {
  expect(checkJobs([job], new Map([['j', 5]]))).toEqual([])
  expect(checkJobs([job], new Map())).toEqual([])
  const kinds = (change: object) =>
    checkJobs([{ ...job, ...change }], new Map([['j', 5]])).map(({ kind }) => kind)
  expect(kinds({ state: 'running' })).toEqual(['lost'])
  expect(kinds({ done: 4 })).toEqual(['counter'])
  expect(kinds({ total: 4, done: 4 })).toEqual(['counter'])
})

it('spreads a broken rate over whole products', () => {
  const ticks = Array.from({ length: 100 }, (_, tick) => atTick(2.3, tick))
  expect(ticks.reduce((sum, n) => sum + n, 0)).toBe(230)
  expect(new Set(ticks)).toEqual(new Set([2, 3]))
})

it('finds the age at which a schedule brings as many products as it should', () => {
  const { afterSeconds, touchRate } = staleness({ products: 50_000, touchedPerSecond: 15, stalePerSecond: 8 })
  const untouched = Math.exp(-touchRate * afterSeconds)
  expect((15 * untouched) / (1 - untouched)).toBeCloseTo(8)
})
