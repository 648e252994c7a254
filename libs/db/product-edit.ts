import type { Database, Queryable } from './database.ts'
import type { ProductInput } from './products.ts'
import { isoTimestamp } from './timestamps.ts'

/** Fields to change; null clears one, one that is absent stays. */
export type ProductEdit = Omit<ProductInput, 'sku'>

export interface ProductChange {
  readonly sku: string
  /** The fields that have changed. */
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

export type EditResult =
  | { readonly kind: 'done'; readonly change: ProductChange }
  /** It is so already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'unknown' }
  /** It was changed since `updatedAt`. */
  | { readonly kind: 'changed' }

const columns = {
  upc: 'upc',
  title: 'title',
  brand: 'brand',
  supplier: 'supplier',
  category: 'category',
  packQuantity: 'pack_quantity',
} as const satisfies Record<keyof ProductEdit, string>

/** Changes a product in one transaction. A new code makes it pending (see the triggers), and ends decisions about the old one. */
export async function editProduct(
  db: Database,
  id: string,
  edit: ProductEdit,
  options: {
    /** ISO 8601 to the microsecond, as lists have it: whoever has changed the product since is not overwritten. */
    readonly updatedAt?: string
    /** Runs in the same transaction, when something has changed. */
    readonly alsoWrite?: (tx: Queryable, change: ProductChange) => Promise<void>
  } = {},
): Promise<EditResult> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ sku: string; same: boolean } & Record<string, unknown>>(
      `select sku, upc, title, brand, supplier, category, pack_quantity as "packQuantity",
              $2::text is null or ${isoTimestamp('updated_at')} = $2 as same
         from products where id = $1 for no key update`,
      [id, options.updatedAt ?? null],
    )
    if (!row) return { kind: 'unknown' }
    if (!row.same) return { kind: 'changed' }
    const names = (Object.keys(columns) as (keyof typeof columns)[]).filter(
      (name) => edit[name] !== undefined && edit[name] !== row[name],
    )
    if (names.length === 0) return { kind: 'same' }
    const set = names.map((name, i) => `${columns[name]} = $${i + 2}`)
    await tx.query(`update products set ${set.join(', ')}, updated_at = now() where id = $1`, [
      id,
      ...names.map((name) => edit[name]),
    ])
    const change = {
      sku: row.sku,
      before: Object.fromEntries(names.map((name) => [name, row[name]])),
      after: Object.fromEntries(names.map((name) => [name, edit[name]])),
    }
    await options.alsoWrite?.(tx, change)
    return { kind: 'done', change }
  })
}
