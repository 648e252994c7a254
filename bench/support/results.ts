import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Load, Machine } from './machine.ts'
import { markdownTable, mergeRows, withBlock } from './markdown.ts'
import type { Row, Section, SectionSpec } from './section.ts'

/** A section as it was measured. */
export interface Measured {
  readonly name: string
  readonly title: string
  readonly about: string
  /** The command that measures this section alone, with the options of this run. */
  readonly command: string
  readonly tables: readonly { readonly title?: string; readonly rows: readonly Row[] }[]
  readonly notes: readonly string[]
  readonly findings: readonly string[]
  readonly machine: Machine
  readonly load: Load
  readonly seconds: number
  /** Of the checkout; with a plus when files differed from it. */
  readonly commit: string
  /** ISO 8601, when the measurement ended. */
  readonly measuredAt: string
}

export type Results = Readonly<Record<string, Measured>>

export function readResults(file: string): Results {
  if (!existsSync(file)) return {}
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

/** Writes a section into the file at once, so that what was measured is not lost with what comes after it. */
export function writeResult(file: string, measured: Measured): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ ...readResults(file), [measured.name]: measured }, null, 2)}\n`)
}

/** A run's section, with the rows of earlier runs that it does not replace. */
export function merged(
  section: Section,
  spec: Pick<SectionSpec, 'name' | 'title' | 'about'>,
  earlier: Measured | undefined,
  circumstances: Pick<Measured, 'command' | 'machine' | 'load' | 'seconds' | 'commit' | 'measuredAt'>,
): Measured {
  return {
    name: spec.name,
    title: spec.title,
    about: spec.about,
    ...circumstances,
    tables: section.tables.map((table, index) => ({
      ...(table.title !== undefined && { title: table.title }),
      rows: mergeRows(table, earlier?.tables[index]?.rows ?? []),
    })),
    notes: section.notes,
    findings: section.findings,
  }
}

/** Writes a section's figures into the document, between its marks, or with its heading at the end when it has none. */
export function record(file: string, measured: Measured): void {
  const block = `bench:${measured.name}`
  const document = readFileSync(file, 'utf8')
  const place = document.includes(`<!-- ${block} -->`)
    ? document
    : `${document.trimEnd()}\n\n## ${measured.title}\n\n<!-- ${block} -->\n<!-- /${block} -->\n`
  writeFileSync(file, withBlock(place, block, markdownSection(measured)))
}

function markdownSection(measured: Measured): string {
  const { command, tables, notes, findings, machine, load, seconds, commit, measuredAt } = measured
  const others =
    load.othersPercent === null ? '' : `; other work took ${load.othersPercent} % of the processors meanwhile`
  return [
    measured.about,
    `\`${command}\``,
    ...tables.flatMap(({ title, rows }) => [
      ...(title === undefined ? [] : [`**${title}**`]),
      markdownTable(rows),
    ]),
    ...notes,
    ...findings.map((finding) => `**Wrong:** ${finding}`),
    `Measured ${measuredAt.slice(0, 10)} at ${commit} in ${Math.round(seconds)} s: ${machine.cores} cores (${machine.cpu}), ` +
      `${machine.memoryGB} GB, Node ${machine.node}, PostgreSQL ${machine.postgres}, Kafka ${machine.kafka}, kafkajs ${machine.kafkajs}; ` +
      `load ${load.before} before and ${load.after} after${others}.`,
  ].join('\n\n')
}
