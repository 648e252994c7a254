import { expect, it } from 'vitest'
import { ceiling, renderPlot } from './plot.ts'
import { derive, panels, type Sample, seriesOf } from './series.ts'

const sample = (at: number, values: Record<string, number>): Sample => ({ at, values })

it('draws each series that there is, and escapes its name', () => {
  const svg = renderPlot([
    sample(10, { 'rss/a': 100, 'rss/b': 200, 'speed/a<b': 3 }),
    sample(70, { 'rss/a': 110, 'rss/b': 190, 'speed/a<b': 4 }),
  ])
  expect(svg.match(/<polyline/g)).toHaveLength(3)
  expect(svg).toContain('>Resident memory (MB)<')
  expect(svg).toContain('>a&lt;b<')
  expect(svg).not.toContain('NaN')
  expect(svg).toContain('prefers-color-scheme:dark')
})

it('ends an axis at a round number', () => {
  expect([0, 0.3, 1, 7, 21, 240].map(ceiling)).toEqual([1, 0.5, 1, 10, 25, 250])
})

it('makes bytes a row and shares of a core of what was read', () => {
  const before = sample(10, { 'cpu/a': 4 })
  const derived = derive(
    {
      'cpu/a': 5,
      'table/sync_logs': 2,
      'index/sync_logs': 1,
      'rows/sync_logs': 2 ** 20,
      'log/t': 4,
      'records/t': 2 ** 20,
    },
    before,
    20,
  )
  expect(derived).toMatchObject({ 'cores/a': 10, 'each/sync_logs': 3, 'each/t': 4 })
})

it('leaves the series out that are judged by the row', () => {
  const tables = panels.find(({ key }) => key === 'table')
  const names = seriesOf(tables!, [
    sample(0, { 'table/products': 1, 'table/sync_logs': 2, 'rss/a': 3 }),
  ]).keys()
  expect([...names]).toEqual(['products'])
})
