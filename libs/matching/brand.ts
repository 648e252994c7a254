import { containsWords, normalize, sameScript } from './text.ts'

const legalForm =
  /^(?:inc|incorporated|llc|ltd|limited|corp|corporation|co|company|companies|gmbh|ag|kg|kgaa|se|sa|sas|sarl|spa|srl|bv|nv|ab|as|oy|plc|pty|pvt|kk|group|holdings?|intl|international|usa|us|uk|brands?|store|official)$/
const noBrand = new Set([
  'na',
  'n a',
  'none',
  'null',
  'unknown',
  'generic',
  'unbranded',
  'no brand',
  'nobrand',
  'not applicable',
  'does not apply',
  'various',
  'misc',
  'other',
  'ohne marke',
  'sans marque',
  'sin marca',
  'markenlos',
  'generico',
])

/** A brand without legal form, accents and punctuation; null when the text names none ("Generic", "N/A"). */
export const normalizeBrand = (brand: string | null): string | null => {
  if (brand === null) return null
  // "Visit the Acme Store", "Brand: Acme" are what pages print around the name.
  const words = normalize(brand)
    .replace(/^(?:visit the|brand|by|the) /, '')
    .split(' ')
  while (words.length > 1 && (legalForm.test(words.at(-1)!) || words.at(-1) === 'and')) words.pop()
  const name = words.join(' ')
  return name === '' || noBrand.has(name) ? null : name
}

/** Whether at most one letter was changed, added or left out. */
const isOneEditAway = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (long.length - short.length > 1) return false
  let i = 0
  while (i < short.length && short[i] === long[i]) i++
  const rest = long.slice(i + 1)
  return short.length === long.length ? short.slice(i + 1) === rest : short.slice(i) === rest
}

const compact = (name: string): string => name.replaceAll(' ', '')

/** Of two different names one letter apart, short ones are two brands (Canon, Canyon), long ones a typing error. */
const TYPO_LENGTH = 8

/** How two brand names agree: 1 the same, 0.7 very likely the same, 0 can not be said, −1 another. */
export const compareBrands = (
  ours: string,
  theirs: string,
  aliases: readonly (readonly string[])[],
): { readonly value: number; readonly how: string } => {
  if (compact(ours) === compact(theirs)) return { value: 1, how: 'the same' }
  const isOf = (name: string, group: readonly string[]) =>
    group.some((alias) => compact(normalizeBrand(alias) ?? '') === compact(name))
  if (aliases.some((group) => isOf(ours, group) && isOf(theirs, group))) {
    return { value: 1, how: 'another name of the same' }
  }
  if (!sameScript(ours, theirs)) return { value: 0, how: 'written in another script' }
  if (containsWords(theirs, ours) || containsWords(ours, theirs))
    return { value: 0.7, how: 'one within the other' }
  const a = compact(ours)
  const b = compact(theirs)
  if (Math.min(a.length, b.length) >= TYPO_LENGTH && isOneEditAway(a, b)) {
    return { value: 0.7, how: 'one letter apart' }
  }
  return { value: -1, how: 'another' }
}
