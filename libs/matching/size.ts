/** Contents that a title names, such as 12 oz: an amount in the base unit of its dimension. */
export interface Size {
  readonly dimension: 'mass' | 'volume' | 'dose' | 'storage' | 'length'
  /** Grams, millilitres, milligrams, gigabytes or inches. */
  readonly amount: number
}

const factors: readonly (readonly [RegExp, readonly (readonly [Size['dimension'], number])[]])[] = [
  [/^fl\.? ?(?:oz|ounces?)\.?$/, [['volume', 29.5735]]],
  // An ounce without "fl" is a weight on a bag of coffee and a volume on a bottle.
  [
    /^(?:oz|ounces?)$/,
    [
      ['mass', 28.3495],
      ['volume', 29.5735],
    ],
  ],
  [/^(?:ml|milliliters?|millilitres?)$/, [['volume', 1]]],
  [/^cl$/, [['volume', 10]]],
  [/^(?:l|lt|ltr|liters?|litres?)$/, [['volume', 1000]]],
  [/^(?:gal|gallons?)$/, [['volume', 3785.41]]],
  [/^(?:qt|quarts?)$/, [['volume', 946.353]]],
  [/^(?:g|gr|grams?|gramm)$/, [['mass', 1]]],
  [/^(?:kg|kilo|kilograms?)$/, [['mass', 1000]]],
  [/^(?:lbs?|pounds?)$/, [['mass', 453.592]]],
  [/^(?:mg|milligrams?)$/, [['dose', 1]]],
  [/^gb$/, [['storage', 1]]],
  [/^tb$/, [['storage', 1000]]],
  [/^(?:inch|inches|zoll|")$/, [['length', 1]]],
]

const sizePattern =
  /(?<![\d.,])(\d+(?:[.,]\d+)*)[\s-]*(fl\.? ?(?:oz|ounces?)\.?|oz|ounces?|ml|milliliters?|millilitres?|cl|ltr|lt|liters?|litres?|l|gal|gallons?|qt|quarts?|kilograms?|kilo|kg|mg|milligrams?|grams?|gramm|gr|g|lbs?|pounds?|gb|tb|inches|inch|zoll|")(?![\p{L}\p{N}])/giu

const toNumber = (text: string): number =>
  Number(/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text.replace(',', '.'))

/** Every size in a title. */
export const sizesOf = (title: string | null): readonly Size[] => {
  const sizes: Size[] = []
  for (const [, amount, unit] of (title ?? '').matchAll(sizePattern)) {
    const value = toNumber(amount!)
    if (!(value > 0)) continue
    const meaning = factors.find(([pattern]) => pattern.test(unit!.toLowerCase()))
    for (const [dimension, factor] of meaning?.[1] ?? []) sizes.push({ dimension, amount: value * factor })
  }
  return sizes
}

/** Labels round: 16.9 oz is 500 ml. */
const TOLERANCE = 0.03

/** Whether two titles name the same contents: 1 some size agrees, −1 comparable ones all differ, 0 can not be said. */
export const compareSizes = (ours: readonly Size[], theirs: readonly Size[]): -1 | 0 | 1 => {
  let comparable = false
  for (const a of ours) {
    for (const b of theirs) {
      if (a.dimension !== b.dimension) continue
      comparable = true
      if (Math.abs(a.amount - b.amount) <= TOLERANCE * Math.max(a.amount, b.amount)) return 1
    }
  }
  return comparable ? -1 : 0
}
