import type { QuotaReport, QuotaView } from '#services/reporting/quota/quota-report.ts'
import { count, duration, table } from './terminal.ts'

/** Every quota, for people: what Amazon permits, what is left at this moment, who waits, and what went wrong. */
export function quotaText({ quotas, note }: QuotaReport): string {
  if (quotas.length === 0) return note ?? 'No quota has been spent from yet.'
  const applications = new Set(quotas.map(({ application }) => application))
  const rows = quotas.map((quota) => [
    ...(applications.size > 1 ? [quota.application] : []),
    quota.seller || '(application)',
    quota.operation,
    rate(quota),
    `${count(Math.floor(quota.tokens))} of ${quota.burst}`,
    count(quota.queued),
    quota.waitSeconds > 0 ? duration(quota.waitSeconds) : '–',
    count(quota.granted),
    throttled(quota),
  ])
  const heads = ['seller', 'operation', 'a second', 'free', 'waiting', 'wait', 'requests', '429s']
  const header = applications.size > 1 ? ['application', ...heads] : heads
  return [table([header, ...rows]), ...(note === null ? [] : ['', note])].join('\n')
}

function rate({ ratePerSecond, planRatePerSecond, brake }: QuotaView): string {
  if (ratePerSecond === planRatePerSecond) return String(ratePerSecond)
  const why = brake < 1 ? 'after 429s' : 'as Amazon announced'
  return `${ratePerSecond} (${planRatePerSecond} planned, ${why})`
}

function throttled({ throttled, secondsSinceThrottled }: QuotaView): string {
  if (secondsSinceThrottled === null) return count(throttled)
  return `${count(throttled)}, the latest ${duration(secondsSinceThrottled)} ago`
}
