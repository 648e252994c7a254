import { Problem } from '#libs/service/problem.ts'
import type { Line } from './lines.ts'
import { fieldNamed, type ProductField, type Row, shownValue, toRow } from './product-row.ts'

const known = 'sku, upc, title, brand, supplier, category, packQuantity'

/** Products from lines of JSON objects. Empty lines count as lines and are passed over. */
export async function* ndjsonRows(lines: AsyncIterable<readonly Line[]>): AsyncGenerator<readonly Row[]> {
  for await (const some of lines) {
    const rows = some.filter((line) => 'problem' in line || line.text.trim() !== '').map(toNdjsonRow)
    if (rows.length > 0) yield rows
  }
}

function toNdjsonRow(line: Line): Row {
  if ('problem' in line) return { line: line.number, errors: [{ line: line.number, message: line.problem }] }
  let value: unknown
  try {
    value = JSON.parse(line.text)
  } catch (error) {
    const message = `is not valid JSON: ${(error as Error).message}`
    return { line: line.number, errors: [{ line: line.number, message }] }
  }
  return objectRow(line.number, value)
}

/**
 * Products from a JSON document: one object, or an array whose positions, counted from 1, are the lines. Throws 400 for
 * anything else.
 */
export async function* jsonRows(document: unknown): AsyncGenerator<readonly Row[]> {
  const items = Array.isArray(document) ? document : [document]
  if (!Array.isArray(document) && !isObject(document)) {
    throw new Problem('invalid-document', `the body must be a product or an array of products: ${known}`)
  }
  for (let from = 0; from < items.length; from += 1_000) {
    yield items.slice(from, from + 1_000).map((item, i) => objectRow(from + i + 1, item))
  }
}

function objectRow(line: number, value: unknown): Row {
  if (!isObject(value)) return { line, errors: [{ line, message: `must be a JSON object with ${known}` }] }
  const fields: Partial<Record<ProductField, unknown>> = {}
  for (const [name, content] of Object.entries(value)) {
    const field = fieldNamed(name)
    const problem = !field
      ? `is not a field: remove it; the fields are ${known}`
      : field in fields
        ? 'stands there twice, in two spellings: keep one'
        : undefined
    if (problem)
      return { line, errors: [{ line, field: name.slice(0, 60), message: problem, ...shownValue(content) }] }
    fields[field as ProductField] = content
  }
  return toRow(line, fields)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
