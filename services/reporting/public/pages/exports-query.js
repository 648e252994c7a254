import { productStates } from '../kit.js'

const NAMES = ['state', 'supplier', 'brand', 'category', 'sku', 'asin', 'job']

/** The page's address as GET /products/export takes it. */
export function exportQuery(search) {
  return Object.fromEntries(
    NAMES.filter((name) => search[name]?.length > 0).map((name) => [name, search[name]]),
  )
}

/** An export in words. */
export function exportWords({ state, job, sku, ...filter }) {
  const parts = Object.entries(filter).map(
    ([name, values]) => `${name === 'asin' ? 'ASIN' : name} ${values.join(' or ')}`,
  )
  if (state) parts.push(`state ${state.map(stateWord).join(' or ')}`)
  if (sku) parts.push(sku.length === 1 ? `SKU ${sku[0]}` : `one of ${sku.length} SKUs`)
  if (job) parts.push('that sync the last to ask for them')
  return parts.length === 0 ? 'All products, in every marketplace.' : `Rows with ${parts.join(', ')}.`
}

const stateWord = (state) => productStates.find((one) => one.state === state)?.label.toLowerCase() ?? state
