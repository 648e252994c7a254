import type { ApiScope } from '#libs/db/api-keys.ts'

/** What a route asks of its caller; `public`: nothing. */
export type Access = ApiScope | 'public'

/**
 * The page and what it is made of; how the API is used and how to come in; whether the process lives. None of it tells about
 * the catalogue.
 */
const PUBLIC = new Set([
  '/',
  '/ui',
  '/ui/*page',
  '/assets/:version/*file',
  '/docs',
  '/docs.css',
  '/openapi.json',
  '/livez',
  '/readyz',
  '/health',
  '/api/session',
])

/** Routes that change something, by the beginning of their path; the first that fits counts. */
const CHANGES: ReadonlyArray<readonly [prefix: string, scope: ApiScope]> = [
  ['/products', 'products'],
  ['/marketplace/amazon/sync', 'sync'],
  ['/api/sync', 'sync'],
  ['/api/products', 'products'],
  // To ask again is a sync; to decide and to mend changes products.
  ['/api/review/failures', 'sync'],
  ['/api/review/dead-letters', 'sync'],
  ['/api/review', 'products'],
]

/**
 * What a route asks for, by its method and its path as the router has it. What nobody thought of here is for `admin`
 * alone: a route that is forgotten is closed, not open.
 */
export function accessOf(method: string, path: string): Access {
  if (PUBLIC.has(path)) return 'public'
  if (path === '/config') return 'admin'
  // Looking up is reading, however much there is to say of what.
  if (path.startsWith('/asin/') || path.startsWith('/lookup/')) return 'read'
  if (path === '/api/keys' || path.startsWith('/api/keys/') || path === '/api/audit') return 'admin'
  if (method === 'GET' || method === 'HEAD') return 'read'
  return CHANGES.find(([prefix]) => path === prefix || path.startsWith(prefix))?.[1] ?? 'admin'
}
