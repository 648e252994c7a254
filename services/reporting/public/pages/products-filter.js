import { productStates, url } from '../kit.js'

/** The filters that lists, exports and syncs know, by their names in the page's address. */
const NAMES = ['marketplace', 'syncStatus', 'supplier', 'brand', 'category']
/** Values that one parameter of the API may have. */
const MAX_VALUES = 100

/** The page's address as GET /products takes it. */
export function filterOf(search) {
  const filter = {}
  for (const name of NAMES) if (search[name]?.length > 0) filter[name] = search[name]
  return filter
}

/**
 * What a text may be beside the beginning of a SKU, as filters of GET /products: a code, also in the other forms in which
 * owners write the same number; of ten letters and digits an ASIN.
 */
export function searches(term) {
  if (term === '') return {}
  const digits = term.replaceAll(/[\s-]/g, '')
  const asin = term.toUpperCase()
  return {
    upc: { upc: /^\d{6,14}X?$/i.test(digits) ? codeForms(term, digits) : [term] },
    ...(/^[A-Z0-9]{10}$/.test(asin) && { asin: { asin: [asin] } }),
  }
}

/** A number as typed, without separators, and with fewer or more zeros before it, as UPC, EAN and GTIN have. */
function codeForms(term, digits) {
  const bare = digits.replace(/^0+/, '')
  const forms = [8, 11, 12, 13, 14]
    .filter((length) => length >= bare.length)
    .map((length) => bare.padStart(length, '0'))
  return [...new Set([term, digits, bare, ...forms])].filter((form) => form !== '')
}

/** What POST /api/sync/start takes for a filter. What was searched for is named by its SKUs. @param {Record<string, any>} all @param {string} term @param {any[]} items */
export function syncRequest({ syncStatus, marketplace, ...filter }, term, items) {
  const wanted =
    term === ''
      ? { ...filter, ...(syncStatus && { status: syncStatus }) }
      : { sku: items.map(({ sku }) => sku) }
  return { filter: wanted, ...(marketplace && { marketplaces: marketplace }) }
}

/** The exports page with the same filter. @param {Record<string, any>} all @param {string} term @param {any[]} items */
export function exportAddress({ syncStatus, ...filter }, term, items) {
  if (term !== '' && items.length > 0)
    return url('/ui/exports', { sku: items.slice(0, MAX_VALUES).map(({ sku }) => sku) })
  return url('/ui/exports', { ...filter, state: syncStatus })
}

/** Suppliers, brands or categories that begin as what is typed. @param {'supplier' | 'brand' | 'category'} field */
export const suggest = (field) => (beginning) => ({
  path: '/api/products/values',
  query: { field, beginning, limit: 20 },
})

/** A choice of marketplaces, where there is more than one. */
const marketplaceFields = (marketplaces) =>
  marketplaces.length < 2
    ? []
    : [
        {
          name: 'marketplace',
          label: 'Marketplace',
          kind: 'choice',
          options: marketplaces.map(({ countryCode }) => ({ value: countryCode, label: countryCode })),
        },
      ]

/** The fields by which every list of products is narrowed. */
export const productFields = (marketplaces) => [
  ...marketplaceFields(marketplaces),
  {
    name: 'supplier',
    label: 'Supplier',
    kind: 'text',
    placeholder: 'any',
    suggest: suggest('supplier'),
  },
  { name: 'brand', label: 'Brand', kind: 'text', placeholder: 'any', suggest: suggest('brand') },
  {
    name: 'category',
    label: 'Category',
    kind: 'text',
    placeholder: 'any',
    suggest: suggest('category'),
  },
]

/** A filter in words. */
export function filterWords(filter) {
  const words = Object.entries(filter).map(([name, values]) => {
    const list = values.map((value) => (name === 'syncStatus' ? stateWord(value) : value)).join(' or ')
    return `${name === 'syncStatus' ? 'state' : name} ${list}`
  })
  return words.length === 0 ? 'All products.' : `Products with ${words.join(', ')}.`
}

const stateWord = (state) => productStates.find((one) => one.state === state)?.label.toLowerCase() ?? state
