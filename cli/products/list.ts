import type { ProductView } from '#libs/db/product-list.ts'
import { listedItems } from '../api.ts'
import type { ListProductsOptions } from '../commands/products.ts'
import { exitCodes } from '../failure.ts'
import { count, fittedTable, printable } from '../terminal.ts'

/** Prints products: a table for people, as JSON a line each while the pages come. */
export async function listProducts(base: string, options: ListProductsOptions): Promise<number> {
  // One more tells whether there are more.
  const pages = listedItems<ProductView>(
    base,
    '/products',
    query(options),
    options.limit + (options.json ? 0 : 1),
  )
  const products: ProductView[] = []
  for await (const page of pages) {
    if (options.json) await print(page.map((product) => `${JSON.stringify(product)}\n`).join(''))
    else products.push(...page)
  }
  if (options.json) return exitCodes.ok
  const shown = products.slice(0, options.limit)
  await print(shown.length === 0 ? 'No product is like that.\n' : `${productTable(shown)}\n`)
  if (products.length > shown.length)
    process.stderr.write(`There are more than these ${count(shown.length)}: --limit shows more.\n`)
  return exitCodes.ok
}

function productTable(products: readonly ProductView[]): string {
  const text = (value: string | null) => (value === null ? '–' : printable(value))
  const rows = products.map(({ sku, upc, syncStatus, title, brand, supplier, lastAmazonSync }) => [
    printable(sku),
    text(upc),
    syncStatus,
    lastAmazonSync?.slice(0, 16).replace('T', ' ') ?? 'never',
    text(title),
    text(brand),
    text(supplier),
  ])
  return fittedTable([['sku', 'code', 'state', 'synced (UTC)', 'title', 'brand', 'supplier'], ...rows])
}

function query(options: ListProductsOptions): URLSearchParams {
  const { supplier, brand, category, sku, upc, asin, status, marketplace } = options
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries({
    supplier,
    brand,
    category,
    sku,
    upc,
    asin,
    syncStatus: status,
    marketplace,
  }))
    for (const value of values ?? []) parameters.append(name, value)
  return parameters
}

/** Resolves when the reader wants more: a list of a million is not kept in memory for a slow pipe. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(text)) resolve()
    else process.stdout.once('drain', resolve)
  })
}
