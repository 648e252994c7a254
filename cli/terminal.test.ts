import { expect, it } from 'vitest'
import { bytes, counted, duration, fittedTable, printable, table } from './terminal.ts'

it.each([
  [0.04, '0 s'],
  [0.44, '0.4 s'],
  [9.96, '10 s'],
  [59.6, '1 min'],
  [60, '1 min'],
  [200, '3 min 20 s'],
  [7_500, '2 h 5 min'],
  [3_599.6, '1 h'],
])('%d seconds read %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [23_000_000, '23 MB'],
])('%d bytes read %s', (value, text) => {
  expect(bytes(value)).toBe(text)
})

it('counts one thing as one', () => {
  expect([counted(1, 'product'), counted(2_000, 'product')]).toEqual(['1 product', '2,000 products'])
})

it('aligns words to the left and numbers to the right', () => {
  expect(
    table([
      ['success', 1_778, 5],
      ['error', 3, 10],
    ]),
  ).toBe('success  1,778   5\nerror        3  10')
})

it('cuts the widest columns until a table fits, and nothing where there is no width', () => {
  const rows = [
    ['sku', 'title', 'n'],
    ['S1', 'A title that goes on and on', 1],
    ['A-LONGER-SKU', 'Short', 1_000],
  ]
  expect(fittedTable(rows, undefined)).toBe(table(rows))
  expect(fittedTable(rows, 80)).toBe(table(rows))
  const lines = fittedTable(rows, 32).split('\n')
  expect(lines).toEqual([
    'sku           title        n',
    'S1            A title th…      1',
    'A-LONGER-SKU  Short        1,000',
  ])
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(32)
  // No narrower than can be read, however narrow the terminal.
  expect(fittedTable(rows, 5)).toContain('A title…')
})

it('shows what would steer a terminal, on one line', () => {
  expect(printable('a\u001b[2Jb\r\nc\td\u200e')).toBe('a�[2Jb c d�')
})
