import { checkDigit } from './check-digit.ts'
import { parseCode } from './parse.ts'
import { expandUpcE } from './upc-e.ts'

/** How a code that can not be read may have come to be what it is. */
export const proposalKinds = [
  /** A letter that looks like a digit stands for it: `O` for 0, `I` for 1. */
  'letters_read_as_digits',
  /** The code stands in other text. */
  'code_found_in_text',
  /** Several codes stand in one field; this is one of them. */
  'one_of_several',
  /** The same code twice, one after the other. */
  'repeated_code',
  /** More zeros in front than any code has. */
  'zeros_taken_off',
  /** Scientific notation that has kept all digits. */
  'digits_of_a_number',
  /** The list leaves the check digit out. */
  'check_digit_appended',
  /** Six digits are a UPC-E without number system and check digit. */
  'upc_e_expanded',
  /** The check digit itself is mistyped. */
  'check_digit_replaced',
  /** Two digits beside each other were swapped. */
  'digits_swapped',
  /** The code is whole, but can be read in another way. */
  'other_reading',
] as const
export type ProposalKind = (typeof proposalKinds)[number]

/** A code that might be meant. A guess, for a person to take or leave. */
export interface CodeProposal {
  /** What to write in its place, in the length that such codes have. */
  readonly code: string
  readonly gtin14: string
  readonly how: ProposalKind
  /** For people. */
  readonly why: string
  /** A check digit that stands in the text confirms it, and confirms nothing else. */
  readonly sure: boolean
}

interface Guess {
  readonly text: string
  readonly how: ProposalKind
  readonly why: string
  /** Its check digit stands in the text: a wrong guess would pass one time in ten. */
  readonly confirmed: boolean
}

/** What may be meant by a code that can not be looked up, the likeliest first; empty when nothing can be told. Never throws. */
export const proposeCodes = (raw: string | null | undefined): readonly CodeProposal[] => {
  const found = new Map<string, { readonly guess: Guess; readonly gtin14: string }>()
  for (const guess of guesses(raw ?? '')) {
    const parsed = parseCode(guess.text)
    if (parsed.status === 'valid' && !found.has(parsed.gtin14))
      found.set(parsed.gtin14, { guess, gtin14: parsed.gtin14 })
  }
  const confirmed = [...found.values()].filter(({ guess }) => guess.confirmed).length
  return [...found.values()]
    .map(({ guess: { how, why, confirmed: own }, gtin14 }) => ({
      code: written(gtin14),
      gtin14,
      how,
      why,
      sure: own && confirmed === 1,
    }))
    .sort((a, b) => Number(b.sure) - Number(a.sure))
}

/** As lists have it: 8, 12, 13 or 14 digits. */
const written = (gtin14: string): string => {
  const eight = gtin14.slice(6)
  const parsed = gtin14.startsWith('000000') ? parseCode(eight) : null
  if (parsed?.gtin14 === gtin14) return eight
  return gtin14.replace(/^0{1,2}/, '')
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  I: '1',
  L: '1',
  '|': '1',
  Z: '2',
  S: '5',
  G: '6',
  B: '8',
}
/** More of them, and the text is none. */
const MOST_LETTERS = 3

const guesses = (raw: string): readonly Guess[] => {
  // No code needs more room, whatever is around it.
  const text = raw.slice(0, 100).normalize('NFKC').trim()
  const digits = text.replace(/[\s._-]/g, '')
  const parsed = parseCode(raw)
  if (parsed.status !== 'invalid')
    return parsed.alternatives.map((other) => ({
      text: other,
      how: 'other_reading',
      why: 'the same characters can be read as this code',
      confirmed: false,
    }))
  switch (parsed.code) {
    case 'SCIENTIFIC_NOTATION':
      return ofNumber(text)
    case 'MULTIPLE_CODES':
      return ofSeveral(text)
    case 'NOT_DIGITS':
      return [...ofLetters(digits), ...ofText(text)]
    case 'LENGTH':
      return ofLength(digits)
    case 'MISSING_CHECK_DIGIT':
      return appended(digits)
    case 'CHECK_DIGIT':
      return ofCheckDigit(digits)
    default:
      return []
  }
}

