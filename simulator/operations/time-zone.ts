/** Days, weeks, months and years of a time zone. */

export const UNITS = ['Hour', 'Day', 'Week', 'Month', 'Year'] as const
export type Unit = (typeof UNITS)[number]

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** How far a zone is ahead of UTC at a time, in milliseconds. Throws a RangeError for an unknown zone. */
export function offsetOf(zone: string, ms: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const match = /([+-])(\d\d):(\d\d)/.exec(name)
  if (match === null) return 0
  return Number(`${match[1]}1`) * (Number(match[2]) * HOUR + Number(match[3]) * 60_000)
}

/** When the next unit begins after a time, by the clocks of the zone. */
export function nextBoundary(ms: number, unit: Unit, zone: string, firstDay: 'Monday' | 'Sunday'): number {
  const offset = offsetOf(zone, ms)
  // Hours pass whatever is done to the clocks.
  if (unit === 'Hour') return (Math.floor((ms + offset) / HOUR) + 1) * HOUR - offset
  const next = nextLocal(ms + offset, unit, firstDay)
  const guess = next - offset
  // The clocks may have been changed in between.
  return next - offsetOf(zone, guess)
}

function nextLocal(local: number, unit: Exclude<Unit, 'Hour'>, firstDay: 'Monday' | 'Sunday'): number {
  const day = Math.floor(local / DAY)
  if (unit === 'Day') return (day + 1) * DAY
  const date = new Date(local)
  if (unit === 'Week') {
    const passed = (date.getUTCDay() + (firstDay === 'Monday' ? 6 : 0)) % 7
    return (day + 7 - passed) * DAY
  }
  const year = date.getUTCFullYear()
  return unit === 'Month' ? Date.UTC(year, date.getUTCMonth() + 1) : Date.UTC(year + 1, 0)
}
