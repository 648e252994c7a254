import type Router from '@koa/router'
import type { Database } from '#libs/db/database.ts'
import { productPrices } from '#libs/db/offers/product-prices.ts'
import { productExists } from '#libs/db/product-detail.ts'
import { Problem } from '#libs/service/problem.ts'
import { readId, readQuery } from '../query.ts'

/** What a product's matches cost, and how that changed: `limit` changes of each, the newest first. */
export function addPriceRoutes(router: Router, db: Database): void {
  router.get('/products/:id/prices', async (ctx) => {
    const id = readId(ctx)
    const { limit, cursor } = readQuery(ctx, [], 50)
    if (cursor !== undefined)
      throw new Problem('invalid-cursor', 'prices have one page: limit says how many changes are shown')
    const items = await productPrices(db, id, limit)
    if (items.length === 0 && !(await productExists(db, id)))
      throw new Problem('not-found', `there is no product ${id}; GET /products?sku=… finds one by its sku`)
    ctx.body = { items }
  })
}
