import { expect, it } from 'vitest'
import { planFaults } from './schedule.ts'

const targets = ['a', 'b', 'c']

it('repeats a plan by its seed, and makes another one of another seed', () => {
  const plan = planFaults({ seed: 3, count: 20, targets })
  expect(planFaults({ seed: 3, count: 20, targets })).toEqual(plan)
  expect(planFaults({ seed: 4, count: 20, targets })).not.toEqual(plan)
})

it('strikes while work is under way, in order, and every target before one a second time', () => {
  const plan = planFaults({ seed: 1, count: 9, targets })
  expect(plan.map(({ at }) => at)).toEqual(plan.map(({ at }) => at).sort((a, b) => a - b))
  expect(plan.every(({ at }) => at > 0 && at < 1)).toBe(true)
  for (let i = 0; i < 9; i += 3) {
    expect(
      plan
        .slice(i, i + 3)
        .map(({ target }) => target)
        .sort(),
    ).toEqual(targets)
  }
})
