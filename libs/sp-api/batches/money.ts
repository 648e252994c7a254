/**
 * A JSON number as a plain decimal, such as `"19.9"`: without an exponent, without a zero that says nothing.
 *
 * What Amazon sends is a decimal of a few digits, and JSON.parse makes the nearest double of it. The shortest decimal
 * that stands for that double, which is what `String` writes (ECMA-262, Number::toString), is the decimal that was sent
 * whenever that has no more than 15 significant digits: no two of these share a double (IEEE 754, DBL_DIG). Longer ones
 * that Amazon sends are doubles written out in full, such as 0.1000000000000000055; of these it gives 0.1 back.
 *
 * A decimal that comes as a text, as in newer APIs, is kept digit by digit. Throws a RangeError for what is no number.
 */
export function decimalOf(value: number | string): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError(`${value} is no decimal number`)
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(String(value).trim())
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || whole + fraction === '')
    throw new RangeError(`"${String(value).slice(0, 40)}" is no decimal number`)
  // The point moves by the exponent; zeros fill what it passes.
  const shift = Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`
  const point = whole.length + Math.max(0, -shift) + shift
  const integer = digits.slice(0, point).replace(/^0+(?=.)/, '') || '0'
  const rest = digits.slice(point).replace(/0+$/, '')
  const plain = rest === '' ? integer : `${integer}.${rest}`
  return sign === '-' && plain !== '0' ? `-${plain}` : plain
}

export interface Money {
  readonly currency: string
  /** A plain decimal, in units of the currency. */
  readonly amount: string
}

/** Amazon's money: capitals in older APIs, and a number or a text. */
export interface AmazonMoney {
  readonly CurrencyCode?: string
  readonly Amount?: number | string
  readonly currencyCode?: string
  readonly amount?: number | string
}

/** Null when there is no money, or half of it: both the amount and the currency are optional in Amazon's models. */
export function moneyOf(money: AmazonMoney | null | undefined): Money | null {
  const currency = money?.currencyCode ?? money?.CurrencyCode
  const amount = money?.amount ?? money?.Amount
  return currency === undefined || currency === '' || amount === undefined
    ? null
    : { currency, amount: decimalOf(amount) }
}
