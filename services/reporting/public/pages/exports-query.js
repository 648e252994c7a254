import { productStates } from '../kit.js'

const NAMES = ['marketplace', 'state', 'supplier', 'brand', 'category', 'sku', 'asin', 'job', 'failures']
/** What `failures` means: every outcome without a match. */
const FAILURES = ['error', 'invalid', 'not_found', 'ambiguous', 'restricted']

/** The page's address as GET /products/export takes it. Failures are a list of states themselves. */
export function exportQuery(search) {
  const names = NAMES.filter((name) => search[name]?.length > 0 && !(name === 'state' && search.failures))
  return Object.fromEntries(names.map((name) => [name, search[name]]))
}

/** The same as GET /products takes it, as near as that comes; null where it knows nothing of the kind. @param {Record<string, any>} query */
export function previewQuery({ state, failures, job, ...filter }) {
  return job ? null : { ...filter, syncStatus: failures ? FAILURES : state, limit: 5 }
}

/** An export in words. @param {Record<string, any>} query */
export function exportWords({ state, job, sku, failures, ...filter }) {
  const parts = Object.entries(filter).map(
    ([name, values]) => `${name === 'asin' ? 'ASIN' : name} ${values.join(' or ')}`,
  )
  if (state) parts.push(`state ${state.map(stateWord).join(' or ')}`)
  if (sku) parts.push(sku.length === 1 ? `SKU ${sku[0]}` : `one of ${sku.length} SKUs`)
  if (failures) parts.push('an outcome without a match')
  if (job) parts.push('that sync the last to ask for them')
  return parts.length === 0 ? 'All products, in every marketplace.' : `Rows with ${parts.join(', ')}.`
}

const stateWord = (state) => productStates.find((one) => one.state === state)?.label.toLowerCase() ?? state
