import { eventLogErrorCodes } from '#libs/event-log/port.ts'
import { metricDefinitions } from '#libs/service/metrics.ts'
import { problems } from '#libs/service/problem.ts'
import { variables } from '#libs/service/variables.ts'
import { operationQueueErrorCodes, spApiFailures, spApiInputErrorCodes } from '#libs/sp-api/index.ts'
import { streamErrorCodes } from '#libs/stream/errors.ts'
import { topics } from '#schemas/topics.ts'

/** `docs/reference.md`, made from what the code declares; the test holds the file to it. */
export function renderReference(): string {
  return [
    '# Reference',
    '',
    'Made from the code by `npm run docs:reference`; a test fails when it is not up to date.',
    '',
    ...section('Variables', ['Variable', 'Default', 'What it is'], variableRows()),
    'Durations are written `500ms`, `30s`, `15m`, `24h` or `7d`. An empty value counts as unset. Secrets are masked wherever the configuration is shown.',
    '',
    ...section(
      'Topics',
      ['Topic', 'Key', 'Record', 'Partitions', 'Kept'],
      topics.map((topic) => [
        code(topic.name),
        topic.key,
        topic.record ?? 'as it came',
        String(topic.partitions),
        `${topic.retentionMs / 86_400_000} days`,
      ]),
    ),
    ...section(
      'Metrics',
      ['Metric', 'Labels', 'What it is'],
      Object.values(metricDefinitions).map((metric) => [
        code(metric.name),
        metric.labels.map(code).join(', '),
        metric.help,
      ]),
    ),
    "Node's and the process's own metrics are there as well (`process_*`, `nodejs_*`).",
    '',
    ...section(
      'Problems of the API',
      ['Type', 'Status', 'Title'],
      Object.entries(problems).map(([name, [status, title]]) => [
        code(`urn:asinstream:problem:${name}`),
        String(status),
        title,
      ]),
    ),
    ...section(
      'Error codes in logs',
      ['Where', 'Codes'],
      [
        ['the log', eventLogErrorCodes.map(code).join(', ')],
        ['the stream runner', streamErrorCodes.map(code).join(', ')],
        ["Amazon's client, failures", spApiFailures.map(code).join(', ')],
        ["Amazon's client, wrong use", spApiInputErrorCodes.map(code).join(', ')],
        ["Amazon's client, not sent", operationQueueErrorCodes.map(code).join(', ')],
      ],
    ),
    ...section(
      'Exit codes',
      ['Code', 'Meaning'],
      [
        ['0', 'done, or stopped by a signal'],
        ['1', 'failed: the message says what to do'],
        ['2', 'wrong use or configuration'],
      ],
    ),
  ].join('\n')
}

function variableRows(): string[][] {
  return Object.entries(variables).map(([name, { schema, doc, secret }]) => {
    const fallback = schema.safeParse(undefined)
    const value = fallback.success ? fallback.data : undefined
    const shown = value === undefined ? '–' : code(Array.isArray(value) ? value.join(',') : String(value))
    return [code(name), shown, `${doc}${secret ? ' Secret.' : ''}`]
  })
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [`## ${title}`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), '']
}

const code = (text: string): string => `\`${text}\``
