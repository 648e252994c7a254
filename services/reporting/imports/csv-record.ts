/** What a text is, read as one CSV record (RFC 4180). */
export type CsvRecord =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  /** A quoted value has not ended: the record goes on in the next line, or the quote is a mistake. */
  | { readonly kind: 'open'; readonly column: number }
  | { readonly kind: 'broken'; readonly problem: string }

const QUOTE = '"'

/**
 * Splits one record at its commas. Quotes enclose whole values and are doubled inside; the one exception is `="0123"`,
 * which is how programs keep a spreadsheet from eating zeros, and which is taken as it stands.
 */
export function parseCsvRecord(text: string): CsvRecord {
  if (!text.includes(QUOTE)) return { kind: 'values', values: text.split(',') }
  const values: string[] = []
  let at = 0
  for (;;) {
    const column = values.length + 1
    if (text[at] !== QUOTE) {
      const comma = text.indexOf(',', at)
      const end = comma === -1 ? text.length : comma
      const value = text.slice(at, end)
      if (value.includes(QUOTE) && !/^\s*="[^"]*"\s*$/.test(value)) {
        return {
          kind: 'broken',
          problem: `a quote stands inside the value of column ${column}: put the whole value in quotes and double those inside ("12"" ruler")`,
        }
      }
      values.push(value)
      if (comma === -1) return { kind: 'values', values }
      at = comma + 1
      continue
    }
    const close = closingQuote(text, at + 1)
    if (close === -1) return { kind: 'open', column }
    values.push(text.slice(at + 1, close).replaceAll('""', QUOTE))
    if (close + 1 === text.length) return { kind: 'values', values }
    if (text[close + 1] !== ',') {
      return {
        kind: 'broken',
        problem: `something follows the closing quote of column ${column}: double the quotes inside a value ("12"" ruler")`,
      }
    }
    at = close + 2
  }
}

/** Where the quoted value that begins at `from` ends: at the first quote that is not one of two. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf(QUOTE, from); at !== -1; at = text.indexOf(QUOTE, at + 2)) {
    if (text[at + 1] !== QUOTE) return at
  }
  return -1
}
