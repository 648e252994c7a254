import { expect, it } from 'vitest'
import { mendedRows, replayKinds } from '#services/persister/replay/recorded.ts'
import type { ReplayReport } from '#services/persister/replay/run-replay.ts'
import type { ResolvedRange } from './positions.ts'
import { comparisonText, goneText, reportJson, reportText } from './report-text.ts'

const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]))
const report = (more: object = {}, kinds: object = {}, rows: object = {}): ReplayReport => ({
  complete: true,
  records: 2_000,
  filtered: 0,
  undecodable: { count: 0, first: [] },
  unusable: { count: 0, first: [] },
  oldest: Date.UTC(2026, 10, 20),
  seconds: 4,
  ...more,
  kinds: { ...zeros(replayKinds), ...kinds } as ReplayReport['kinds'],
  rows: { ...zeros(mendedRows), ...rows } as ReplayReport['rows'],
})
const range: ResolvedRange = {
  from: new Map([[0, 40n]]),
  to: new Map([[0, 2_040n]]),
  gone: [{ partition: 0, from: 0n, to: 40n }],
  fromOldest: true,
}
const told = (of: ReplayReport, more = {}) => ({
  topic: 'catalog.sync-results',
  into: 'live',
  dryRun: false,
  range,
  report: of,
  comparisons: null,
  ...more,
})

it('says what became of the records, and of which rows', () => {
  expect(
    reportText(told(report({}, { created: 12, unchanged: 1_988 }, { candidatesAdded: 30, states: 1 }))),
  ).toBe(
    [
      '2,000 records of catalog.sync-results replayed into the live tables in 4 s (500/s).',
      'The oldest one that is kept is of 2026-11-20T00:00:00.000Z; what came before is gone.',
      '   12  created    rows that were gone are there again',
      '1,988  unchanged  what they say is stored',
      'Written: candidates added 30, states or their reasons 1.',
    ].join('\n'),
  )
})

it('says when there was nothing to do, or nothing at all', () => {
  const nothing = reportText(told(report({}, { unchanged: 2_000 }), { dryRun: true }))
  expect(nothing).toContain('compared with the live tables in 4 s (500/s): nothing was written.')
  expect(nothing).toContain('Nothing differs: there is nothing to mend.')
  expect(reportText(told(report({ records: 0 })))).toContain('no records from there on')
  const interrupted = reportText(told(report({ complete: false }, { unchanged: 10 })))
  expect(interrupted).not.toContain('Nothing differs')
})

it('names records that could not be used, the first ones by their place', () => {
  const first = Array.from({ length: 100 }, (_, i) => ({
    partition: 1,
    offset: BigInt(i),
    reason: `no schema ${i}`,
  }))
  const of = report({ undecodable: { count: 700, first } }, { unchanged: 1_300 })
  expect(reportText(told(of))).toContain(
    '700  undecodable  1:0, 1:1, 1:2, 1:3, 1:4, and 695 more (--json has the first 100): no schema 0',
  )
  const json = JSON.parse(JSON.stringify(reportJson(told(of))))
  expect(json.undecodable).toMatchObject({ count: 700 })
  expect(json.undecodable.first[7]).toEqual({ partition: 1, offset: '7', reason: 'no schema 7' })
  expect(json.partitions).toEqual([{ partition: 0, from: '40', to: '2040' }])
})

it('says which part is gone', () => {
  expect(goneText('catalog.sync-results', range)).toEqual([
    'Gone already, as catalog.sync-results is made to keep records for 7 days: 0:0 to 0:39.',
  ])
})

it('says where a schema differs from the live tables', () => {
  const text = comparisonText('replay_1', [
    { name: 'states', compared: 2_000, different: 0, sample: [] },
    {
      name: 'matches',
      compared: 2_000,
      different: 40,
      sample: [{ of: 'SKU-1', marketplaceId: 'ATVPDKIKX0DER', live: null, fresh: 'B000000001' }],
    },
  ])
  expect(text).toContain('chosen ASINs, the first 1 of 40:')
  expect(text).toContain('  SKU-1 (ATVPDKIKX0DER): none live, B000000001 in replay_1')
})
