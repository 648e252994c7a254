import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '#simulator/catalogue/hash.ts'
import { quotaUse, useBetween } from './quota-use.ts'
import { type Report, runTrial, type TrialOptions } from './trial.ts'

/**
 * A member of a group joins or leaves every `everyMs`, for `times` times, while the quota binds. What the group keeps of
 * its throughput is the share of the quota that it goes on to use.
 */
export function membersComeAndGo(
  times: number,
  everyMs: number,
  options: Omit<TrialOptions, 'scenario'>,
): Promise<Report> {
  return runTrial({ ...options, scenario: 'members come and go' }, async (trial) => {
    const { simulator, supervisor, say, progress } = trial
    const random = createRandom(options.seed)
    const guests: string[] = []
    await trial.reached(0.02)
    const before = await quotaUse(simulator)
    const started = performance.now()
    for (let i = 0; i < times; i++) {
      // At its beat, however long the one before took to get to work or to leave.
      await sleep(Math.max(0, started + (i + 1) * everyMs - performance.now()))
      const service = random() < 0.5 ? 'catalog-fetcher' : 'persister'
      const guest = guests.length > 2 || (guests.length > 0 && random() < 0.5) ? guests.shift() : undefined
      if (guest) {
        say(`${guest} leaves (${await trial.finals()} final)`)
        await supervisor.remove(guest)
      } else {
        const name = `${service}-guest-${i}`
        say(`${name} joins (${await trial.finals()} final)`)
        await supervisor.add(service, name)
        guests.push(name)
      }
    }
    await sleep(Math.max(0, started + times * everyMs - performance.now()))
    const use = useBetween(before, await quotaUse(simulator))
    const longestGapMs = progress.longestGapMs(started, performance.now())
    return { faults: times, more: { ...use, longestGapMs } }
  })
}
