import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '#simulator/catalogue/hash.ts'
import type { SimulatorProcess } from '#tests/support/simulator-process.ts'
import { planFaults } from './schedule.ts'
import { type Report, runTrial, type TrialOptions } from './trial.ts'

export type ScenarioOptions = Omit<TrialOptions, 'scenario'>

/** Processes of every service end at random moments while work is under way, by `kill -9` or as an orchestrator asks. */
export function processesEnd(
  signal: 'SIGKILL' | 'SIGTERM',
  faults: number,
  options: ScenarioOptions,
): Promise<Report> {
  return runTrial({ ...options, scenario: signal === 'SIGKILL' ? 'kill -9' : 'SIGTERM' }, async (trial) => {
    const plan = planFaults({ seed: options.seed, count: faults, targets: trial.supervisor.names })
    const strikes: Promise<unknown>[] = []
    for (const { at, target } of plan) {
      await trial.reached(at)
      trial.say(`${signal} ${target} at ${at} (${await trial.finals()} final)`)
      // Not waited for: one that takes its grace must not keep the next from being hit.
      strikes.push(trial.supervisor.strike(target, signal))
    }
    await Promise.all(strikes)
    return { faults: plan.length }
  })
}

/** A member of a group joins or leaves every `everyMs`, for `times` times. */
export function membersComeAndGo(times: number, everyMs: number, options: ScenarioOptions): Promise<Report> {
  return runTrial({ ...options, scenario: 'members come and go' }, async (trial) => {
    const random = createRandom(options.seed)
    const guests: string[] = []
    for (let i = 0; i < times; i++) {
      await sleep(everyMs)
      const service = random() < 0.5 ? 'catalog-fetcher' : 'persister'
      const guest = guests.length > 2 || (guests.length > 0 && random() < 0.5) ? guests.shift() : undefined
      if (guest) {
        trial.say(`${guest} leaves (${await trial.finals()} final)`)
        await trial.supervisor.remove(guest)
      } else {
        const name = `${service}-guest-${i}`
        trial.say(`${name} joins (${await trial.finals()} final)`)
        await trial.supervisor.add(service, name)
        guests.push(name)
      }
    }
    return { faults: times }
  })
}

/** Redis is killed, comes back empty, and stands still for five seconds, while the quota binds. */
export function redisFails(options: ScenarioOptions): Promise<Report> {
  return runTrial({ ...options, scenario: 'Redis fails' }, async (trial) => {
    const { redis, simulator, say } = trial
    await trial.reached(0.05)
    const first = await quotaUse(simulator)
    say('Redis is killed')
    await redis.kill()
    await sleep(5_000)
    say('Redis comes back empty')
    await redis.restart()
    await trial.reached(0.3)
    say('Redis is restarted, empty')
    await redis.restart()
    await trial.reached(0.5)
    say('Redis stands still for five seconds')
    redis.pause()
    await sleep(5_000)
    redis.resume()
    await trial.reached(0.9)
    const last = await quotaUse(simulator)
    const seconds = last.windowSeconds - first.windowSeconds
    const used = last.used - first.used
    const throttled = last.throttled - first.throttled
    return {
      faults: 3,
      more: {
        windowSeconds: Math.round(seconds),
        quotaUsedPercent: Math.round((1_000 * used) / (last.ratePerSecond * seconds)) / 10,
        throttledPercent: Math.round((100_000 * throttled) / (used + throttled)) / 1_000,
      },
    }
  })
}

async function quotaUse(simulator: SimulatorProcess) {
  const { quota } = await simulator.stats()
  const use = quota.find(({ operation }) => operation === 'searchCatalogItems')
  if (!use) throw new Error('the simulator saw no call')
  return use
}
