/**
 * What a measurement is, so that `npm run bench` runs any number of them alike.
 *
 * A section is a module `bench/<name>.ts` that exports what `defineSection` made, is listed in `bench/sections.ts`, and
 * ends with `if (import.meta.main) await benchCommand([section])`, so that `node bench/<name>.ts` runs it alone with the
 * same flags. Its figures land in `docs/performance.md` between `<!-- bench:<name> -->` and `<!-- /bench:<name> -->`.
 *
 *   export const urgent = defineSection({
 *     name: 'urgent',
 *     title: 'An urgent lookup while a bulk sync holds the bucket',
 *     about: 'One lookup a second with priority, while three fetchers use up the rate.',
 *     options: { seconds: { full: 120, quick: 10, help: 'how long lookups are made' } },
 *     async run({ options, folder, say }) {
 *       …
 *       return { tables: [{ rows: [{ rate: 2, 'p50 ms': 510, 'p99 ms': 930 }] }], notes: [], findings: [] }
 *     },
 *   })
 *
 * Rules: figures are ratios within one run wherever they can be, with the limit beside them in the same table. What is
 * wrong with the outcome (a product lost, an effect twice) is a finding and a column, and makes the command fail. All
 * servers are started by the section, on free ports, in `folder`, and are gone when `run` settles.
 */
export interface SectionSpec<O extends OptionSpecs = OptionSpecs> {
  /** Lower case with hyphens: the file's name, what `--only` takes. */
  readonly name: string
  /** Heading in the document. */
  readonly title: string
  /** What is measured, and how; a sentence or three, written into the document. */
  readonly about: string
  readonly options: O
  run(context: SectionContext<O>): Promise<Section>
}

/** Flags by name (`--products 20000`); the value's type is that of `full`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

export interface OptionSpec {
  readonly full: number | string
  /** With `--quick`: the whole section takes seconds. */
  readonly quick: number | string
  readonly help: string
}

export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K]['full'] extends number ? number : string
}

export interface SectionContext<O extends OptionSpecs = OptionSpecs> {
  readonly options: OptionValues<O>
  /** An empty folder for data and logs; removed afterwards. */
  readonly folder: string
  /** Progress, to stderr. */
  say(line: string): void
}

export interface Section {
  readonly tables: readonly Table[]
  /** Sentences that belong below the tables, with what this run has shown. */
  readonly notes: readonly string[]
  /** What is wrong; empty when the outcome is what it must be. */
  readonly findings: readonly string[]
}

export interface Table {
  /** Needed when a section has several. */
  readonly title?: string
  /** The columns are the keys of all rows, in the order in which they first come. */
  readonly rows: readonly Row[]
  /**
   * Columns that name a row. Recorded rows of other names then stay, so that a long measurement is made a row at a time.
   * Without it all rows are replaced.
   */
  readonly key?: readonly string[]
}

/** null: not measured. */
export type Row = Readonly<Record<string, number | string | null>>

/** Keeps the types of the options. */
export function defineSection<const O extends OptionSpecs>(spec: SectionSpec<O>): SectionSpec<O> {
  return spec
}
