import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { problems } from '#libs/service/problem.ts'
import { commonProblems } from '#services/reporting/openapi/description.ts'
import { routeDescriptions } from '#services/reporting/openapi/routes.ts'

const root = new URL('..', import.meta.url).pathname
const sources = globSync('{cli,libs,services}/**/*.{ts,js,html}', { cwd: root })
  .filter((path) => !path.endsWith('test.ts'))
  .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }))

it('every type of problem that anybody names is one that the API answers with', () => {
  const named = sources.flatMap(({ text }) =>
    [...text.matchAll(/urn:asinstream:problem:([a-z-]+)/g)].map(([, code]) => String(code)),
  )
  expect(named.filter((code) => !(code in problems))).toEqual([])
})

it('every type of problem is answered somewhere, and every operation tells which it may answer', () => {
  const thrown = sources.flatMap(({ text }) =>
    [...text.matchAll(/new Problem\(\s*(?:\w+ \? )?'([a-z-]+)'(?: : '([a-z-]+)')?/g)].flatMap(
      ([, ...codes]) => codes,
    ),
  )
  const told = new Set<string>([
    ...commonProblems,
    ...routeDescriptions.flatMap(({ problems: own = [] }) => own),
    // Where there is no operation.
    'unknown-route',
    'method-not-allowed',
  ])
  expect(Object.keys(problems).filter((code) => !told.has(code))).toEqual([])
  expect(thrown.filter((code) => code !== undefined && !told.has(code))).toEqual([])
  expect(thrown.length).toBeGreaterThan(30)
})
