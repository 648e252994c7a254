import { checkDigit } from './check-digit.ts'
import { clean, quote } from './clean.ts'
import { type Reading, readingsOf } from './readings.ts'
import { restrictionOf } from './restricted.ts'
import type {
  CodeKind,
  CodeType,
  Flag,
  InvalidCode,
  InvalidGtin,
  PackLevel,
  ParsedCode,
  ParseHints,
  Repair,
} from './types.ts'

const gtinKinds: readonly CodeKind[] = ['UPC-A', 'EAN-13', 'EAN-8', 'ISBN-13', 'GTIN-14']
// A UPC-A is an EAN-13 that begins with 0.
const eanKinds: readonly CodeKind[] = ['EAN-13', 'EAN-8', 'ISBN-13', 'UPC-A']
const isbnKinds: readonly CodeKind[] = ['ISBN-10', 'ISBN-13']

const kindsOfType: Readonly<Record<CodeType, readonly CodeKind[]>> = {
  UPC: ['UPC-A', 'UPC-E'],
  'UPC-A': ['UPC-A'],
  'UPC-E': ['UPC-E'],
  EAN: eanKinds,
  'EAN-8': ['EAN-8'],
  'EAN-13': ['EAN-13', 'ISBN-13', 'UPC-A'],
  JAN: eanKinds,
  GTIN: gtinKinds,
  'GTIN-14': gtinKinds,
  ISBN: isbnKinds,
  'ISBN-10': isbnKinds,
  'ISBN-13': isbnKinds,
}

const invalid = (code: InvalidCode, reason: string): InvalidGtin => ({
  status: 'invalid',
  gtin14: null,
  repair: null,
  code,
  reason,
})

/** Why characters without a reading have none. */
const unreadable = (text: string, given: string): InvalidGtin => {
  const n = text.length
  if (n < 8) {
    const upcE =
      n === 6 ? ' If it is a UPC-E without number system and check digit, give its type as UPC-E.' : ''
    return invalid(
      'LENGTH',
      `${given} has ${n} digit${n === 1 ? '' : 's'}, too few for a product code (8, 12, 13 or 14): give the whole code.${upcE}`,
    )
  }
  if (n > 14) {
    return invalid(
      'LENGTH',
      `${given} has ${n} digits, too many for a product code (8, 12, 13 or 14): give one code.`,
    )
  }
  if (n === 11) {
    return invalid(
      'MISSING_CHECK_DIGIT',
      `${given} has 11 digits and is no UPC that lost its first zero. If the list leaves check digits out, ` +
        'say so (assume missing check); otherwise correct the code at its source.',
    )
  }
  if (n <= 10) {
    const tried = n === 8 ? 'EAN-8 or UPC-E' : 'ISBN-10 or UPC that lost its first zeros'
    return invalid(
      'CHECK_DIGIT',
      `${given} is no ${tried}: its check digit is wrong. Correct the code at its source.`,
    )
  }
  return invalid(
    'CHECK_DIGIT',
    `${given} has the check digit ${text.at(-1)} where ${checkDigit(text.slice(0, -1))} belongs: look for a mistyped ` +
      'or swapped digit and correct the code at its source.',
  )
}

const packLevelOf = (gtin14: string): PackLevel =>
  gtin14.startsWith('0') ? 'base' : gtin14.startsWith('9') ? 'variable' : 'case'

const baseOf = (gtin14: string): string => {
  const body = '0' + gtin14.slice(1, 13)
  return body + checkDigit(body)
}

const describe = (
  reading: Reading,
  repairs: readonly Repair[],
  flags: readonly Flag[],
  alternatives: readonly string[],
): ParsedCode => {
  const { gtin14, kind } = reading
  const packLevel = packLevelOf(gtin14)
  const known = {
    gtin14,
    kind,
    repair: repairs.length > 0 ? repairs.join('+') : null,
    repairs,
    packLevel,
    baseGtin14: packLevel === 'case' ? baseOf(gtin14) : null,
    flags,
    alternatives,
  }
  const restriction = restrictionOf(gtin14)
  if (!restriction) return { status: 'valid', code: null, reason: null, ...known }
  return {
    status: 'restricted',
    code: restriction.code,
    reason:
      `${gtin14} ${restriction.what} (prefix ${restriction.prefix}): ` +
      "ask the supplier for the manufacturer's GTIN.",
    ...known,
  }
}

/**
 * Understands a product code as lists have it: UPC-A, UPC-E, EAN-8, EAN-13, GTIN-14, ISBN-10, ISBN-13, with the
 * damage of spreadsheets repaired where a check digit confirms it, and refused where it would be a guess.
 * Never throws.
 *
 * Sources: GS1 General Specifications (check digits, UPC-E, prefixes, packaging indicators), ISBN Users' Manual.
 */
export const parseCode = (raw: string | null | undefined, hints: ParseHints = {}): ParsedCode => {
  const cleaned = clean(raw)
  if (!cleaned.ok) return invalid(cleaned.code, cleaned.reason)
  const { text } = cleaned
  const given = quote((raw ?? '').trim())
  const type = hints.type ?? cleaned.label
  const readings = readingsOf(text, type ? { ...hints, type } : hints)
  if (readings.length === 0) return unreadable(text, given)

  const fitting = type ? readings.filter((reading) => kindsOfType[type].includes(reading.kind)) : readings
  const flags: Flag[] = []
  let usable = fitting
  if (fitting.length === 0) {
    // A label such as `UPC:` is loose talk; only what the caller says refuses a code.
    if (hints.type && text.length < 12) {
      const kinds = [...new Set(readings.map((reading) => reading.kind))].join(' or ')
      return invalid(
        'TYPE_MISMATCH',
        `${given} is not the ${hints.type} that it is said to be, but would do as ${kinds}: correct the code or its type.`,
      )
    }
    flags.push('type_mismatch')
    usable = readings
  }

  const sellable = usable.filter((reading) => !restrictionOf(reading.gtin14))
  const [first, ...others] = sellable.length > 0 ? sellable : usable
  const chosen = first!
  const alternatives = [...new Set(others.map((reading) => reading.gtin14))].filter(
    (g) => g !== chosen.gtin14,
  )
  if (alternatives.length > 0) flags.push('ambiguous')
  if (/0{6}$/.test(text)) flags.push('possibly_rounded')
  return describe(chosen, [...cleaned.repairs, ...chosen.repairs], flags, alternatives)
}
