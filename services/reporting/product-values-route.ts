import type Router from '@koa/router'
import type { Database } from '#libs/db/database.ts'
import { productValues, valuedFields } from '#libs/db/product-values.ts'
import { invalidFields, Problem } from '#libs/service/problem.ts'
import { readQuery } from './query.ts'

const DEFAULT_VALUES = 20
const MAX_BEGINNING = 255

/** `GET /api/products/values`: suppliers, brands, categories or SKUs that begin with a text, for whoever is typing one. */
export function addProductValuesRoute(router: Router, db: Database): void {
  router.get('/api/products/values', async (ctx) => {
    const query = readQuery(ctx, ['field', 'beginning'], DEFAULT_VALUES)
    if (query.cursor !== undefined)
      throw new Problem('invalid-cursor', 'values have one page: a longer beginning narrows them')
    const fields = query.all('field') ?? []
    const field = valuedFields.find((name) => name === fields[0])
    if (field === undefined || fields.length > 1)
      throw invalidFields([{ field: 'field', message: `must be one of ${valuedFields.join(', ')}` }])
    const beginnings = query.all('beginning') ?? ['']
    const [beginning = ''] = beginnings
    if (beginnings.length > 1 || beginning.length > MAX_BEGINNING)
      throw invalidFields([
        { field: 'beginning', message: `may be given once, ${MAX_BEGINNING} characters at most` },
      ])
    ctx.body = { items: await productValues(db, field, beginning, query.limit) }
  })
}
