import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Measured, merged, readResults, record, writeResult } from './results.ts'

const spec = { name: 'growth', title: 'Growth', about: 'What grows.' }
const circumstances = {
  command: 'npm run bench -- --only growth',
  machine: { cores: 2, cpu: 'CPU', memoryGB: 8, node: '24', postgres: '18', kafka: '4', kafkajs: '2' },
  load: { before: 0.1, after: 2, othersPercent: 3 },
  seconds: 12,
  commit: 'abc',
  measuredAt: '2026-01-02T03:04:05Z',
}
const run = (products: number, earlier?: Measured) =>
  merged(
    { tables: [{ rows: [{ products, seconds: 1 }], key: ['products'] }], notes: [], findings: [] },
    spec,
    earlier,
    circumstances,
  )

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asinstream-results-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('keeps sections and rows of earlier runs', () => {
  const file = join(folder, 'deeper', 'bench.json')
  writeResult(file, run(10))
  writeResult(file, { ...run(1), name: 'other' })
  writeResult(file, run(20, readResults(file).growth))
  const results = readResults(file)
  expect(Object.keys(results)).toEqual(['growth', 'other'])
  expect(results).toMatchObject({ growth: { tables: [{ rows: [{ products: 10 }, { products: 20 }] }] } })
})

it('records between the marks, or at the end with a heading', () => {
  const file = join(folder, 'document.md')
  writeFileSync(file, '# Document\n')
  record(file, run(10))
  const once = readFileSync(file, 'utf8')
  expect(once).toMatch(/^# Document\n\n## Growth\n\n<!-- bench:growth -->\n\nWhat grows\.\n/)
  expect(once).toContain('| 10 | 1 |')
  expect(once).toContain('other work took 3 % of the processors')
  record(file, run(20))
  const again = readFileSync(file, 'utf8')
  expect(again.match(/## Growth/g)).toHaveLength(1)
  expect(again).not.toContain('| 10 | 1 |')
})
