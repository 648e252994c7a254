/**
 * Every page: its path, what it is called, how it is loaded (when somebody goes there), and its place in the menu. `keys`
 * lead to it from anywhere; `count` names what of the review's summary waits there.
 * @type {readonly {
 *   path: string, title: string, load: () => Promise<{ default: any }>, css?: string | readonly string[],
 *   nav?: { label: string, icon: string, keys: string, group?: string, count?: string },
 * }[]}
 */
export const routes = [
  {
    path: '/',
    title: 'Overview',
    load: () => import('./pages/overview.js'),
    css: 'pages/overview.css',
    nav: { label: 'Overview', icon: 'home', keys: 'g o' },
  },
  {
    path: '/ui/jobs',
    title: 'Syncs',
    load: () => import('./pages/jobs.js'),
    css: 'pages/jobs.css',
    nav: { label: 'Syncs', icon: 'jobs', keys: 'g j' },
  },
  {
    path: '/ui/jobs/:id',
    title: 'Sync',
    load: () => import('./pages/job.js'),
    css: 'pages/jobs.css',
  },
  {
    path: '/ui/products',
    title: 'Products',
    load: () => import('./pages/products.js'),
    css: 'pages/products.css',
    nav: { label: 'Products', icon: 'box', keys: 'g p', group: 'Catalogue' },
  },
  {
    path: '/ui/products/:id',
    title: 'Product',
    load: () => import('./pages/product.js'),
    css: 'pages/products.css',
  },
  {
    path: '/ui/review',
    title: 'Review',
    load: () => import('./pages/review.js'),
    css: ['pages/products.css', 'pages/review.css'],
    nav: { label: 'Review', icon: 'scale', keys: 'g r', group: 'Catalogue', count: 'ambiguous' },
  },
  {
    path: '/ui/invalid',
    title: 'Invalid codes',
    load: () => import('./pages/invalid.js'),
    css: ['pages/products.css', 'pages/review.css'],
    nav: { label: 'Invalid codes', icon: 'barcode', keys: 'g i', group: 'Catalogue', count: 'invalid' },
  },
  {
    path: '/ui/failures',
    title: 'Failures',
    load: () => import('./pages/failures.js'),
    css: ['pages/products.css', 'pages/review.css'],
    nav: { label: 'Failures', icon: 'alert', keys: 'g f', group: 'Catalogue', count: 'error' },
  },
  {
    path: '/ui/import',
    title: 'Import',
    load: () => import('./pages/import.js'),
    css: 'pages/import.css',
    nav: { label: 'Import', icon: 'upload', keys: 'g m', group: 'Data' },
  },
  {
    path: '/ui/exports',
    title: 'Exports',
    load: () => import('./pages/exports.js'),
    css: 'pages/exports.css',
    nav: { label: 'Exports', icon: 'download', keys: 'g e', group: 'Data' },
  },
  {
    path: '/ui/settings',
    title: 'Settings and health',
    load: () => import('./pages/settings.js'),
    css: 'pages/settings.css',
    nav: { label: 'Settings', icon: 'settings', keys: 'g s', group: 'System' },
  },
]
