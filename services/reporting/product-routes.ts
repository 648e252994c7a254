import type Router from '@koa/router'
import type { Context } from 'koa'
import type { Database } from '#libs/db/database.ts'
import { type SyncState, syncStates } from '#libs/db/entities.ts'
import { getProduct, listLogs, productExists, type SyncLogKey } from '#libs/db/product-detail.ts'
import { listProducts, type ProductPage } from '#libs/db/product-list.ts'
import { type FieldError, invalidFields, Problem } from '#libs/service/problem.ts'
import { decodeCursor, timestampPattern, toPage, uuidPattern } from './cursor.ts'
import { type Query, readId, readQuery } from './query.ts'
import { marketplaceOf } from './review/request.ts'

/** Logs that come with a product. */
const NEWEST_LOGS = 50

const filters = ['supplier', 'category', 'brand', 'syncStatus', 'sku', 'upc', 'asin', 'marketplace'] as const

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
  const errors: FieldError[] = []
  const status = query.all('syncStatus') as SyncState[] | undefined
  const unknown = status?.find((state) => !syncStates.includes(state))
  if (unknown !== undefined)
    errors.push({
      field: 'syncStatus',
      message: `${JSON.stringify(unknown.slice(0, 40))} is not a state: use ${syncStates.join(', ')}`,
    })
  const marketplaces = query.all('marketplace')?.map((name) => marketplaceOf(name, errors))
  if (errors.length > 0) throw invalidFields(errors)
  const columns = (['supplier', 'category', 'brand', 'sku', 'upc', 'asin'] as const).flatMap((name) => {
    const values = query.all(name)
    return values === undefined ? [] : [[name, values] as const]
  })
  return {
    ...Object.fromEntries(columns),
    // Of a marketplace, the state there; otherwise the one that sums up all of them.
    ...(marketplaces && { inState: { states: status ?? syncStates, marketplaces } }),
    ...(status && !marketplaces && { status }),
  }
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
