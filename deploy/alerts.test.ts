import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { metricDefinitions } from '#libs/service/metrics.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('alerts go by metrics and labels that the services have, and the runbook has a section for each', () => {
  const rules = read('prometheus/alerts.yml')
  const metrics = new Map<string, readonly string[]>(
    Object.values(metricDefinitions).map(({ name, labels }) => [name, labels]),
  )
  const used = [...new Set(rules.match(/asinstream_\w+/g))]
  expect(used.length).toBeGreaterThan(2)
  expect(used.filter((name) => !metrics.has(name))).toEqual([])
  for (const [, labels, name] of rules.matchAll(/by \(([^)]*)\) \((asinstream_\w+)\)/g))
    expect(metrics.get(name!)).toEqual(expect.arrayContaining(labels!.split(', ')))

  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map((match) => match[1]!)
  const sections = [...read('../docs/runbook.md').matchAll(/^## (\w+)$/gm)].map((match) => match[1]!)
  expect(sections).toEqual(alerts)
  expect([...rules.matchAll(/runbook: docs\/runbook\.md#(\w+)/g)].map((match) => match[1])).toEqual(
    alerts.map((alert) => alert.toLowerCase()),
  )
})

it('Prometheus loads the alerts', () => {
  expect(read('prometheus/prometheus.yml')).toContain('- alerts.yml')
  expect(read('../docker-compose.yml')).toContain(
    './deploy/prometheus/alerts.yml:/etc/prometheus/alerts.yml:ro',
  )
})
