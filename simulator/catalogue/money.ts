/** Amounts of a currency as whole numbers of its smallest unit (ISO 4217): cents, or yen. */

export interface Money {
  readonly currency: string
  /** Digits after the decimal point: 2, or 0 for yen. */
  readonly digits: number
  fromDollars(dollars: number): number
  round(amount: number): number
  /** The amount with a price's usual ending, picked by a hash: …99, …95, …49, …00, or as it comes. */
  withEnding(amount: number, hash: number): number
  /** As a JSON number, such as 17.15. */
  toNumber(amount: number): number
  /** As a decimal text, such as `17.10`. */
  toText(amount: number): string
}

/** What a dollar is roughly worth; only the order of size matters. */
const DOLLAR: Readonly<Record<string, number>> = {
  USD: 1, CAD: 1.36, MXN: 18, BRL: 5.1, EUR: 0.92, GBP: 0.79, SEK: 10.5, ZAR: 18.4, PLN: 4, EGP: 48, TRY: 33,
  SAR: 3.75, AED: 3.67, INR: 84, SGD: 1.34, AUD: 1.52, JPY: 150,
} // biome-ignore format: a table

const ENDINGS = [99, 99, 99, 95, 49, 0, null, null]

/** Throws an Error for a currency of no marketplace. */
export function moneyOf(currency: string): Money {
  const known = moneys.get(currency)
  if (known === undefined) throw new Error(`No marketplace has the currency ${currency}.`)
  return known
}

const moneys = new Map(
  Object.entries(DOLLAR).map(([currency, dollar]) => [currency, create(currency, dollar)]),
)

function create(currency: string, dollar: number): Money {
  const digits = currency === 'JPY' ? 0 : 2
  const units = 10 ** digits
  return {
    currency,
    digits,
    fromDollars: (dollars) => Math.round(dollars * dollar * units),
    round: (amount) => Math.max(1, Math.round(amount)),
    withEnding(amount, hash) {
      const ending = ENDINGS[hash % ENDINGS.length] as number | null
      if (ending === null || digits === 0) return Math.max(1, Math.round(amount))
      return Math.max(1, Math.floor(amount / 100)) * 100 + ending
    },
    toNumber: (amount) => Number(toText(amount, digits)),
    toText: (amount) => toText(amount, digits),
  }
}

function toText(amount: number, digits: number): string {
  const text = Math.abs(amount)
    .toString()
    .padStart(digits + 1, '0')
  const sign = amount < 0 ? '-' : ''
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}