const ofNumber = (text: string): readonly Guess[] => {
  const [, whole, fraction = '', exponent] = /(\d+)(?:[.,](\d+))?e\+?(\d+)/i.exec(text) ?? []
  // Fewer decimals than the exponent has places: the last digits are gone.
  if (whole === undefined || fraction.length !== Number(exponent)) return []
  const why = 'the number in scientific notation has all its digits, and the check digit agrees'
  return [{ text: whole + fraction, how: 'digits_of_a_number', why, confirmed: true }]
}

const ofSeveral = (text: string): readonly Guess[] =>
  text.split(/[\s,;/|&]+/).map((part, i) => ({
    text: part,
    how: 'one_of_several',
    why: `code ${i + 1} of those that stand in the field`,
    confirmed: true,
  }))

const ofLetters = (digits: string): readonly Guess[] => {
  const letters = [...digits.toUpperCase()].filter((c) => c < '0' || c > '9')
  if (letters.length > MOST_LETTERS || letters.some((c) => LOOKALIKES[c] === undefined)) return []
  const text = digits.toUpperCase().replace(/\D/g, (c) => LOOKALIKES[c] ?? c)
  const read = [...new Set(letters)].map((c) => `${c} read as ${LOOKALIKES[c]}`).join(', ')
  return [{ text, how: 'letters_read_as_digits', why: `${read}; the check digit agrees`, confirmed: true }]
}

const ofText = (text: string): readonly Guess[] =>
  [...text.matchAll(/(?<![\dA-Za-z])(?:\d{8}|\d{12,14})(?![\dA-Za-z])/g)].map(([code]) => ({
    text: code,
    how: 'code_found_in_text',
    why: 'it stands in the text, and the check digit agrees',
    confirmed: true,
  }))

const ofLength = (digits: string): readonly Guess[] => {
  if (!/^\d+$/.test(digits)) return []
  if (digits.length === 6) {
    const why = 'six digits as a UPC-E without number system and check digit; nothing confirms it'
    return [{ text: expandUpcE('0', digits), how: 'upc_e_expanded', why, confirmed: false }]
  }
  const half = digits.slice(0, digits.length / 2)
  const bare = digits.replace(/^0+/, '')
  const zeros = digits.length - bare.length
  const guesses: Guess[] = []
  if (digits.length >= 16 && half + half === digits)
    guesses.push({
      text: half,
      how: 'repeated_code',
      why: 'the same code stands there twice',
      confirmed: true,
    })
  // Whole codes only: what is put back in front would be a guess upon a guess.
  else if (digits.length > 14 && zeros > 0 && bare.length >= 11 && bare.length <= 14)
    guesses.push({
      text: bare.padStart(12, '0'),
      how: 'zeros_taken_off',
      why: `${zeros} zeros stand in front of it; the check digit agrees`,
      confirmed: true,
    })
  return guesses
}

const appended = (digits: string): readonly Guess[] => [
  {
    text: digits + checkDigit(digits),
    how: 'check_digit_appended',
    why: 'the check digit that belongs after these digits, if the list leaves it out; nothing confirms it',
    confirmed: false,
  },
]

const ofCheckDigit = (digits: string): readonly Guess[] => {
  if (!/^\d{12,14}$|^\d{8}$/.test(digits)) return []
  const swaps = [...digits].flatMap((digit, i): Guess[] => {
    const next = digits[i + 1]
    if (next === undefined || next === digit) return []
    const text = digits.slice(0, i) + next + digit + digits.slice(i + 2)
    const why = `digits ${i + 1} and ${i + 2} swapped; the check digit agrees, as it does by chance one time in ten`
    return [{ text, how: 'digits_swapped', why, confirmed: false }]
  })
  const body = digits.slice(0, -1)
  const why = `the check digit ${digits.at(-1)} replaced by ${checkDigit(body)}, if only that one is mistyped`
  return [
    ...swaps,
    { text: body + checkDigit(body), how: 'check_digit_replaced', why, confirmed: false },
    ...(digits.length === 12 ? appended(digits) : []),
  ]
}
