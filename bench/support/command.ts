import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine, watchLoad } from './machine.ts'
import { columnsOf } from './markdown.ts'
import { type Measured, merged, readResults, record, writeResult } from './results.ts'
import type { OptionSpecs, OptionValues, SectionSpec } from './section.ts'

const DOCUMENT = 'docs/performance.md'
const RESULTS = '.asinstream/bench.json'
const QUICK_RESULTS = '.asinstream/bench-quick.json'

// biome-ignore lint/suspicious/noExplicitAny: sections differ in their options, and each is given its own.
export type AnySection = SectionSpec<any>

/** The command line of all measurements, or of one: what `section.ts` says about flags holds. Sets the exit code. */
export async function benchCommand(
  sections: readonly AnySection[],
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(
        sections.flatMap(({ options }) =>
          Object.keys(options).map((name) => [name, { type: 'string' as const }]),
        ),
      ),
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(helpText(sections))
    return
  }
  const given = values as Readonly<Record<string, string | boolean | undefined>>
  const chosen = choose(sections, values.only as string | undefined)
  const known = new Set(chosen.flatMap(({ options }) => Object.keys(options)))
  const own = new Set(['only', 'quick', 'json', 'record', 'help'])
  for (const name of Object.keys(given)) {
    if (!own.has(name) && !known.has(name)) throw new Error(`--${name} is for none of the chosen sections`)
  }
  if (values.quick && values.record)
    throw new Error('--quick shows that it works; its figures are not to be recorded')
  const file = (values.json as string | undefined) ?? (values.quick ? QUICK_RESULTS : RESULTS)
  for (const spec of chosen) {
    let measured: Measured
    try {
      measured = await measure(spec, given, readResults(file)[spec.name])
    } catch (error) {
      // The sections after it are worth having all the same.
      console.error(`${spec.name} failed:`, error)
      process.exitCode = 1
      continue
    }
    print(measured)
    writeResult(file, measured)
    if (values.record) record(DOCUMENT, measured)
    if (measured.findings.length > 0) process.exitCode = 1
  }
  process.stderr.write(`figures: ${file}\n`)
}

/** The sections that `--only` names, in the order of the list; all without it. */
export function choose(sections: readonly AnySection[], only: string | undefined): readonly AnySection[] {
  if (only === undefined) return sections
  const names = new Set(only.split(','))
  const unknown = [...names].filter((name) => !sections.some((section) => section.name === name))
  if (unknown.length > 0) {
    const all = sections.map(({ name }) => name).join(', ')
    throw new Error(`--only takes some of ${all}; there is no ${unknown.join(', ')}`)
  }
  return sections.filter(({ name }) => names.has(name))
}

/** The values of a section's options: what was given, or the defaults of the size. */
export function optionValues<O extends OptionSpecs>(
  specs: O,
  given: Readonly<Record<string, string | boolean | undefined>>,
): OptionValues<O> {
  const value = (name: string, spec: OptionSpecs[string]): number | string => {
    const text = given[name]
    if (typeof text !== 'string') return given.quick ? spec.quick : spec.full
    if (typeof spec.full === 'string') return text
    const number = Number(text)
    if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number
    throw new Error(`--${name} takes a number from 0, not "${text}"`)
  }
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, value(name, spec)]),
  ) as OptionValues<O>
}

async function measure(
  spec: AnySection,
  given: Readonly<Record<string, string | boolean | undefined>>,
  earlier: Measured | undefined,
): Promise<Measured> {
  const say = (line: string) =>
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${spec.name}: ${line}\n`)
  const folder = resolve('.asinstream', `bench-${process.pid}`, spec.name)
  mkdirSync(folder, { recursive: true })
  const options = optionValues(spec.options, given)
  const loadSince = watchLoad()
  const started = performance.now()
  say(`begins with ${JSON.stringify(options)}`)
  try {
    const section = await spec.run({ options, folder, say })
    return merged(section, spec, earlier, {
      command: commandOf(spec, given),
      machine: describeMachine(),
      load: loadSince(),
      seconds: Math.round((performance.now() - started) / 100) / 10,
      commit: commitOf(),
      measuredAt: new Date().toISOString(),
    })
  } finally {
    await rm(join(folder, '..'), { recursive: true, force: true })
  }
}

function commandOf({ name, options }: AnySection, given: Readonly<Record<string, unknown>>): string {
  const flags = Object.keys(options).flatMap((option) =>
    given[option] === undefined ? [] : [`--${option} ${given[option]}`],
  )
  return ['npm run bench -- --only', name, ...(given.quick ? ['--quick'] : []), ...flags].join(' ')
}

function commitOf(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+')
  } catch {
    return 'unknown' // a copy without its history
  }
}

function print({ title, command, tables, notes, findings, load }: Measured): void {
  console.log(`\n${title}\n${command}`)
  for (const table of tables) {
    if (table.title !== undefined) console.log(`\n${table.title}`)
    console.log(textTable(table.rows))
  }
  for (const note of notes) console.log(note)
  for (const finding of findings) console.log(`WRONG: ${finding}`)
  console.log(`load ${load.before} → ${load.after}, others ${load.othersPercent ?? '?'} %`)
}

function textTable(rows: Measured['tables'][number]['rows']): string {
  const columns = columnsOf(rows)
  const text = (value: unknown) =>
    typeof value === 'number' ? value.toLocaleString('en') : value === null ? '–' : String(value ?? '')
  const lines = [columns, ...rows.map((row) => columns.map((column) => text(row[column])))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)))
  return lines.map((line) => line.map((cell, index) => cell.padEnd(widths[index]!)).join('  ')).join('\n')
}

function helpText(sections: readonly AnySection[]): string {
  const lines = sections.flatMap(({ name, title, options }) => [
    `  ${name.padEnd(14)} ${title}`,
    ...Object.entries(options as OptionSpecs).map(
      ([option, { full, quick, help }]) => `      --${option.padEnd(16)} ${help} (${full}; quick: ${quick})`,
    ),
  ])
  return [
    'Measures, prints a table for each section, and writes all figures as JSON.',
    '',
    'usage: npm run bench -- [--only NAME,…] [--quick] [--json FILE] [--record] [options of the sections]',
    '',
    '  --only NAME,…    these sections only',
    '  --quick          small sizes: shows that it works; its figures mean little',
    `  --json FILE      where the figures go; sections that are not run stay as they are (${RESULTS})`,
    `  --record         also into ${DOCUMENT}`,
    '',
    'sections:',
    ...lines,
  ].join('\n')
}
