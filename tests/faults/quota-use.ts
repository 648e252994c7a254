import type { SimulatorProcess } from '#tests/support/simulator-process.ts'

/** What the simulator counted of the quota of searches so far. */
export async function quotaUse(simulator: SimulatorProcess) {
  const { quota } = await simulator.stats()
  const use = quota.find(({ operation }) => operation === 'searchCatalogItems')
  if (!use) throw new Error('the simulator saw no call')
  return use
}

type QuotaUse = Awaited<ReturnType<typeof quotaUse>>

/** The share of the quota that was used between two counts, and of the calls that Amazon turned away. */
export function useBetween(first: QuotaUse, last: QuotaUse) {
  const seconds = last.windowSeconds - first.windowSeconds
  const used = last.used - first.used
  const throttled = last.throttled - first.throttled
  return {
    windowSeconds: Math.round(seconds),
    quotaUsedPercent: Math.round((1_000 * used) / (last.ratePerSecond * seconds)) / 10,
    throttledPercent: Math.round((100_000 * throttled) / (used + throttled)) / 1_000,
  }
}
