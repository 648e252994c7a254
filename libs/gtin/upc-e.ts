import { checkDigit } from './check-digit.ts'

/**
 * Expands the number system (0 or 1) and the six digits of a UPC-E to the 12 digits of its UPC-A. The **last** of the
 * six digits says where the zeros were. Source: GS1 General Specifications, section 5.2 (UPC-E zero suppression).
 */
export const expandUpcE = (numberSystem: '0' | '1', six: string): string => {
  const last = six.slice(5)
  let body: string
  if (last <= '2') body = six.slice(0, 2) + last + '0000' + six.slice(2, 5)
  else if (last === '3') body = six.slice(0, 3) + '00000' + six.slice(3, 5)
  else if (last === '4') body = six.slice(0, 4) + '00000' + six.slice(4, 5)
  else body = six.slice(0, 5) + '0000' + last
  const eleven = numberSystem + body
  return eleven + checkDigit(eleven)
}

/** The UPC-A of eight digits read as UPC-E, or null when they are none (number system not 0 or 1, wrong check digit). */
export const upcEToUpcA = (eight: string): string | null => {
  const numberSystem = eight[0]
  if (eight.length !== 8 || (numberSystem !== '0' && numberSystem !== '1')) return null
  const upcA = expandUpcE(numberSystem, eight.slice(1, 7))
  return upcA[11] === eight[7] ? upcA : null
}
