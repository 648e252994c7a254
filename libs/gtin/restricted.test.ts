import { describe, expect, it } from 'vitest'
import { checkDigit } from './check-digit.ts'
import { parseCode } from './parse.ts'
import { restrictedCodes, restrictionOf } from './restricted.ts'
import table from './restricted-prefixes.json' with { type: 'json' }

const ean13 = (prefix: string) => {
  const body = prefix.padEnd(12, '1')
  return body + checkDigit(body)
}

describe('restricted prefixes', () => {
  it.each([
    ['020', 'RESTRICTED_REGION'],
    ['029', 'RESTRICTED_REGION'],
    ['040', 'RESTRICTED_COMPANY'],
    ['049', 'RESTRICTED_COMPANY'],
    ['050', 'COUPON'],
    ['059', 'COUPON'],
    ['200', 'RESTRICTED_REGION'],
    ['299', 'RESTRICTED_REGION'],
    ['951', 'EPC_MANAGER'],
    ['952', 'EXAMPLE'],
    ['980', 'REFUND_RECEIPT'],
    ['981', 'COUPON'],
    ['984', 'COUPON'],
    ['985', 'RESERVED'],
    ['990', 'COUPON'],
    ['999', 'COUPON'],
  ])('%s is %s', (prefix, code) => {
    const parsed = parseCode(ean13(prefix))
    expect(parsed).toMatchObject({ status: 'restricted', code, gtin14: '0' + ean13(prefix) })
    expect(parsed.reason).toContain("manufacturer's GTIN")
  })

  it.each(['000', '019', '030', '039', '060', '139', '300', '949', '977', '978', '979', '960', '969'])(
    '%s is fine',
    (prefix) => {
      expect(parseCode(ean13(prefix)).status).toBe('valid')
    },
  )

  it('tests the padded number: the UPC 2… is 02…, the UPC 04… is 004…', () => {
    const upc = (start: string) => {
      const body = start.padEnd(11, '1')
      return body + checkDigit(body)
    }
    for (const start of ['2', '4', '5']) expect(parseCode(upc(start)).status, start).toBe('restricted')
    for (const start of ['02', '04', '05', '3', '6', '7', '8', '9']) {
      expect(parseCode(upc(start)).status, start).toBe('valid')
    }
  })

  it('has a table of its own for eight digits', () => {
    expect(restrictionOf('00000050097425')).toBeNull()
    expect(restrictionOf('00000020000004')?.code).toBe('RESTRICTED_COMPANY')
    expect(restrictionOf('00000002345674')?.code).toBe('RESTRICTED_COMPANY')
    // 98… in eight digits is not the 980 of 13 digits, but reserved all the same.
    expect(restrictionOf('00000098000001')?.code).toBe('RESERVED')
  })

  it('names only known codes, in ranges that run upwards', () => {
    for (const range of [...table.gtin13, ...table.gtin8]) {
      expect(restrictedCodes).toContain(range.code)
      expect(range.from <= range.to).toBe(true)
      expect(range.from + range.to).toMatch(/^\d{6}$/)
    }
    expect(new Set(Object.keys(table.reasons))).toEqual(new Set(restrictedCodes))
  })
})
