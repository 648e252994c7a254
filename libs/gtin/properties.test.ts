import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDigit, hasCheckDigit, padTo14 } from './check-digit.ts'
import { expressIdentifiers, toGtin14 } from './identifiers.ts'
import { isbn10Of, isbn10To13, isIsbn10 } from './isbn.ts'
import { parseCode } from './parse.ts'
import { expandUpcE, upcEToUpcA } from './upc-e.ts'

const digits = (n: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n }).map((list) => list.join(''))
const withCheck = (n: number) => digits(n - 1).map((body) => body + checkDigit(body))
const gtin14 = withCheck(14).filter((code) => !/^0+$/.test(code))
const anyGtin = fc.oneof(withCheck(12), withCheck(13), withCheck(14)).filter((code) => !/^0+$/.test(code))

describe('check digits', () => {
  it('are not moved by zeros on the left', () => {
    fc.assert(fc.property(digits(11), (body) => checkDigit('00' + body) === checkDigit(body)))
  })

  it('catch every single mistyped digit', () => {
    fc.assert(
      fc.property(anyGtin, fc.nat(), fc.integer({ min: 1, max: 9 }), (code, at, change) => {
        const i = at % code.length
        const wrong = code.slice(0, i) + ((Number(code[i]) + change) % 10) + code.slice(i + 1)
        expect(hasCheckDigit(wrong)).toBe(false)
        expect(parseCode(wrong).status).toBe('invalid')
      }),
    )
  })
})

