import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalOf, moneyOf } from './money.ts'

describe('decimalOf', () => {
  it('gives back every decimal of up to 15 significant digits as it stood in the JSON', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n })
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 12 }), fc.boolean(), (number, places, negative) => {
        const padded = String(number).padStart(places + 1, '0')
        const whole = padded.slice(0, padded.length - places)
        const literal = `${negative ? '-' : ''}${whole}${places > 0 ? `.${padded.slice(-places)}` : ''}`
        const decimal = decimalOf((JSON.parse(`{"Amount":${literal}}`) as { Amount: number }).Amount)
        expect(decimal).toBe(withoutIdleZeros(literal))
        // As does a decimal that came as a text.
        expect(decimalOf(literal)).toBe(decimal)
      }),
    )
  })

  it.each([
    ['19.90', '19.9'],
    ['0.10', '0.1'],
    ['1e2', '100'],
    ['1.5E-7', '0.00000015'],
    ['1E+21', '1000000000000000000000'],
    ['-0', '0'],
    ['0.1000000000000000055511151231257827', '0.1'],
  ])('%s is %s', (literal, decimal) => {
    expect(decimalOf(JSON.parse(literal))).toBe(decimal)
  })

  it('keeps every digit of a text', () => {
    expect(decimalOf('12345678901234567890.12')).toBe('12345678901234567890.12')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '', '.', 'ten', '1,50', '0x10', '1e9999'])(
    'does not take %s for a number',
    (value) => {
      expect(() => decimalOf(value)).toThrow(RangeError)
    },
  )
})

describe('moneyOf', () => {
  it.each([
    [
      { CurrencyCode: 'USD', Amount: 17.99 },
      { currency: 'USD', amount: '17.99' },
    ],
    [
      { currencyCode: 'JPY', amount: 1980 },
      { currency: 'JPY', amount: '1980' },
    ],
    [
      { currencyCode: 'EUR', amount: '10.50' },
      { currency: 'EUR', amount: '10.5' },
    ],
    [
      { CurrencyCode: 'USD', Amount: 0 },
      { currency: 'USD', amount: '0' },
    ],
    [{ Amount: 1 }, null],
    [{ CurrencyCode: 'USD' }, null],
    [undefined, null],
  ])('%o', (money, expected) => {
    expect(moneyOf(money)).toEqual(expected)
  })
})

function withoutIdleZeros(literal: string): string {
  const plain = literal.includes('.') ? literal.replace(/0+$/, '').replace(/\.$/, '') : literal
  return plain === '-0' ? '0' : plain
}
