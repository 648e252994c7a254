import type { CodeType, InvalidCode, Repair } from './types.ts'

/** A cell of a list reduced to the characters of its code. */
export type Cleaned =
  | {
      readonly ok: true
      readonly text: string
      readonly repairs: readonly Repair[]
      readonly label: CodeType | null
    }
  | { readonly ok: false; readonly code: InvalidCode; readonly reason: string }

/** No code needs more room than this, whatever is wrapped around it. */
const MAX_LENGTH = 100

const PLACEHOLDER =
  /^(?:n\/?a|none|null|nil|nan|undefined|unknown|tbd|tba|x+|-+|\?+|\.+|#+n\/?a|no (?:upc|ean|gtin|barcode)|does not apply|not applicable|exempt)$/i
const LABEL =
  /^(UPC(?:-?[AE])?|EAN(?:-?(?:8|13))?|JAN|GTIN(?:-?(?:8|12|13|14))?|ISBN(?:-?1[03])?|ITF-?14|barcode)(?:\s*(?:no\.?|code))?[\s:#.=]+(?=\S)/i
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g
const DASHES_AND_SPACES = /[\s_\u2010-\u2015\u2212-]/g

/** The raw text for a message, cut to a readable length. */
export const quote = (raw: string): string => `"${raw.length > 40 ? raw.slice(0, 40) + '…' : raw}"`

const refuse = (code: InvalidCode, reason: string): Cleaned => ({ ok: false, code, reason })

const labelType = (label: string): CodeType | null => {
  const name = label.toUpperCase().replace('-', '')
  if (name === 'BARCODE') return null
  if (name.startsWith('GTIN') || name.startsWith('ITF')) return 'GTIN'
  if (name.startsWith('ISBN')) return 'ISBN'
  if (name === 'UPCA') return 'UPC-A'
  if (name === 'UPCE') return 'UPC-E'
  if (name === 'EAN8') return 'EAN-8'
  if (name === 'EAN13') return 'EAN-13'
  return name === 'JAN' ? 'JAN' : name === 'EAN' ? 'EAN' : 'UPC'
}

const unwrap = (text: string): string => {
  for (;;) {
    const next = text
      .replace(/^=\s*(?=["\d])/, '')
      .replace(/^["'`\u2018\u2019\u201c\u201d]+|["'`\u2018\u2019\u201c\u201d]+$/g, '')
      .replace(/^\(01\)\s*(?=\d{14}$)/, '')
      .trim()
    if (next === text) return text
    text = next
  }
}

/** Undoes what spreadsheets and people do to a code; refuses what can not be undone without guessing. */
export const clean = (raw: string | null | undefined): Cleaned => {
  if (raw === null || raw === undefined)
    return refuse('EMPTY', 'There is no code: add the UPC, EAN, GTIN or ISBN.')
  // Most cells are whole, and an import has a million of them.
  if (/^\d{8,14}$/.test(raw) && !/^0+$/.test(raw)) return { ok: true, text: raw, repairs: [], label: null }
  const given = quote(raw.trim())
  if (raw.length > MAX_LENGTH) {
    return refuse('NOT_DIGITS', `${given} is too long for a code: give one UPC, EAN, GTIN or ISBN.`)
  }
  const repairs: Repair[] = []
  let text = raw.normalize('NFKC').replace(INVISIBLE, '').trim()
  if (/\d/.test(text) && [...raw].some((c) => c > '\u007f' && /\d/.test(c.normalize('NFKC')))) {
    repairs.push('unicode_digits')
  }
  const unwrapped = unwrap(text)
  if (unwrapped !== text) repairs.push('wrapper')
  text = unwrapped
  if (text === '') return refuse('EMPTY', 'There is no code: add the UPC, EAN, GTIN or ISBN.')
  if (PLACEHOLDER.test(text)) {
    return refuse('PLACEHOLDER', `${given} stands in for a code: replace it by the UPC, EAN, GTIN or ISBN.`)
  }

  let label: CodeType | null = null
  const labelled = LABEL.exec(text)
  if (labelled) {
    label = labelType(labelled[1]!)
    text = unwrap(text.slice(labelled[0].length))
    repairs.push('label')
  }

  if (/^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i.test(text)) {
    return refuse(
      'SCIENTIFIC_NOTATION',
      `${given} has lost digits in a spreadsheet, and they can not be guessed: export the column as text from its source.`,
    )
  }
  const parts = text.split(/[\s,;/|&]+/)
  if (parts.length > 1 && parts.every((part) => /^\d[\d-]{7,}$/.test(part))) {
    return refuse(
      'MULTIPLE_CODES',
      `${given} is more than one code: give each product one row with one code.`,
    )
  }
  const withoutZero = text.replace(/^(\d+)[.,]0+$/, '$1')
  if (withoutZero !== text) repairs.push('decimal_zero')
  text = withoutZero
  const grouped = /^\d{1,3}(?:,\d{3})+$|^\d{1,3}(?:\.\d{3}){2,}$/.test(text)
  const bare = (grouped ? text.replace(/[.,]/g, '') : text.replace(DASHES_AND_SPACES, '')).toUpperCase()
  if (bare !== text.toUpperCase()) repairs.push('separators')

  if (/^B0[0-9A-Z]{8}$/.test(bare)) {
    return refuse(
      'ASIN',
      `${given} is an ASIN, Amazon's own number: give the UPC, EAN, GTIN or ISBN instead.`,
    )
  }
  if (!/^\d+$/.test(bare) && !/^\d{8,9}X$/.test(bare)) {
    return refuse(
      'NOT_DIGITS',
      `${given} is not a product code: a UPC, EAN or GTIN has digits only, an ISBN-10 may end in X.`,
    )
  }
  if (/^0+$/.test(bare)) {
    return refuse('PLACEHOLDER', `${given} is only zeros: replace it by the UPC, EAN, GTIN or ISBN.`)
  }
  return { ok: true, text: bare, repairs, label }
}
