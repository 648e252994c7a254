import { expect, it } from 'vitest'
import type { ModelReport } from './model.ts'
import { withModelRow } from './record.ts'

const report: ModelReport = {
  service: 'persister',
  steps: 9,
  ended: { before: 4, sent: 2, answered: 0 },
  chains: 0,
  seconds: 30,
  findings: [],
}
const document =
  'text\n<!-- crashes measured -->\n\n| service |\n| --- |\n| reporting | kafka | in turn | 1 |\n\nmore\n'
const recorded = { log: 'postgres', prices: false, sampled: false, goesOn: false, report }

it('puts a row at the end of the table, and replaces it', () => {
  const once = withModelRow(document, recorded)
  expect(once).toContain('| 1 |\n| persister | postgres | in turn | 9 | 4 | 2 | 0 | 0 | 30 | 0 |\n\nmore')
  expect(withModelRow(once, recorded)).toBe(once)
})

it('adds what goes on from an earlier turn', () => {
  const twice = withModelRow(withModelRow(document, recorded), { ...recorded, goesOn: true })
  expect(twice).toContain('| persister | postgres | in turn | 9 | 8 | 4 | 0 | 0 | 60 | 0 |\n\nmore')
})

it('keeps drawn steps apart', () => {
  const both = withModelRow(withModelRow(document, recorded), { ...recorded, sampled: true })
  expect(both).toContain('| persister | postgres | drawn |')
  expect(both).toContain('| persister | postgres | in turn |')
})

it('keeps runs with prices apart', () => {
  const both = withModelRow(withModelRow(document, recorded), { ...recorded, prices: true })
  expect(both).toContain('| persister | postgres | in turn |')
  expect(both).toContain('| persister, with prices | postgres | in turn |')
})

it('says what the document lacks', () => {
  expect(() => withModelRow('', recorded)).toThrow('<!-- crashes measured -->')
})
