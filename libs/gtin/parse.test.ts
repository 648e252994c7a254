import { describe, expect, it } from 'vitest'
import { parseCode } from './parse.ts'
import type { CodeType, ParseHints } from './types.ts'

const summary = (raw: string | null | undefined, hints?: ParseHints) => {
  const { status, gtin14, repair, code } = parseCode(raw, hints)
  return { status, gtin14, repair, code }
}
const valid = (gtin14: string, repair: string | null = null) => ({
  status: 'valid',
  gtin14,
  repair,
  code: null,
})

describe('whole codes', () => {
  it.each([
    ['036000291452', 'UPC-A', '00036000291452'],
    ['012345678905', 'UPC-A', '00012345678905'],
    ['614141007349', 'UPC-A', '00614141007349'],
    ['0036000291452', 'UPC-A', '00036000291452'],
    ['4006381333931', 'EAN-13', '04006381333931'],
    ['04006381333931', 'EAN-13', '04006381333931'],
    ['9780306406157', 'ISBN-13', '09780306406157'],
    ['9791234567896', 'ISBN-13', '09791234567896'],
    ['9790060115615', 'EAN-13', '09790060115615'],
    ['96385074', 'EAN-8', '00000096385074'],
    ['000050097425', 'EAN-8', '00000050097425'],
    ['10012345678902', 'GTIN-14', '10012345678902'],
  ])('%s is a %s', (raw, kind, gtin14) => {
    expect(parseCode(raw)).toMatchObject({ ...valid(gtin14), kind, flags: [], alternatives: [] })
  })
})

describe('UPC-E', () => {
  it.each([
    ['04252614', '00042100005264'],
    ['01234565', '00012345000065'],
    ['06543217', '00065100004327'],
    ['01234531', '00012300000451'],
  ])('%s is expanded by the last of its six digits', (raw, gtin14) => {
    expect(parseCode(raw)).toMatchObject({ ...valid(gtin14, 'upc_e_expanded'), kind: 'UPC-E', flags: [] })
  })

  it('takes six digits, which nothing confirms, only when the list says that they are a UPC-E', () => {
    expect(summary('654321', { type: 'UPC-E' })).toEqual(valid('00065100004327', 'upc_e_expanded'))
    expect(summary('654321')).toMatchObject({ status: 'invalid', code: 'LENGTH' })
    expect(summary('654321', { type: 'UPC' })).toMatchObject({ status: 'invalid', code: 'LENGTH' })
  })

  it('puts a lost zero back when the check digit then agrees', () => {
    expect(summary('6543217')).toEqual(valid('00065100004327', 'left_pad+upc_e_expanded'))
    expect(summary('6543218')).toMatchObject({ status: 'invalid', code: 'LENGTH' })
  })
})

describe('eight digits', () => {
  // 12345670 passes both as EAN-8 and as UPC-E.
  it('flags what begins with 1 and passes as both', () => {
    expect(parseCode('12345670')).toMatchObject({
      gtin14: '00000012345670',
      kind: 'EAN-8',
      flags: ['ambiguous'],
      alternatives: ['00123456000070'],
    })
  })

  it.each<[CodeType, string]>([
    ['UPC-E', '00123456000070'],
    ['UPC', '00123456000070'],
    ['EAN-8', '00000012345670'],
    ['EAN', '00000012345670'],
    ['GTIN', '00000012345670'],
  ])('lets the type %s decide', (type, gtin14) => {
    expect(parseCode('12345670', { type })).toMatchObject({ status: 'valid', gtin14, flags: [] })
  })

  it('reads 0… as UPC-E even where it would pass as EAN-8, since such GTIN-8s are never sold', () => {
    // 01234565 passes as EAN-8 as well.
    expect(parseCode('01234565')).toMatchObject({ kind: 'UPC-E', flags: [], alternatives: [] })
    expect(parseCode('01234565', { type: 'EAN-8' })).toMatchObject({
      status: 'restricted',
      code: 'RESTRICTED_COMPANY',
      gtin14: '00000001234565',
    })
  })

  it('refuses what is not of the type that the list says, and says what it would be', () => {
    const parsed = parseCode('96385074', { type: 'UPC-E' })
    expect(parsed).toMatchObject({ status: 'invalid', code: 'TYPE_MISMATCH' })
    expect(parsed.reason).toContain('EAN-8')
  })
})

