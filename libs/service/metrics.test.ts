import { expect, it } from 'vitest'
import { createMetrics, metricDefinitions } from './metrics.ts'

const definitions = Object.values(metricDefinitions)

it.each(definitions)("names $name after Prometheus' rules, with help", ({ name, help }) => {
  expect(name).toMatch(/^asinstream_[a-z][a-z0-9_]*[a-z0-9]$/)
  expect(help).toMatch(/^[A-Z0-9].*\.$/)
})

it('ends counters, and nothing else, in _total', async () => {
  const metrics = await createMetrics().registry.getMetricsAsJSON()
  const ours = metrics.filter((metric) => metric.name.startsWith('asinstream_'))
  expect(ours).toHaveLength(definitions.length)
  for (const { name, type } of ours) expect(name.endsWith('_total'), name).toBe(String(type) === 'counter')
})

it('has no label whose values grow with the catalogue', () => {
  for (const { name, labels } of definitions) {
    for (const label of labels) expect(`${name} ${label}`).not.toMatch(/ (sku|asin|upc|product|job|url|path)/)
  }
})

it('gives each process, and each test, counts of its own', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.outcomes.inc({ result: 'success' }, 3)
  expect((await one.expose()).body).toContain('asinstream_outcomes_total{result="success"} 3')
  expect((await other.expose()).body).not.toContain('asinstream_outcomes_total{result="success"}')
})
