import { isAscii } from './text.ts'

/** How many units a listing sells together, as its title and its package quantity say. */
export interface Pack {
  /** Packs sold together: "Pack of 3". */
  readonly packs: number | null
  /** Pieces in one pack: "6 Count". */
  readonly count: number | null
  /** `packs` × `count` where one is known. */
  readonly total: number | null
}

const words: Readonly<Record<string, number>> = {
  single: 1,
  one: 1,
  twin: 2,
  double: 2,
  two: 2,
  triple: 3,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  dozen: 12,
}
const number = `(\\d{1,4}|${Object.keys(words).join('|')})`
const units = '(?:fl|oz|ounces?|ml|cl|l|lit(?:er|re)s?|g|kg|lbs?|pounds?|count|ct|pcs?|pieces?)'

/** A pattern that begins with a number is tried at every one; `hint` says fast that it can not hit at all. */
interface NumberPattern {
  readonly hint: RegExp
  readonly pattern: RegExp
}

const packPatterns: readonly NumberPattern[] = [
  {
    hint: /pack|pk|case|lot|bundle|paquete|confezione/,
    pattern: new RegExp(
      `\\b(?:packs?|pk|case|lot|bundle|multipack|paquete|confezione|packung|lote)\\s*(?:of|de|da|mit|von|à)\\s*${number}\\b`,
      'g',
    ),
  },
  {
    hint: /pack|pk|pck|lot/,
    pattern: new RegExp(
      `(?<![\\d.,])\\b${number}[\\s-]*(?:er[\\s-]*)?(?:packs?|pks?|pck|multipack|lot)\\b(?!\\s*of\\b)`,
      'g',
    ),
  },
  {
    hint: /[x×]/,
    pattern: new RegExp(`(?<![\\d.,])\\b(\\d{1,3})\\s*[x×]\\s*(?=\\d+(?:[.,]\\d+)?\\s*${units}\\b)`, 'g'),
  },
  { hint: /\(\s*x/, pattern: /\(\s*x\s*(\d{1,3})\s*\)/g },
  { hint: /セット|パック/, pattern: /(\d{1,3})\s*(?:個|本|袋|箱|枚)?(?:セット|パック)/g },
]
const countPatterns: readonly NumberPattern[] = [
  {
    hint: /count|ct|cnt|pc|piece|stuck|stk|unidades|unites|pezzi|tablet|capsule|softgel|roll|pair/,
    pattern: new RegExp(
      `(?<![\\d.,])\\b${number}[\\s-]*(?:count|counts|ct|cnt|pcs?|pieces?|stuck|stk|unidades|unites|pezzi|tablets?|capsules?|softgels?|rolls?|pairs?)\\b`,
      'g',
    ),
  },
  { hint: /(?:set|box)\s+of/, pattern: new RegExp(`\\b(?:set|box)\\s+of\\s+${number}\\b`, 'g') },
]

/** The number that all hits of the patterns agree on; null without a hit or when they differ. */
const agreed = (title: string, patterns: readonly NumberPattern[]): number | null => {
  let found: number | null = null
  for (const { hint, pattern } of patterns) {
    if (!hint.test(title)) continue
    for (const hit of title.matchAll(pattern)) {
      const value = words[hit[1]!] ?? Number(hit[1])
      if (!(value > 0) || value === found) continue
      if (found !== null) return null
      found = value
    }
  }
  return found
}

/** The marks of Japanese kana are no accents. */
const withoutAccents = (text: string): string =>
  isAscii(text)
    ? text
    : text
        .normalize('NFKD')
        .replace(/(?!\u3099|\u309a)\p{M}/gu, '')
        .normalize('NFC')

/**
 * Reads a pack from a title and a stated quantity. A title that says "Pack of 3" outweighs a stated 1, which is what
 * catalogues fill in by default; any other disagreement leaves the pack unknown.
 */
export const packOf = (title: string | null, quantity: number | null): Pack => {
  const text = withoutAccents(title ?? '').toLowerCase()
  const inTitle = agreed(text, packPatterns)
  let count = agreed(text, countPatterns)
  const stated = quantity !== null && Number.isInteger(quantity) && quantity > 0 ? quantity : null
  let packs = stated ?? inTitle
  if (stated !== null && inTitle !== null && stated !== inTitle) {
    packs = stated === 1 || stated === inTitle * (count ?? 0) ? inTitle : null
    if (packs === null) count = null
  } else if (inTitle === null && stated !== null && stated > 1 && stated === count) {
    // One and the same six: "6 Count" with a package quantity of 6 is not thirty-six.
    packs = 1
  }
  return { packs, count, total: packs === null && count === null ? null : (packs ?? 1) * (count ?? 1) }
}

/** Whether two packs hold the same: 1 yes, −1 no, 0 can not be said. */
export const comparePacks = (ours: Pack, theirs: Pack): -1 | 0 | 1 => {
  if (ours.total === null || theirs.total === null) return 0
  const countsDiffer = ours.count !== null && theirs.count !== null && ours.count !== theirs.count
  if (ours.packs !== null && ours.packs === theirs.packs) return countsDiffer ? -1 : 1
  if (ours.total === theirs.total && ours.total > 1) return 1
  if (ours.packs !== null && theirs.packs !== null) return -1
  if (countsDiffer) return -1
  return 0
}

export const describePack = (pack: Pack): string => {
  if (pack.packs === null) return pack.count === null ? 'unknown' : `${pack.count} count`
  return pack.count === null ? String(pack.packs) : `${pack.packs} × ${pack.count} count`
}
