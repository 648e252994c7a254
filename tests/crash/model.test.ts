import { expect, it } from 'vitest'
import { tryEveryStep, trySample } from './model.ts'
import type { Crash, Step } from './plan.ts'
import type { CellResult } from './stage.ts'

const STEPS: readonly Step[] = [
  { what: 'postgres: begin', visible: false },
  { what: 'postgres: commit', visible: true },
  { what: 'postgres: disconnect', visible: false },
]

/** A service that takes these steps; in its nth run only the first `lengths[n]` of them. */
function stageOf(lengths: readonly number[] = []) {
  const runs: (readonly Crash[])[] = []
  return {
    runs,
    run: async (crashes: readonly Crash[]): Promise<CellResult> => {
      const steps = STEPS.slice(0, lengths[runs.push(crashes) - 1])
      const crashedAt = crashes.flatMap(({ at }) => steps.slice((at ?? 99) - 1, at ?? 99))
      return { crashedAt, steps, retried: 0, findings: [], seconds: 0 }
    },
  }
}
const plansOf = ({ runs }: ReturnType<typeof stageOf>): readonly string[] =>
  runs.map((crashes) => crashes.map(({ at, moment }) => `${moment} ${at}`).join(', then '))

it('ends a process before each step, and after those that others see, until there is none left', async () => {
  const stage = stageOf()
  const report = await tryEveryStep({ service: 'persister', stage })
  expect(plansOf(stage)).toEqual(['before null', 'before 1', 'before 2', 'sent 2', 'before 3', 'before 4'])
  expect(report).toMatchObject({ steps: 3, ended: { before: 3, sent: 1, answered: 0 }, next: null })
})

it('goes on after a run that was shorter than others', async () => {
  const stage = stageOf([2, 3, 1, 3])
  await tryEveryStep({ service: 'persister', stage })
  expect(plansOf(stage)).toEqual(['before null', 'before 1', 'before 2', 'before 3', 'before 4'])
})

it('says where to go on when the time is over', async () => {
  const stage = stageOf()
  const report = await tryEveryStep({ service: 'persister', stage, from: 2, budgetMs: 0 })
  expect(report.next).toBe(2)
})

it('draws the same steps and chains for the same seed', async () => {
  const [one, other] = [stageOf(), stageOf()]
  const options = { service: 'persister', seed: 3, cells: 4, chains: 3 } as const
  const report = await trySample({ ...options, stage: one })
  await trySample({ ...options, stage: other })
  expect(plansOf(one)).toEqual(plansOf(other))
  expect(one.runs.slice(1).map(({ length }) => length > 1)).toEqual([
    ...Array(4).fill(false),
    ...Array(3).fill(true),
  ])
  expect(report.chains).toBe(3)
})

it('draws another step for one that a shorter run does not come to', async () => {
  const stage = stageOf([3, 0, 0, 3])
  const report = await trySample({ service: 'persister', stage, seed: 1, cells: 1, chains: 0 })
  expect(stage.runs).toHaveLength(4)
  expect(Object.values(report.ended).reduce((all, n) => all + n)).toBe(1)
})
