import type { ProductDetail } from '#libs/db/product-detail.ts'
import { sendJson } from '../api.ts'
import { type ProductFieldOption, productFields, type SetProductOptions } from '../commands/products.ts'
import { exitCodes, UsageError } from '../failure.ts'
import { printable } from '../terminal.ts'
import { findProduct } from './find.ts'

/** Changes what the options name and nothing else. Throws a `UsageError` when they name nothing. */
export async function setProduct(base: string, given: string, options: SetProductOptions): Promise<number> {
  const changes = changesOf(options)
  const { id } = await findProduct(base, given)
  const product = await sendJson<ProductDetail>(base, 'PATCH', `/products/${id}`, changes)
  if (options.json) process.stdout.write(`${JSON.stringify(product, null, 2)}\n`)
  else {
    const changed = Object.keys(changes).map((field) => {
      const value = product[field as keyof typeof changes]
      return `${field} is ${value === null ? 'empty' : printable(String(value))}`
    })
    process.stdout.write(`${printable(product.sku)} (${product.syncStatus}): ${changed.join(', ')}.\n`)
  }
  return exitCodes.ok
}

type Changes = Partial<Record<(typeof productFields)[ProductFieldOption][1], string | number | null>>

function changesOf(options: SetProductOptions): Changes {
  const { upc, title, brand, supplier, category, packQuantity, clear = [] } = options
  const given = { upc, title, brand, supplier, category, packQuantity }
  const changes: Changes = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  )
  for (const option of clear) {
    const field = productFields[option][1]
    if (field in changes) throw new UsageError(`--${option} and --clear ${option} exclude each other.`)
    changes[field] = null
  }
  if (Object.keys(changes).length === 0)
    throw new UsageError(
      `say what to change: ${Object.keys(productFields)
        .map((name) => `--${name}`)
        .join(', ')} or --clear <field>.`,
    )
  return changes
}