describe('ISBN', () => {
  it.each([
    ['0306406152', '09780306406157', 'isbn_10'],
    ['080442957X', '09780804429573', 'isbn_10'],
    ['080442957x', '09780804429573', 'isbn_10'],
    ['0-306-40615-2', '09780306406157', 'separators+isbn_10'],
    ['978-0-306-40615-7', '09780306406157', 'separators'],
    ['306406152', '09780306406157', 'left_pad+isbn_10'],
    ['80442957X', '09780804429573', 'left_pad+isbn_10'],
  ])('%s', (raw, gtin14, repair) => {
    expect(summary(raw)).toEqual(valid(gtin14, repair))
  })

  it('refuses a wrong ISBN-10', () => {
    expect(summary('0306406153')).toMatchObject({ status: 'invalid', code: 'CHECK_DIGIT' })
    expect(summary('080442956X')).toMatchObject({ status: 'invalid', code: 'CHECK_DIGIT' })
  })
})

describe('case codes', () => {
  it('names the level and the item in the case', () => {
    expect(parseCode('10614141007346')).toMatchObject({
      ...valid('10614141007346'),
      packLevel: 'case',
      baseGtin14: '00614141007349',
    })
    expect(parseCode('036000291452')).toMatchObject({ packLevel: 'base', baseGtin14: null })
    // Indicator 9: sold by measure, no item inside.
    expect(parseCode('90614141007342')).toMatchObject({ packLevel: 'variable', baseGtin14: null })
  })

  it('is restricted when the item in it is', () => {
    expect(parseCode('12012345678900')).toMatchObject({ status: 'restricted', code: 'RESTRICTED_REGION' })
  })
})

