import { z } from 'zod'
import { valuedFields } from '#libs/db/product-values.ts'
import { MAX_LIMIT } from '../query.ts'
import type { RouteDescription } from './description.ts'
import { listOf } from './schemas.ts'

export const productValuesRoutes: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/api/products/values',
    operationId: 'listProductValues',
    tag: 'Products',
    summary: 'Suppliers, brands, categories or SKUs that begin so, in any case: for whoever is typing one.',
    required: ['field'],
    query: {
      field: z.enum(valuedFields),
      beginning: z
        .string()
        .min(1)
        .max(255)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL holds no NUL
        .regex(/^[^\u0000]+$/)
        .describe('leave it out for the first of them'),
      limit: z.int().min(1).max(MAX_LIMIT).default(20),
    },
    answers: {
      200: {
        description: 'The values, in alphabetical order.',
        content: { 'application/json': listOf('ProductValueList', z.string()) },
      },
    },
    problems: ['invalid-fields', 'invalid-cursor'],
  },
]
