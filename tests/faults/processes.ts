import { planFaults } from './schedule.ts'
import { type Report, runTrial, type TrialOptions } from './trial.ts'

/** Processes of every service end at random moments while work is under way, by `kill -9` or as an orchestrator asks. */
export function processesEnd(
  signal: 'SIGKILL' | 'SIGTERM',
  faults: number,
  options: Omit<TrialOptions, 'scenario'>,
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
