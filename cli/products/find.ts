import type { ProductDetail } from '#libs/db/product-detail.ts'
import { callApi, callApiOk } from '../api.ts'
import { CommandError } from '../failure.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A product by its id or its sku, with its `ETag`. Rejects with a `CommandError` when there is none. */
export async function findProduct(base: string, given: string): Promise<ProductDetail> {
  if (UUID.test(given)) {
    const { status, body } = await callApi(base, `/products/${given}`)
    if (status === 200) return body as ProductDetail
    // A sku may look like an id.
    if (status !== 404) return callApiOk<ProductDetail>(base, `/products/${given}`)
  }
  const query = new URLSearchParams({ sku: given, limit: '1' })
  const { items } = await callApiOk<{ items: readonly { id: string }[] }>(base, `/products?${query}`)
  const [found] = items
  if (found === undefined)
    throw new CommandError(
      `There is no product with the id or sku ${JSON.stringify(given)}. Find it with: npm run products -- list --upc … or --supplier …`,
    )
  return callApiOk<ProductDetail>(base, `/products/${found.id}`)
}
