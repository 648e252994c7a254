import { expect, it } from 'vitest'
import type { SyncStatusReport } from '#libs/db/sync-status.ts'
import { followProgress, LINE_EVERY_MS, lineView } from './progress.ts'

const status = (pending: number, success: number): SyncStatusReport => ({
  products: pending + success,
  total: pending + success,
  synced: success,
  errors: 0,
  pending,
  queued: 0,
  states: { pending, queued: 0, success, not_found: 0, ambiguous: 0, invalid: 0, restricted: 0, error: 0 },
  averageResponseTimeMs: null,
  averageSyncTimeMs: null,
  ratePerSecond: 0,
  secondsLeft: null,
  outcomesPerRequest: null,
  marketplaces: [],
})

it('prints a line at most every two seconds, and only when a count changed', () => {
  const lines: string[] = []
  const view = lineView((line) => lines.push(line))
  view.update(status(4, 0), 0)
  view.update(status(3, 1), LINE_EVERY_MS - 1)
  expect(lines).toHaveLength(1)
  view.update(status(3, 1), LINE_EVERY_MS)
  expect(lines).toEqual(['0 of 4 (0 %): none yet', '1 of 4 (25 %): 1 success'])
  view.update(status(3, 1), 10 * LINE_EVERY_MS)
  expect(lines).toHaveLength(2)
})

it('sums up once when nothing waits any more, shows the next sync, and goes on after an error', async () => {
  const lines: string[] = []
  const errors: unknown[] = []
  const ending = new AbortController()
  const answers = [
    () => status(2, 0),
    () => {
      throw new Error('the database is away')
    },
    () => status(0, 2),
    () => status(0, 2),
    () => status(1, 2),
    () => status(0, 3),
    () => status(0, 4),
  ]
  await followProgress({
    async read() {
      const answer = answers.shift()
      if (answers.length === 0) ending.abort()
      return answer?.() ?? status(0, 4)
    },
    view: {
      update: (busy) => lines.push(`${busy.pending} waiting`),
      settle: (line) => lines.push(line),
    },
    next: () => 'next',
    signal: ending.signal,
    pollMs: 1,
    onError: (error) => errors.push(error),
  })
  expect(errors).toHaveLength(1)
  expect(lines.map((line) => line.replace(/after .*?:/, 'after …:'))).toEqual([
    '2 waiting',
    '2 products, all in a final state after …: 2 success.',
    'next',
    '1 waiting',
    '3 products, all in a final state after …: 3 success.',
    'next',
    '4 products, all in a final state: 4 success.',
    'next',
  ])
})
