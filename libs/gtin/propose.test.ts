import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDigit } from './check-digit.ts'
import { parseCode } from './parse.ts'
import { proposeCodes } from './propose.ts'

const brief = (raw: string) => proposeCodes(raw).map(({ code, how, sure }) => [code, how, sure])

describe('what may be meant', () => {
  it.each([
    ['O36000291452', '036000291452', 'letters_read_as_digits'],
    ['0360002914S2', '036000291452', 'letters_read_as_digits'],
    ['Widget, 036000291452 (each)', '036000291452', 'code_found_in_text'],
    ['8.85909950805E+11', '885909950805', 'digits_of_a_number'],
    ['000036000291452', '036000291452', 'zeros_taken_off'],
    ['036000291452036000291452', '036000291452', 'repeated_code'],
    ['036000291452 / 0036000291452', '036000291452', 'one_of_several'],
  ])('%s is %s for sure', (raw, code, how) => {
    expect(parseCode(raw).status).toBe('invalid')
    expect(brief(raw)).toEqual([[code, how, true]])
  })

  it.each([
    ['12345678901', '123456789012', 'check_digit_appended'],
    ['654321', '065100004327', 'upc_e_expanded'],
    ['063000291452', '036000291452', 'digits_swapped'],
    ['036000291453', '036000291452', 'check_digit_replaced'],
    ['400638133393', '4006381333931', 'check_digit_appended'],
    ['036000291452, 4006381333931', '4006381333931', 'one_of_several'],
  ])('%s may be %s, but nothing confirms it alone', (raw, code, how) => {
    expect(parseCode(raw).status).toBe('invalid')
    expect(brief(raw)).toContainEqual([code, how, false])
  })

  it.each([
    '',
    'N/A',
    'B000000AAA',
    '8.859E+11',
    '000000000000',
    'hello',
    '1234',
    'SOS0000BOZO1Z',
    '036000291452',
  ])('says nothing of "%s"', (raw) => {
    expect(proposeCodes(raw)).toEqual([])
  })

  it('proposes another reading of a whole code', () => {
    const [first] = proposeCodes('12345670')
    expect(first).toMatchObject({ how: 'other_reading', sure: false })
  })
})

it('proposes only what can be looked up, as it would be read', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 30 }), fc.stringMatching(/^[0-9OIlSB ,.-]{6,20}$/)),
      (raw) => {
        for (const { code, gtin14 } of proposeCodes(raw)) {
          expect(parseCode(code)).toMatchObject({ status: 'valid', gtin14 })
          expect(code).toMatch(/^(\d{8}|\d{12,14})$/)
        }
      },
    ),
  )
})

it('finds the code again of which two digits were swapped, unless the check digit does not notice', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[6-9]\d{10}$/), fc.integer({ min: 0, max: 9 }), (body, i) => {
      const code = body + checkDigit(body)
      const swapped = code.slice(0, i) + code[i + 1] + code[i] + code.slice(i + 2)
      fc.pre(parseCode(code).status === 'valid' && parseCode(swapped).status === 'invalid')
      expect(proposeCodes(swapped).map((one) => one.code)).toContain(code)
    }),
  )
})