describe('damage', () => {
  it.each([
    ['36000291452', 'left_pad'],
    ['36000291452.0', 'decimal_zero+left_pad'],
    ['36000291452,00', 'decimal_zero+left_pad'],
    ["'036000291452", 'wrapper'],
    ['="036000291452"', 'wrapper'],
    ['=036000291452', 'wrapper'],
    ['"036000291452"', 'wrapper'],
    ['\u201c036000291452\u201d', 'wrapper'],
    ['(01)00036000291452', 'wrapper'],
    ['\u00a0036000291452\u00a0', null],
    ['\ufeff036000291452', null],
    ['036\u00a0000\u00a0291452', 'separators'],
    ['0-36000-29145-2', 'separators'],
    ['036000\u2011291452', 'separators'],
    ['36,000,291,452', 'separators+left_pad'],
    ['36.000.291.452', 'separators+left_pad'],
    ['UPC: 036000291452', 'label'],
    ['upc-a #036000291452', 'label'],
    ['GTIN-12 036000291452', 'label'],
    ['\uff10\uff13\uff16\uff10\uff10\uff10\uff12\uff19\uff11\uff14\uff15\uff12', 'unicode_digits'],
  ])('%j is understood as 036000291452', (raw, repair) => {
    expect(summary(raw)).toEqual(valid('00036000291452', repair))
  })

  it.each([
    [null, 'EMPTY'],
    [undefined, 'EMPTY'],
    ['', 'EMPTY'],
    [' \u00a0\t', 'EMPTY'],
    ['=""', 'EMPTY'],
    ['N/A', 'PLACEHOLDER'],
    ['Does not apply', 'PLACEHOLDER'],
    ['000000000000', 'PLACEHOLDER'],
    ['B00EXAMPL3', 'ASIN'],
    ['8.85E+11', 'SCIENTIFIC_NOTATION'],
    ['3.6000291452e10', 'SCIENTIFIC_NOTATION'],
    ['8,85E+11', 'SCIENTIFIC_NOTATION'],
    ["'8.85E+11", 'SCIENTIFIC_NOTATION'],
    ['036000291452, 012345678905', 'MULTIPLE_CODES'],
    ['036000291452 / 012345678905', 'MULTIPLE_CODES'],
    ['36000291452.5', 'NOT_DIGITS'],
    ['SKU-0036-A', 'NOT_DIGITS'],
    ['O36000291452', 'NOT_DIGITS'],
    ['X'.repeat(500), 'NOT_DIGITS'],
    ['12345', 'LENGTH'],
    ['003600029145220', 'LENGTH'],
    ['106141412345678908', 'LENGTH'],
    ['12345678', 'CHECK_DIGIT'],
    ['036000291453', 'CHECK_DIGIT'],
    ['4006381333932', 'CHECK_DIGIT'],
    ['10614141007347', 'CHECK_DIGIT'],
    ['03600029145', 'MISSING_CHECK_DIGIT'],
  ])('%j is refused as %s, with what to do', (raw, code) => {
    const parsed = parseCode(raw)
    expect(parsed).toMatchObject({ status: 'invalid', gtin14: null, repair: null, code })
    expect(parsed.reason).toMatch(/give|add|replace|export|correct|digits only/i)
    expect(parsed.reason!.length).toBeLessThan(300)
  })

  it('says which check digit belongs', () => {
    expect(parseCode('036000291453').reason).toContain('has the check digit 3 where 2 belongs')
  })

  it('flags six zeros at the end, as shortened numbers have them', () => {
    expect(parseCode('885000000003')).toMatchObject({ status: 'valid', flags: [] })
    expect(parseCode('886000000000')).toMatchObject({ status: 'valid', flags: ['possibly_rounded'] })
  })

  it('keeps the first reading of ten digits and flags the other', () => {
    // An ISBN-10, and a UPC that lost two zeros.
    expect(parseCode('1000000052')).toMatchObject({
      status: 'valid',
      kind: 'ISBN-10',
      flags: ['ambiguous'],
      alternatives: ['00001000000052'],
    })
    expect(summary('1000000052', { type: 'UPC' })).toEqual(valid('00001000000052', 'left_pad'))
  })
})

describe('lists without check digits', () => {
  it('appends one only when told to, and keeps that visible', () => {
    expect(summary('03600029145')).toMatchObject({ status: 'invalid', code: 'MISSING_CHECK_DIGIT' })
    expect(summary('03600029145', { assumeMissingCheck: true })).toEqual(
      valid('00036000291452', 'check_digit_appended'),
    )
    expect(summary('400638133393', { assumeMissingCheck: true })).toEqual(
      valid('04006381333931', 'check_digit_appended'),
    )
  })

  it('leaves a whole UPC as it is, and flags the other reading of 11 and 12 digits', () => {
    expect(parseCode('036000291452', { assumeMissingCheck: true })).toMatchObject({
      gtin14: '00036000291452',
      repair: null,
      flags: ['ambiguous'],
      alternatives: ['00360002914522'],
    })
    expect(parseCode('36000291452', { assumeMissingCheck: true })).toMatchObject({
      gtin14: '00360002914522',
      repair: 'check_digit_appended',
      flags: ['ambiguous'],
      alternatives: ['00036000291452'],
    })
  })
})

describe('types', () => {
  it('takes a certain code of another type, flagged', () => {
    expect(parseCode('4006381333931', { type: 'UPC' })).toMatchObject({
      status: 'valid',
      flags: ['type_mismatch'],
    })
    expect(parseCode('036000291452', { type: 'EAN' })).toMatchObject({ status: 'valid', flags: [] })
  })

  it('takes a label as a type, but not as a reason to refuse', () => {
    expect(parseCode('UPC-E 12345670')).toMatchObject({ kind: 'UPC-E', flags: [] })
    expect(parseCode('UPC: 50097425')).toMatchObject({ kind: 'EAN-8', flags: ['type_mismatch'] })
  })
})
