import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const doc = join(import.meta.dirname, '../../docs/connector.md')
const links = [...readFileSync(doc, 'utf8').matchAll(/\[([^\]]+)\]\(([^)]+\.ts)\)/g)].map(
  ([, title, file]) => [title!, file!] as const,
)

it.each(links)('docs/connector.md: a test "%s" is in %s', (title, file) => {
  const path = join(dirname(doc), file)
  expect(existsSync(path), path).toBe(true)
  // Titles of suites and tests: the first argument, or that after the cases of `each`.
  const titles = [
    ...readFileSync(path, 'utf8').matchAll(
      /^\s*(?:it|test|describe|\)|\]\))[^'"`\n]*\(?\s*(['"`])(.+?)\1,/gm,
    ),
  ]
  expect(titles.map(([, , text]) => text!.includes(title))).toContain(true)
})

it('docs/connector.md answers every row of its three tables with a test', () => {
  const rows = readFileSync(doc, 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!\||---)/.test(line))
  expect(rows).toHaveLength(11 + 13 + 11)
  expect(rows.filter((row) => !/\]\([^)]+\.ts\)/.test(row))).toEqual([])
})
