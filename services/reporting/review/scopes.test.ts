import { expect, it } from 'vitest'
import { accessOf } from '../access/scopes.ts'
import { reviewRoutes } from '../openapi/review-routes.ts'

it('reading asks for read, deciding and mending for products, asking again for sync, the audit for admin', () => {
  const scopes = Object.fromEntries(
    reviewRoutes.map(({ method, path }) => [`${method} ${path}`, accessOf(method, path)]),
  )
  expect(scopes).toEqual({
    'PATCH /products/:id': 'products',
    'GET /api/review/summary': 'read',
    'GET /api/review/matches': 'read',
    'GET /api/review/matches/:productId/:marketplace': 'read',
    'POST /api/review/matches/:productId/:marketplace/accept': 'products',
    'POST /api/review/matches/:productId/:marketplace/reject': 'products',
    'POST /api/review/matches/:productId/:marketplace/undo': 'products',
    'GET /api/review/decisions': 'read',
    'GET /api/review/invalid-codes': 'read',
    'POST /api/review/invalid-codes/repair': 'products',
    'GET /api/review/failures': 'read',
    'GET /api/review/failures/products': 'read',
    'POST /api/review/failures/retry': 'sync',
    'GET /api/review/dead-letters': 'read',
    'POST /api/review/dead-letters/redrive': 'sync',
    'GET /api/audit': 'admin',
  })
})
