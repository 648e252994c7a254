const NONE = '–'

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map()

/** @param {number | null | undefined} value @param {number} [digits] after the point, at most */
export function formatNumber(value, digits = 0) {
  if (value === null || value === undefined) return NONE
  let format = formats.get(digits)
  if (!format) {
    format = new Intl.NumberFormat('en', { maximumFractionDigits: digits })
    formats.set(digits, format)
  }
  return format.format(value)
}

const DAY = 86_400

/** Seconds as the two largest units: `3 h 12 min`. @param {number | null | undefined} seconds */
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined) return NONE
  if (seconds < 1) return seconds === 0 ? '0 s' : '< 1 s'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's', whole < 600)
  if (whole < DAY) return pair(Math.floor(whole / 3_600), 'h', Math.floor((whole % 3_600) / 60), 'min')
  return pair(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / 3_600), 'h', whole < 30 * DAY)
}

/** @param {number} large @param {string} unit @param {number} small @param {string} smallUnit */
const pair = (large, unit, small, smallUnit, exact = true) =>
  exact && small > 0
    ? `${formatNumber(large)} ${unit} ${small} ${smallUnit}`
    : `${formatNumber(large)} ${unit}`

/** @param {number | null | undefined} bytes */
export function formatBytes(bytes) {
  if (bytes === null || bytes === undefined) return NONE
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${formatNumber(bytes / 1_000 ** power, power === 0 ? 0 : 1)} ${units[power]}`
}

/** A decimal as text with its currency. @param {string | number | null | undefined} amount @param {string | null} [currency] */
export function formatMoney(amount, currency) {
  if (amount === null || amount === undefined) return NONE
  if (!currency) return String(amount)
  try {
    // A decimal text is formatted exactly, digit by digit.
    return new Intl.NumberFormat('en', { style: 'currency', currency }).format(/** @type {any} */ (amount))
  } catch {
    // Amazon's word for a currency that nobody knows is shown as it is.
    return `${amount} ${currency}`
  }
}

/** @param {number | null | undefined} percent 0–100 */
export const formatPercent = (percent) =>
  percent === null || percent === undefined ? NONE : `${formatNumber(Math.floor(percent))} %`

/** How long ago, in words. @param {string} iso @param {number} now */
export function formatAgo(iso, now) {
  const seconds = Math.round((now - Date.parse(iso)) / 1_000)
  if (Math.abs(seconds) < 5) return 'just now'
  const text = formatDuration(Math.abs(seconds)).split(' ').slice(0, 2).join(' ')
  return seconds > 0 ? `${text} ago` : `in ${text}`
}

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** In the reader's time zone. @param {string} iso */
export const formatTime = (iso) => exact.format(new Date(iso))
