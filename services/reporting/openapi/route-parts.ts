import { z } from 'zod'
import { marketplaces } from '#libs/sp-api/marketplaces.ts'
import { MAX_LIMIT } from '../query.ts'

export const json = (schema: z.ZodType) => ({ 'application/json': schema })
// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL holds no NUL
export const text = z.string().regex(/^[^\u0000]+$/)
export const several = (item: z.ZodType = text) => z.array(item).max(100)

export const paging = (limit: number) => ({
  limit: z.int().min(1).max(MAX_LIMIT).default(limit),
  cursor: z.string().min(1).describe('the nextCursor of the page before'),
})

/** As Amazon names them; GB is taken for UK. */
export const marketplaceName = z.enum(
  marketplaces.flatMap(({ countryCode, marketplaceId }) => [
    countryCode,
    ...(countryCode === 'UK' ? ['GB'] : []),
    marketplaceId,
  ]),
)
export const marketplace = several(marketplaceName).describe('country codes or ids')
/** What a product of the catalogue says of itself. */
export const ofProduct = {
  supplier: several(),
  brand: several(),
  category: several(),
  sku: several(),
  upc: several(),
  asin: several().describe('products with one of these among their candidates'),
}
export const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })])
