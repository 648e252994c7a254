/**
 * Texts that spreadsheet programs take for formulas: opened there, such a cell of a CSV is run. Source: OWASP, CSV
 * Injection; the full-width forms count as well.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/** A text that no spreadsheet program takes for a formula: an apostrophe before what it would run. */
export function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** An identifier that a spreadsheet program shows as it is: without this it makes a number of it, and drops its zeros. */
export function asTextFormula(identifier: string): string {
  return /^\d+$/.test(identifier) ? `="${identifier}"` : withoutFormula(identifier)
}

/** What was meant by a cell that `withoutFormula` or `asTextFormula` has written. */
export function fromSpreadsheetText(cell: string): string {
  const [, identifier] = /^="(\d+)"$/.exec(cell) ?? []
  if (identifier !== undefined) return identifier
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
}
