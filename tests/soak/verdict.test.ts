import { expect, it } from 'vitest'
import { createRandom } from '#simulator/catalogue/hash.ts'
import { judge, leastOf, median, type Point, theilSen } from './verdict.ts'

const HOUR = 3_600
/** An hour of a process of some 200 MB, sampled every ten seconds, that breathes by 20 MB as its heap is collected. */
const process = (extra: (at: number) => number, seed = 1): Point[] => {
  const random = createRandom(seed)
  return Array.from({ length: HOUR / 10 }, (_, i) => {
    const at = i * 10
    const sawtooth = 20 * ((at / 95) % 1)
    return { at, value: 200 + sawtooth + 3 * random() + extra(at) }
  })
}
const tolerance = { relative: 0.05, absolute: 2 }
const flat = (points: Point[], more = {}) => judge(points, { ...tolerance, ...more })?.flat

it('takes a process that breathes for flat', () => {
  for (let seed = 1; seed <= 5; seed++) expect(flat(process(() => 0, seed))).toBe(true)
})

it('takes a warm-up, an outage of some minutes and a fall for flat', () => {
  expect(flat(process((at) => -80 * Math.exp(-at / 240)))).toBe(true)
  expect(flat(process((at) => (at > 2_000 && at < 2_400 ? 400 : 0)))).toBe(true)
  expect(flat(process((at) => -20 * (at / HOUR)))).toBe(true)
})

it('catches a planted leak of 20 MB an hour under a sawtooth of the same size', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const verdict = judge(
      process((at) => 20 * (at / HOUR), seed),
      tolerance,
    )
    expect(verdict?.flat).toBe(false)
    expect(verdict?.growth).toBeGreaterThan(13)
    expect(verdict?.growth).toBeLessThan(17)
  }
})

it('catches a leak that begins half-way, and one that goes by steps', () => {
  expect(flat(process((at) => Math.max(0, at - HOUR / 2) * 0.02))).toBe(false)
  expect(flat(process((at) => 6 * Math.floor(at / 600)))).toBe(false)
})

it('catches handles that are lost one by one', () => {
  const handles = Array.from({ length: 360 }, (_, i) => ({ at: i * 10, value: 40 + Math.floor(i / 40) }))
  expect(judge(handles, { relative: 0.02, absolute: 3 })?.flat).toBe(false)
})

it('catches a throughput that falls, where falling counts', () => {
  expect(flat(process((at) => -40 * (at / HOUR)))).toBe(true)
  expect(
    flat(
      process((at) => -40 * (at / HOUR)),
      { bothWays: true },
    ),
  ).toBe(false)
})

it('looks below garbage that is collected ever more rarely, and finds a leak of 8 MB an hour there', () => {
  const heap = (leak: number): Point[] =>
    Array.from({ length: HOUR / 10 }, (_, i) => {
      const at = i * 10
      const garbage = (0.2 + at / HOUR) * 100 * ((at / 70) % 1)
      return { at, value: 42 + garbage + leak * (at / HOUR) }
    })
  const limits = { relative: 0.05, absolute: 4 }
  expect(judge(heap(0), limits)?.flat).toBe(false)
  expect(judge(leastOf(heap(0), 120), limits)?.flat).toBe(true)
  expect(judge(leastOf(heap(8), 120), limits)?.flat).toBe(false)
})

it('says nothing of a few points', () => {
  expect(judge([], tolerance)).toBeNull()
  expect(judge(process(() => 0).slice(0, 8), tolerance)).toBeNull()
})

it('knows medians and slopes', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
  const line = [0, 1, 2, 3, 4, 5, 6].map((at) => ({ at, value: at === 3 ? 1_000 : 2 * at }))
  expect(theilSen(line)).toBe(2)
})
