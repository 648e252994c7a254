import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '#simulator/catalogue/hash.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { planFaults } from './schedule.ts'
import { type Report, runTrial, type TrialOptions } from './trial.ts'

/**
 * Each of the three brokers is killed hard once while work is under way, the active controller of the moment first, and
 * comes back after `awayMs`. The next one follows when every replica is in sync again: two at once is more than
 * `min.insync.replicas=2` of three promises to survive.
 */
export function brokersDie(awayMs: number, options: Omit<TrialOptions, 'scenario'>): Promise<Report> {
  return runTrial({ ...options, brokers: 3, scenario: 'brokers die' }, async (trial) => {
    const { kafka, progress, reached, say } = trial
    const random = createRandom(options.seed)
    const alive = [...kafka.nodes]
    const struck: number[] = []
    for (const { at } of planFaults({ seed: options.seed, count: 3, targets: ['broker'] })) {
      await reached(at)
      const controller = await kafka.controller()
      const node = struck.length === 0 ? controller : alive[Math.floor(random() * alive.length)]
      if (!node) throw new Error('every broker has been killed')
      alive.splice(alive.indexOf(node), 1)
      const role = node === controller ? 'the active controller' : 'a broker'
      if ((await trial.finals()) >= options.products) throw new Error('no work was left: give more products')
      say(`${role} on port ${node.port} is killed (${await trial.finals()} final)`)
      struck.push(performance.now())
      await node.kill()
      await sleep(awayMs)
      await node.restart()
      await waitFor(async () => (await kafka.underReplicated()) === 0, {
        what: 'every replica in sync',
        timeoutMs: 60_000,
      })
      say(`it is back (${await trial.finals()} final)`)
    }
    const end = (): number => progress.lastAt ?? performance.now()
    return {
      faults: 3,
      more: () => ({
        longestGapMs: struck.map((from, i) => progress.longestGapMs(from, struck[i + 1] ?? end())),
      }),
    }
  })
}