describe('parseCode', () => {
  it('knows every well-formed code and pads it', () => {
    fc.assert(
      fc.property(anyGtin, (code) => {
        const parsed = parseCode(code)
        expect(parsed.status).not.toBe('invalid')
        expect(parsed.gtin14).toBe(padTo14(code))
        expect(parsed.repair).toBeNull()
      }),
    )
  })

  it('says the same of a code and of its GTIN-14', () => {
    fc.assert(
      fc.property(fc.oneof(anyGtin, withCheck(8), digits(11), digits(10), digits(9)), (code) => {
        const parsed = parseCode(code)
        if (parsed.gtin14 === null) return
        expect(parseCode(parsed.gtin14)).toMatchObject({
          status: parsed.status,
          gtin14: parsed.gtin14,
          code: parsed.code,
          repair: null,
        })
      }),
    )
  })

  it('puts zeros back only where the check digit then agrees, and says so', () => {
    fc.assert(
      fc.property(digits(11), (eleven) => {
        fc.pre(!/^0+$/.test(eleven))
        const parsed = parseCode(eleven)
        if (hasCheckDigit(eleven)) {
          expect(parsed).toMatchObject({ gtin14: padTo14(eleven), repair: 'left_pad' })
        } else {
          expect(parsed).toMatchObject({ status: 'invalid', code: 'MISSING_CHECK_DIGIT' })
        }
      }),
    )
  })

  it('sees through wrappers, labels, dashes and spaces', () => {
    const wrap = fc.constantFrom<(code: string) => string>(
      (code) => `="${code}"`,
      (code) => `'${code}`,
      (code) => `\u00a0${code}\u00a0`,
      (code) => `${code}.0`,
      (code) => [...code].join('-'),
      (code) => [...code].join('\u00a0'),
      (code) => `EAN: ${code}`,
      (code) => `="GTIN ${code}"`,
    )
    fc.assert(
      fc.property(anyGtin, wrap, (code, wrapper) => {
        expect(parseCode(wrapper(code)).gtin14).toBe(padTo14(code))
      }),
    )
  })

  it('refuses scientific notation whatever its digits', () => {
    fc.assert(
      fc.property(anyGtin, fc.integer({ min: 1, max: 13 }), (code, precision) => {
        expect(parseCode(Number(code).toExponential(precision))).toMatchObject({
          code: 'SCIENTIFIC_NOTATION',
        })
      }),
    )
  })

  it('never throws, and gives a reason for everything that is not valid', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0123456789Xx-. ,"\'=()E+UPC') }),
    )
    fc.assert(
      fc.property(cell, fc.boolean(), (raw, assumeMissingCheck) => {
        const parsed = parseCode(raw, { assumeMissingCheck })
        if (parsed.status === 'valid') expect(hasCheckDigit(parsed.gtin14)).toBe(true)
        else expect(parsed.reason.length).toBeGreaterThan(20)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Zero suppression the other way round, by the positions of the zeros in the UPC-A: an oracle for the expansion. */
const suppressZeros = (upcA: string): string | null => {
  const maker = upcA.slice(1, 6)
  const item = upcA.slice(6, 11)
  if (/^[0-9]{2}[012]00$/.test(maker) && item.startsWith('00')) {
    return maker.slice(0, 2) + item.slice(2) + maker[2]
  }
  if (maker.endsWith('00') && item.startsWith('000')) return maker.slice(0, 3) + item.slice(3) + '3'
  if (maker.endsWith('0') && item.startsWith('0000')) return maker.slice(0, 4) + item.slice(4) + '4'
  if (/^0000[5-9]$/.test(item)) return maker + item[4]
  return null
}

describe('UPC-E', () => {
  it('expands to what suppresses to itself', () => {
    fc.assert(
      fc.property(fc.constantFrom('0', '1'), digits(6), (numberSystem, six) => {
        const upcA = expandUpcE(numberSystem, six)
        expect(upcA).toHaveLength(12)
        expect(hasCheckDigit(upcA)).toBe(true)
        expect(upcEToUpcA(numberSystem + six + upcA[11])).toBe(upcA)
        const again = suppressZeros(upcA)
        expect(again).not.toBeNull()
        expect(expandUpcE(numberSystem, again!)).toBe(upcA)
      }),
    )
  })

  it('suppresses exactly where a UPC-A allows it', () => {
    const suppressible = fc
      .tuple(fc.constantFrom('0', '1'), digits(2), fc.constantFrom('0', '1', '2'), digits(3))
      .map(([n, ab, l, cde]) => `${n}${ab}${l}0000${cde}`)
    fc.assert(
      fc.property(suppressible, (body) => {
        const upcA = body + checkDigit(body)
        const numberSystem = upcA[0] === '0' ? '0' : '1'
        expect(expandUpcE(numberSystem, suppressZeros(upcA)!)).toBe(upcA)
      }),
    )
  })
})

describe('ISBN', () => {
  it('goes from 10 to 13 digits and back', () => {
    fc.assert(
      fc.property(digits(9), fc.constantFrom(...'0123456789X'), (nine, last) => {
        const ten = nine + last
        fc.pre(isIsbn10(ten))
        const thirteen = isbn10To13(ten)
        expect(hasCheckDigit(thirteen)).toBe(true)
        expect(isbn10Of('0' + thirteen)).toBe(ten)
      }),
    )
  })

  it('has exactly one check character', () => {
    fc.assert(
      fc.property(
        digits(9),
        (nine) => [...'0123456789X'].filter((last) => isIsbn10(nine + last)).length === 1,
      ),
    )
  })
})

describe('expressIdentifiers', () => {
  it('loses nothing: what it says joins back to what was asked, in order', () => {
    const shaped = fc.oneof(
      gtin14,
      withCheck(13).map(padTo14),
      withCheck(12).map(padTo14),
      withCheck(8).map(padTo14),
    )
    const several = fc.array(
      shaped.filter((code) => !/^0+$/.test(code)),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(several, (codes) => {
        const { identifiersType, identifiers } = expressIdentifiers(codes)
        expect(identifiers.map((identifier) => toGtin14(identifier))).toEqual(codes)
        const lengths = new Set(identifiers.map((identifier) => identifier.length))
        expect(lengths.size).toBeLessThanOrEqual(1)
        if (identifiersType === 'UPC') expect([...lengths]).toEqual([12])
      }),
    )
  })
})
