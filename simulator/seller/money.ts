/** Amounts of money as whole numbers of the currency's smallest unit, so that sums are exact. */

export interface Money {
  readonly currency: string
  /** Cents, or yen where there are none. */
  readonly minor: number
}

/** Digits after the point (ISO 4217), for the currencies of Amazon's marketplaces that do not have two. */
const DECIMALS: Readonly<Record<string, number>> = { JPY: 0 }
/** How far prices are from those in dollars. Round figures, not rates of any day. */
const LEVELS: Readonly<Record<string, number>> = {
  BRL: 5,
  EGP: 50,
  INR: 85,
  JPY: 150,
  MXN: 18,
  SEK: 10,
  TRY: 40,
  ZAR: 18,
}

export const decimalsOf = (currency: string): number => DECIMALS[currency] ?? 2

/** A price in dollar cents as a price of a marketplace in that currency. */
export function localPrice(cents: number, currency: string): Money {
  const major = (cents / 100) * (LEVELS[currency] ?? 1)
  return { currency, minor: Math.round(major * 10 ** decimalsOf(currency)) }
}

/** As JSON numbers have it: `12.5`. */
export const toNumber = ({ currency, minor }: Money): number => minor / 10 ** decimalsOf(currency)

/** As decimal text has it: `12.50`. */
export const toDecimal = (money: Money): string => toNumber(money).toFixed(decimalsOf(money.currency))

export const times = ({ currency, minor }: Money, factor: number): Money => ({
  currency,
  minor: Math.round(minor * factor),
})

/** The sum of amounts of one currency; `currency` is that of an empty sum. */
export function sum(amounts: Iterable<Money>, currency: string): Money {
  let minor = 0
  for (const amount of amounts) minor += amount.minor
  return { currency, minor }
}
