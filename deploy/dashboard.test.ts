import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { metricDefinitions } from '#libs/service/metrics.ts'
import { variables } from '#libs/service/variables.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the dashboard shows only metrics that the services have', () => {
  const shown = new Set(read('grafana/dashboards/asinstream.json').match(/asinstream_\w+/g))
  const known = Object.values(metricDefinitions).flatMap(({ name }) =>
    ['', '_bucket', '_sum', '_count'].map((suffix) => name + suffix),
  )
  expect(shown.size).toBeGreaterThan(5)
  expect([...shown].filter((name) => !known.includes(name))).toEqual([])
})

it('docker-compose.yml and .env.example name only variables that exist', () => {
  const set = [...read('../docker-compose.yml').matchAll(/^ {4,6}([A-Z][A-Z_]+):/gm)].map(
    (match) => match[1]!,
  )
  const foreign = /^(KAFKA|SCHEMA_REGISTRY|POSTGRES|GF)_/
  const own = set.filter((name) => !foreign.test(name) || name in variables)
  expect(own).toContain('DATABASE_URL')
  expect(own.filter((name) => !(name in variables) && name !== 'SERVICE')).toEqual([])

  const documented = [...read('../.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map((match) => match[1]!)
  const asked = [...read('../docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]!)
  expect(new Set(documented)).toEqual(new Set(asked))
})
