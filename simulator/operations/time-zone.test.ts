import { expect, it } from 'vitest'
import { nextBoundary, offsetOf, type Unit } from './time-zone.ts'

const HOUR = 3_600_000

it('knows how far a zone is ahead, and that it changes', () => {
  expect(offsetOf('UTC', 0)).toBe(0)
  expect(offsetOf('Asia/Kolkata', 0)).toBe(5.5 * HOUR)
  expect(offsetOf('US/Pacific', Date.UTC(2026, 6, 1))).toBe(-7 * HOUR)
  expect(offsetOf('US/Pacific', Date.UTC(2026, 0, 1))).toBe(-8 * HOUR)
  expect(() => offsetOf('Moon/Base', 0)).toThrow(RangeError)
})

it.each([
  // The clocks of the zone went back on 1 November 2026, and that day had 25 hours.
  ['2026-10-31T00:00:00-07:00', 'Day', '2026-11-01T00:00:00-07:00'],
  ['2026-11-01T00:00:00-07:00', 'Day', '2026-11-02T00:00:00-08:00'],
  ['2026-11-01T01:30:00-07:00', 'Hour', '2026-11-01T01:00:00-08:00'],
  ['2026-11-04T12:00:00-08:00', 'Week', '2026-11-09T00:00:00-08:00'],
  ['2026-11-04T12:00:00-08:00', 'Month', '2026-12-01T00:00:00-08:00'],
  ['2026-06-04T12:00:00-07:00', 'Year', '2027-01-01T00:00:00-08:00'],
])('after %s the next %s begins at %s', (from, unit, to) => {
  expect(nextBoundary(Date.parse(from), unit as Unit, 'US/Pacific', 'Monday')).toBe(Date.parse(to))
})

it('begins weeks on the day that is told', () => {
  const wednesday = Date.parse('2026-11-04T12:00:00Z')
  expect(nextBoundary(wednesday, 'Week', 'UTC', 'Sunday')).toBe(Date.parse('2026-11-08T00:00:00Z'))
})
