import { expect, it } from 'vitest'
import { markdownTable, mergeRows, withBlock } from './markdown.ts'

it('makes a column of every key, and says what was not measured', () => {
  const rows = [
    { products: 10_000, seconds: 1.25 },
    { products: 20_000, wrong: 0, seconds: null },
  ]
  expect(markdownTable(rows)).toBe(
    '| products | seconds | wrong |\n| --- | --- | --- |\n| 10,000 | 1.25 | – |\n| 20,000 | – | 0 |',
  )
})

it('keeps earlier rows of other names only when rows have names', () => {
  const earlier = [
    { products: 1, seconds: 1 },
    { products: 2, seconds: 2 },
  ]
  const rows = [
    { products: 2, seconds: 9 },
    { products: 3, seconds: 3 },
  ]
  expect(mergeRows({ rows }, earlier)).toEqual(rows)
  expect(mergeRows({ rows, key: ['products'] }, earlier)).toEqual([earlier[0], ...rows])
})

it('replaces what is between the marks and nothing else', () => {
  const document =
    'before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter <!-- bench:b --><!-- /bench:b -->\n'
  const once = withBlock(document, 'bench:a', 'new')
  expect(once).toBe(
    'before\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\nafter <!-- bench:b --><!-- /bench:b -->\n',
  )
  expect(withBlock(once, 'bench:a', 'new')).toBe(once)
  expect(() => withBlock(document, 'bench:c', 'new')).toThrow('<!-- bench:c -->')
})
