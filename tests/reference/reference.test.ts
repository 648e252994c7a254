import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderReference } from './render.ts'

it('docs/reference.md says what the code declares (npm run docs:reference)', () => {
  expect(readFileSync('docs/reference.md', 'utf8')).toBe(renderReference())
})
