import type { Database } from './database.ts'
import { inIndexOrder } from './index-order.ts'

export const valuedFields = ['supplier', 'brand', 'category', 'sku'] as const
export type ValuedField = (typeof valuedFields)[number]

/** Values that are looked at beyond the first that could begin so: other ways of writing sort among them. */
const LOOKED_AT = 300

/**
 * Up to `limit` different values of a field that begin with a text, whatever its case, in alphabetical order. The index is
 * walked from value to value, so that the number of products does not count.
 */
export async function productValues(
  db: Database,
  field: ValuedField,
  beginning: string,
  limit: number,
): Promise<readonly string[]> {
  if (beginning === '') return walk(db, field, '', limit)
  // Where upper case sorts apart from lower case, each has a place of its own.
  const starts = new Set([
    beginning,
    beginning.toLowerCase(),
    beginning.toUpperCase(),
    capitalised(beginning),
  ])
  const found = new Set<string>()
  for (const start of starts) {
    for (const value of await walk(db, field, start, LOOKED_AT))
      if (value.toLowerCase().startsWith(beginning.toLowerCase())) found.add(value)
  }
  return [...found].sort(compare).slice(0, limit)
}

async function walk(db: Database, field: ValuedField, from: string, limit: number): Promise<string[]> {
  const rows = await inIndexOrder(db, (tx) =>
    tx.query<{ value: string }>(
      `with recursive found as (
         (select p.${field} as value from products p where p.${field} >= $1 order by p.${field} limit 1)
         union all
         select (select p.${field} from products p where p.${field} > f.value order by p.${field} limit 1)
           from found f where f.value is not null)
       select value from found where value is not null limit $2`,
      [from, limit],
    ),
  )
  return rows.map(({ value }) => value)
}

const capitalised = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
const { compare } = new Intl.Collator('en')
