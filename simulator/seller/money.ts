/** Amounts with their currency. */

import { moneyOf } from '../catalogue/money.ts'

export interface Money {
  readonly currency: string
  /** In the currency's smallest unit: cents, or yen. */
  readonly amount: number
}

/** As a JSON number, such as 12.5. */
export const toNumber = ({ currency, amount }: Money): number => moneyOf(currency).toNumber(amount)

/** As a decimal text, such as `12.50`. */
export const toText = ({ currency, amount }: Money): string => moneyOf(currency).toText(amount)

export const times = ({ currency, amount }: Money, factor: number): Money => ({
  currency,
  amount: Math.round(amount * factor),
})

/** The sum of amounts of one currency; `currency` is that of an empty sum. */
export function sum(amounts: Iterable<Money>, currency: string): Money {
  let total = 0
  for (const { amount } of amounts) total += amount
  return { currency, amount: total }
}
