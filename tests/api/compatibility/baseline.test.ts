import { expect, it } from 'vitest'
import { BASELINE, currentContract, readBaseline, textOf } from './baseline.ts'
import { breakingChanges } from './changes.ts'

it('nothing that clients of the API rely on is broken', () => {
  const broken = breakingChanges(JSON.parse(String(readBaseline())), currentContract())
  expect(
    broken,
    'if it is meant: npm run api:baseline -- --note "why, and what clients do about it"',
  ).toEqual([])
})

it('the API is as its baseline says (npm run api:baseline)', () => {
  // Not by toEqual: a difference of thousands of lines helps nobody, and the commit shows it.
  expect(
    readBaseline() === textOf(currentContract()),
    `${BASELINE} is not up to date: npm run api:baseline`,
  ).toBe(true)
})
