import { createInterface } from 'node:readline/promises'
import type { ReviewFilterOptions } from '../commands/review-options.ts'
import { CommandError, UsageError } from '../failure.ts'

const names = ['marketplace', 'supplier', 'brand', 'category', 'sku', 'upc'] as const

/** The options of a filter that were given. */
export function givenFilter(options: ReviewFilterOptions): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = options[name]
      return values === undefined ? [] : [[name, values] as const]
    }),
  )
}

export function filterQuery(options: ReviewFilterOptions & { readonly text?: string }): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(givenFilter(options)))
    for (const value of values) query.append(name, value)
  if (options.text !== undefined) query.set('text', options.text)
  return query
}

/** Asks on a terminal; elsewhere a script has meant what it says only with `--yes`. Throws unless it is to be done. */
export async function confirm(
  { yes, json }: { readonly yes?: true; readonly json?: true },
  question: () => Promise<string>,
): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || json)
    throw new UsageError('nobody can be asked here: add --yes, or --dry-run to see what would be done.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${await question()} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.')
  } finally {
    terminal.close()
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints rows of a list: as JSON a line each while the pages come, else all at the end. */
export async function printList<T>(
  pages: AsyncIterable<readonly T[]>,
  options: { readonly json?: true; readonly limit: number },
  text: (items: readonly T[]) => string,
): Promise<void> {
  const all: T[] = []
  for await (const items of pages) {
    if (options.json) for (const item of items) print(JSON.stringify(item))
    else all.push(...items)
  }
  if (options.json) return
  print(text(all.slice(0, options.limit)))
  if (all.length > options.limit) process.stderr.write('There are more: --limit shows more.\n')
}
