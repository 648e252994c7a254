import { describe, expect, it } from 'vitest'
import { expressIdentifiers, toGtin14 } from './identifiers.ts'
import { isbn10Of } from './isbn.ts'

describe('toGtin14', () => {
  it.each([
    ['036000291452', '00036000291452'],
    ['0036000291452', '00036000291452'],
    ['00036000291452', '00036000291452'],
    ['36000291452', '00036000291452'],
    ['887276302195', '00887276302195'],
    ['96385074', '00000096385074'],
    ['0306406152', '09780306406157'],
    ['080442957X', '09780804429573'],
    ['978-0-306-40615-7', '09780306406157'],
    ['10614141007346', '10614141007346'],
  ])('%s', (identifier, gtin14) => {
    expect(toGtin14(identifier)).toBe(gtin14)
  })

  it.each([
    '',
    '036000291453',
    '0000000000',
    '00000000000000',
    '1234567',
    '036000291452000',
    'B00EXAMPL3',
    'abc',
  ])('%j is none', (identifier) => {
    expect(toGtin14(identifier)).toBeNull()
  })
})

describe('expressIdentifiers', () => {
  const upc = '00036000291452'
  const ean = '04006381333931'
  const gtin8 = '00000096385074'
  const box = '10614141007346'

  it.each([
    [[upc, '00614141007349'], 'UPC', ['036000291452', '614141007349']],
    [[upc, ean], 'EAN', ['0036000291452', '4006381333931']],
    [[gtin8], 'EAN', ['96385074']],
    [[gtin8, upc], 'GTIN', [gtin8, upc]],
    [[gtin8, ean], 'GTIN', [gtin8, ean]],
    [[box, upc], 'GTIN', [box, upc]],
    [[], 'GTIN', []],
  ] as const)('%j', (gtin14s, identifiersType, identifiers) => {
    expect(expressIdentifiers(gtin14s)).toEqual({ identifiersType, identifiers })
  })

  it('refuses what is not 14 digits', () => {
    expect(() => expressIdentifiers(['036000291452'])).toThrow('not a GTIN-14')
  })
})

describe('isbn10Of', () => {
  it('gives the ISBN-10 of 978 numbers and none for 979', () => {
    expect(isbn10Of('09780306406157')).toBe('0306406152')
    expect(isbn10Of('09780804429573')).toBe('080442957X')
    expect(isbn10Of('09791234567896')).toBeNull()
    expect(isbn10Of('00036000291452')).toBeNull()
    expect(isbn10Of('09780306406158')).toBeNull()
  })
})
