import type { SyncStatus, SyncStatusReport } from '#libs/db/sync-status.ts'
import type { PriceStatus } from '#services/reporting/prices/price-status.ts'
import type { Backlog } from '#services/reporting/quota/backlog.ts'
import { count, counted, duration, table } from './terminal.ts'

/** In the order in which people want to read them. */
const finalStates = ['success', 'not_found', 'ambiguous', 'restricted', 'invalid', 'error'] as const

/** `1,742 success, 96 not_found`: what any product came to. */
export function finalCounts(outcomes: Readonly<Record<string, number>>): string {
  const shown = [...finalStates, ...elsewhere].flatMap((name) => {
    const n = outcomes[name] ?? 0
    return n > 0 ? [`${count(n)} ${name}`] : []
  })
  return shown.join(', ') || 'none yet'
}

/** Outcomes in a job of products whose own outcome another job has, or nobody. */
const elsewhere = ['superseded', 'cancelled', 'deleted'] as const

/** How many products wait for an outcome: pending or queued. */
export function waiting(status: SyncStatus): number {
  return status.pending + status.queued
}

/** One line on a sync that is under way. */
export function progressLine(status: SyncStatusReport): string {
  const done = status.total - waiting(status)
  const percent = status.total === 0 ? 100 : Math.floor((done / status.total) * 100)
  const rate = status.ratePerSecond > 0 ? `, ${count(Math.round(status.ratePerSecond))}/s` : ''
  const left = status.secondsLeft ? `, about ${duration(status.secondsLeft)} left` : ''
  return `${count(done)} of ${count(status.total)} (${percent} %)${rate}${left}: ${finalCounts(status.states)}`
}

/** What the catalogue counts: products, and the marketplaces that multiply them. */
export function scope(status: SyncStatusReport): string {
  const { marketplaces, products } = status
  if (marketplaces.length <= 1) return counted(products, 'product')
  return `${counted(products, 'product')} in ${marketplaces.length} marketplaces`
}

/** The whole report, for people. */
export function statusText(
  status: SyncStatusReport & { readonly backlog?: Backlog; readonly prices?: PriceStatus },
): string {
  const { marketplaces } = status
  const columns = marketplaces.length > 1 ? [status, ...marketplaces] : [status]
  const header =
    marketplaces.length > 1
      ? [['', 'all', ...marketplaces.map((marketplace) => marketplace.countryCode)]]
      : []
  const rows = (['pending', 'queued', ...finalStates] as const).map((state) => [
    state,
    ...columns.map((column) => column.states[state]),
  ])
  const total = ['total', ...columns.map((column) => column.total)]
  const facts = [
    ['rate', `${status.ratePerSecond} a second, over the last minute`],
    ['time left', timeLeft(status)],
    ...(status.backlog && status.backlog.secondsLeft > 0
      ? [['at the permitted rate', permitted(status.backlog)]]
      : []),
    ['average sync', milliseconds(status.averageSyncTimeMs)],
    ["Amazon's answer", milliseconds(status.averageResponseTimeMs)],
  ]
  const prices = priceRows(status.prices)
  return [
    scope(status),
    '',
    table([...header, ...rows, total]),
    '',
    table(facts),
    ...(prices.length > 0 ? ['', table(prices)] : []),
  ].join('\n')
}

/** One line per level: how many are priced, and how long the others take. */
function priceRows(prices: PriceStatus | undefined): string[][] {
  return (prices?.levels ?? []).map(({ level, operation, total, states, secondsLeft, secondsToCover }) => {
    const open = states.pending + states.stale + states.queued
    const left = secondsLeft ? `, ${duration(secondsLeft)} left` : ''
    const all = secondsToCover ? `; all of them take ${duration(secondsToCover)}` : ''
    return [level, `${count(total - open)} of ${count(total)} up to date${left}${all} (${operation})`]
  })
}

function timeLeft(status: SyncStatus): string {
  if (status.secondsLeft === null) return 'unknown: nothing was synced in the last minute'
  return status.secondsLeft === 0 ? 'none: nothing is pending or queued' : duration(status.secondsLeft)
}

function permitted({ secondsLeft, requestsPerSecond, productsPerRequest }: Backlog): string {
  return `${duration(secondsLeft)}, with ${requestsPerSecond} requests a second for ${productsPerRequest} products each`
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${count(value)} ms`
}
