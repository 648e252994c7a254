import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Database } from '#libs/db/database.ts'
import { type SyncState, syncStates } from '#libs/db/entities.ts'
import { getProduct, listLogs, productExists, type SyncLogKey } from '#libs/db/product-detail.ts'
import { listProducts, type ProductPage } from '#libs/db/product-list.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { decodeCursor, timestampPattern, toPage, uuidPattern } from './cursor.ts'
import { type Query, readId, readQuery } from './query.ts'

/** Logs that come with a product. */
const NEWEST_LOGS = 50

const filters = ['supplier', 'category', 'brand', 'syncStatus', 'sku', 'upc', 'asin'] as const

/** Products, their market data and their logs. */
export function addProductRoutes(router: Router, db: Database): void {
  router.get('/products', async (ctx: Context) => {
    const query = readQuery(ctx, filters)
    const after =
      query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'products', [uuidPattern])[0]
    const products = await listProducts(db, {
      filter: toFilter(query),
      limit: query.limit + 1,
      ...(after !== undefined && { after }),
    })
    ctx.body = toPage(products, query.limit, 'products', (product) => [product.id])
  })

  router.get('/products/:id', async (ctx) => {
    const id = readId(ctx)
    const product = await getProduct(db, id, NEWEST_LOGS)
    if (!product) throw noProduct(id)
    ctx.body = product
  })

  router.get('/products/:id/logs', async (ctx) => {
    const id = readId(ctx)
    const { cursor, limit } = readQuery(ctx, [])
    const after = cursor === undefined ? undefined : logKey(cursor)
    const logs = await listLogs(db, id, { limit: limit + 1, ...(after && { after }) })
    if (logs.length === 0 && !(await productExists(db, id))) throw noProduct(id)
    ctx.body = toPage(logs, limit, 'logs', (log) => [log.occurredAt, log.marketplaceId, log.attempt])
  })
}

function toFilter(query: Query): ProductPage['filter'] {
  const status = query.all('syncStatus')
  const unknown = status?.filter((state) => !syncStates.includes(state as SyncState))
  if (unknown && unknown.length > 0) {
    throw invalidFields([
      {
        field: 'syncStatus',
        message: `${JSON.stringify(unknown[0]?.slice(0, 40))} is not a state: use ${syncStates.join(', ')}`,
      },
    ])
  }
  const filter: Record<string, readonly string[] | undefined> = { status }
  for (const name of filters) if (name !== 'syncStatus') filter[name] = query.all(name)
  return Object.fromEntries(Object.entries(filter).filter(([, values]) => values !== undefined))
}

function logKey(cursor: string): SyncLogKey {
  const patterns = [timestampPattern, /^\w{1,20}$/, /^\d{1,9}$/]
  const [occurredAt, marketplaceId, attempt] = decodeCursor(cursor, 'logs', patterns)
  return {
    occurredAt: occurredAt as string,
    marketplaceId: marketplaceId as string,
    attempt: Number(attempt),
  }
}

function noProduct(id: string): Problem {
  return new Problem('not-found', `there is no product ${id}; GET /products?sku=… finds one by its sku`)
}
