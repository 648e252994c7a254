import type Router from '@koa/router'
import { z } from 'zod'
import type { Database } from '#libs/db/database.ts'
import { getProduct } from '#libs/db/product-detail.ts'
import { editProduct, type ProductEdit } from '#libs/db/product-edit.ts'
import { parseCode } from '#libs/gtin/index.ts'
import { Problem } from '#libs/service/problem.ts'
import { readId, readQuery } from '../query.ts'
import { recordAction } from './audited.ts'
import { readBodyAs, throwIfAny } from './request.ts'

/** Logs that come with a product, as `GET /products/:id` has it. */
const NEWEST_LOGS = 50

const text = (max: number) =>
  z
    .string()
    .refine((value) => [...value].length <= max, `may have ${max} characters`)
    .meta({ maxLength: max })
    .nullable()
    .optional()

/** What may be changed of a product; null clears a field. Its sku is its name. */
export const productEditSchema = z
  .strictObject({
    upc: text(64).describe('a code that can be read; it is kept as it is written'),
    title: text(10_000),
    brand: text(255),
    supplier: text(255),
    category: text(255),
    packQuantity: z.int().min(1).max(2_147_483_647).nullable().optional(),
    updatedAt: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'must be the updatedAt that was answered')
      .optional()
      .describe('as it was answered: refuses to change a product that was changed since'),
  })
  .meta({ minProperties: 1 })

const fields = Object.keys(productEditSchema.shape)

/** `PATCH /products/:id`: mends a product in place. A changed code makes it pending, so that it syncs by itself. */
export function addProductEdit(router: Router, db: Database): void {
  router.patch('/products/:id', async (ctx) => {
    readQuery(ctx, [])
    const id = readId(ctx)
    const body = await readBodyAs(ctx, productEditSchema, { '': fields })
    const { updatedAt, ...edit } = body
    if (Object.keys(body).length === 0)
      throwIfAny([{ field: 'body', message: `must have a field to change: ${fields.join(', ')}` }])
    if (typeof edit.upc === 'string') {
      const code = parseCode(edit.upc)
      if (code.status === 'invalid') throwIfAny([{ field: 'upc', message: code.reason }])
    }
    const result = await editProduct(db, id, edit as ProductEdit, {
      ...(updatedAt !== undefined && { updatedAt }),
      alsoWrite: (tx, change) => recordAction(ctx, tx, 'product.edit', { productId: id, ...change }),
    })
    if (result.kind === 'unknown')
      throw new Problem('not-found', `there is no product ${id}; GET /products?sku=… finds one by its sku`)
    if (result.kind === 'changed') {
      throw new Problem(
        'changed-meanwhile',
        'the product was changed since you looked: current has it as it is now',
        { members: { current: await getProduct(db, id, NEWEST_LOGS) } },
      )
    }
    const product = await getProduct(db, id, NEWEST_LOGS)
    if (!product) throw new Problem('not-found', `product ${id} was deleted at this moment`)
    ctx.body = product
  })
}
