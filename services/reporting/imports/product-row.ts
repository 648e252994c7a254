import type { ProductInput } from '#libs/db/products.ts'

/** What is wrong with a line, and with which of its fields when it is one of them. */
export interface RowError {
  readonly line: number
  readonly field?: string
  readonly message: string
  /** What stands in the field, its first 200 characters. */
  readonly value?: string
}

/** A line as a product, or what is wrong with it. */
export type Row =
  | { readonly line: number; readonly product: ProductInput }
  | { readonly line: number; readonly errors: readonly RowError[] }

export type ProductField = keyof ProductInput

/** The fields of an import, by the names of CSV columns. */
export const columnNames = ['sku', 'upc', 'title', 'brand', 'supplier', 'category', 'pack_quantity'] as const

const fieldsByName: ReadonlyMap<string, ProductField> = new Map<string, ProductField>([
  ['sku', 'sku'],
  ['upc', 'upc'],
  ['title', 'title'],
  ['brand', 'brand'],
  ['supplier', 'supplier'],
  ['category', 'category'],
  ['pack_quantity', 'packQuantity'],
  ['packquantity', 'packQuantity'],
])

/** `pack_quantity` and `packQuantity` alike, in any case; undefined for what is no field. */
export function fieldNamed(name: string): ProductField | undefined {
  return fieldsByName.get(name.trim().toLowerCase())
}

const maxLength: Readonly<Record<Exclude<ProductField, 'packQuantity'>, number>> = {
  sku: 255,
  upc: 64,
  title: 10_000,
  brand: 255,
  supplier: 255,
  category: 255,
}
const MAX_INT = 2_147_483_647
/** Characters of a value that a report shows. */
const MAX_SHOWN = 200

/**
 * Checks the values that a line brings. A value is a string, a number or null; undefined keeps what is stored. A code
 * may be anything that fits: whether it is one is for the sync to say.
 */
export function toRow(line: number, values: Readonly<Partial<Record<ProductField, unknown>>>): Row {
  const errors: RowError[] = []
  const reject = (field: ProductField, message: string): void =>
    void errors.push({ line, field, message, ...shownValue(values[field]) })
  const product: Partial<Record<ProductField, string | number | null>> = {}
  for (const [field, value] of Object.entries(values) as [ProductField, unknown][]) {
    if (value === undefined) continue
    if (field === 'packQuantity') {
      const quantity = toPackQuantity(value)
      if (quantity === undefined) {
        reject(field, `must be a whole number from 1 to ${MAX_INT}, or empty${shown(value)}`)
      } else product[field] = quantity
      continue
    }
    const problem = textProblem(field, value)
    if (problem) reject(field, problem)
    else product[field] = value === null ? null : String(value)
  }
  if (errors.every((error) => error.field !== 'sku')) {
    const { sku } = product
    if (typeof sku !== 'string' || sku.trim() === '') reject('sku', 'is missing: every product needs a sku')
  }
  return errors.length > 0 ? { line, errors } : { line, product: product as ProductInput }
}

function textProblem(field: Exclude<ProductField, 'packQuantity'>, value: unknown): string | undefined {
  if (value === null) return undefined
  // Codes often come as numbers; the zeros that were lost on the way are for the sync to find.
  const digits = (field === 'sku' || field === 'upc') && Number.isSafeInteger(value)
  if (typeof value !== 'string') return digits ? undefined : `must be a string or null${shown(value)}`
  if (value.includes('\0')) return 'has a NUL character, which PostgreSQL can not store: remove it'
  if (!value.isWellFormed()) return 'has half of a surrogate pair, which is no character: correct it'
  const max = maxLength[field]
  // Code points, as PostgreSQL counts; the cheap length is never smaller.
  if (value.length > max && [...value].length > max) return `is longer than ${max} characters: shorten it`
  return undefined
}

function toPackQuantity(value: unknown): number | null | undefined {
  if (value === null) return null
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,10}$/.test(value)
        ? Number(value)
        : 0
  return Number.isInteger(number) && number >= 1 && number <= MAX_INT ? number : undefined
}

/** The value of a field as a report shows it; nothing for a field that is empty or not there. */
export function shownValue(value: unknown): { readonly value?: string } {
  if (value === undefined || value === null || value === '') return {}
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { value: text.slice(0, MAX_SHOWN).toWellFormed() }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return ` (it is ${text.length > 40 ? `${text.slice(0, 40)}…` : text})`
}
