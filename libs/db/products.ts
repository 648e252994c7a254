import { v7 as uuidv7 } from 'uuid'
import type { Queryable } from './database.ts'

/** A product as its owner gives it. A field that is absent keeps what is stored; null clears it. */
export interface ProductInput {
  readonly sku: string
  readonly upc?: string | null
  readonly title?: string | null
  readonly brand?: string | null
  readonly supplier?: string | null
  readonly category?: string | null
  readonly packQuantity?: number | null
}

export interface ImportCounts {
  inserted: number
  updated: number
  unchanged: number
}

const columns = {
  upc: ['upc', 'text'],
  title: ['title', 'text'],
  brand: ['brand', 'text'],
  supplier: ['supplier', 'text'],
  category: ['category', 'text'],
  packQuantity: ['pack_quantity', 'int'],
} as const satisfies Record<Exclude<keyof ProductInput, 'sku'>, readonly [string, string]>

type OptionalField = keyof typeof columns
const optionalFields = Object.keys(columns) as OptionalField[]

/**
 * Inserts or updates products by sku, in one statement per set of fields that rows bring. A sku that comes twice counts
 * once, as its last row says. Batches of 500 to 1,000 are the knee of the curve. Two imports that both bring new products
 * may still meet in a deadlock (40P01): try the transaction again.
 */
export async function upsertProducts(tx: Queryable, rows: readonly ProductInput[]): Promise<ImportCounts> {
  const counts: ImportCounts = { inserted: 0, updated: 0, unchanged: 0 }
  const bySku = new Map<string, ProductInput>()
  for (const row of rows) {
    const earlier = bySku.get(row.sku)
    bySku.set(row.sku, earlier ? { ...earlier, ...row } : row)
  }
  const groups = new Map<string, ProductInput[]>()
  for (const row of bySku.values()) {
    const signature = optionalFields.filter((field) => row[field] !== undefined).join()
    const group = groups.get(signature)
    if (group) group.push(row)
    else groups.set(signature, [row])
  }
  const skus = [...bySku.keys()]
  for (const [signature, group] of [...groups].sort(bySignature)) {
    const fields = signature === '' ? [] : (signature.split(',') as OptionalField[])
    // In the order of the key, so that two imports of the same new products wait for each other in one order.
    group.sort((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0))
    const [result] = await tx.query<{ inserted: string; updated: string }>(upsertSql(fields), [
      group.map(() => uuidv7()),
      group.map((row) => row.sku),
      ...fields.map((field) => group.map((row) => row[field] ?? null)),
      skus,
    ])
    const inserted = Number(result?.inserted ?? 0)
    const updated = Number(result?.updated ?? 0)
    counts.inserted += inserted
    counts.updated += updated
    counts.unchanged += group.length - inserted - updated
  }
  counts.unchanged += rows.length - bySku.size
  return counts
}

const bySignature = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0

function upsertSql(fields: readonly OptionalField[]): string {
  const names = fields.map((field) => columns[field][0])
  const columnList = ['id', 'sku', ...names].join(', ')
  const arrays = [
    '$1::uuid[]',
    '$2::text[]',
    ...fields.map((field, i) => `$${i + 3}::${columns[field][1]}[]`),
  ]
  const onConflict =
    names.length === 0
      ? 'do nothing'
      : `do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = now()
         where (${names.map((name) => `t.${name}`).join(', ')}) is distinct from
               (${names.map((name) => `excluded.${name}`).join(', ')})`
  // xmax is 0 on a row that this statement inserted. What is there already is locked by id first, as the services do:
  // in the order of skus an import and a persister would wait for each other.
  return `with held as materialized (
      select 1 from products where sku = any ($${fields.length + 3}::text[]) order by id for no key update),
    written as (
      insert into products as t (${columnList})
        select * from unnest(${arrays.join(', ')}) where (select count(*) from held) >= 0
      on conflict (sku) ${onConflict} returning t.xmax = 0 as inserted)
    select count(*) filter (where inserted) as inserted, count(*) filter (where not inserted) as updated from written`
}
