import { expect, it } from 'vitest'
import { type Measured, withMisbehaviours } from './amazon.ts'
import { withRow } from './record.ts'
import type { Report } from './trial.ts'

const report: Report = {
  scenario: 'kill -9',
  seed: 1,
  products: 10,
  brokers: 3,
  processes: 8,
  faults: 20,
  seconds: 4,
  attempts: 11,
  logRows: 11,
  requeued: 0,
  asksPerCode: 1.1,
  throttled429: 0,
  endedByThemselves: 0,
  badExits: [],
  findings: { lost: ['S1: …'] },
  more: { resumedAfterMs: [1, 2] },
}
const empty = 'before\n\n<!-- measured -->\n\n| scenario | seed |\n| --- | --- |\n'

it('adds a row, and replaces that of the same scenario', () => {
  const once = withRow(empty, report)
  expect(once).toContain(
    '| kill -9 | 1 | 10 | 3 | 8 | 20 | 4 | 11 | 11 | 0 | 1.1 | 0 | 0 | 0 | 1 | resumedAfterMs 1,2 |\n',
  )
  const other = withRow(once, { ...report, scenario: 'SIGTERM' })
  const again = withRow(other, { ...report, seed: 2 })
  expect(again.match(/\| kill -9 \|/g)).toHaveLength(1)
  expect(again).toContain('| kill -9 | 2 |')
  expect(again).toContain('| SIGTERM | 1 |')
})

it('leaves what follows the table where it is', () => {
  const followed = withRow(`${empty}\n## Next\n\n| other |\n| --- |\n`, report)
  expect(followed).toMatch(/\| --- \| --- \|\n\| kill -9 .*\|\n\n## Next\n\n\| other \|\n\| --- \|\n$/)
})

it('says so when there is no place for the row', () => {
  expect(() => withRow('nothing here', report)).toThrow('<!-- measured -->')
})

it("writes Amazon's misbehaviours anew, and leaves what stands around them", () => {
  const hang: Measured = {
    name: 'hang',
    seconds: 60,
    searches: 16,
    tokens: 0,
    throttled: 0,
    finals: 5,
    recoverySeconds: 2.5,
    fetcherMb: 180,
  }
  const once = withMisbehaviours('before\n\n<!-- misbehaviours -->\n\n- after\n', [
    hang,
    { ...hang, name: '500' },
  ])
  expect(once).toMatch(
    /^before\n\n<!-- misbehaviours -->\n\n\| Amazon .*\n\| --- .*\n\| hang \| 60 \| 16 .*\n\| 500 .*\n\n- after\n$/,
  )
  expect(withMisbehaviours(once, [hang])).toMatch(/\| hang .*\n\n- after\n$/)
  expect(() => withMisbehaviours('nothing here', [])).toThrow('<!-- misbehaviours -->')
})
