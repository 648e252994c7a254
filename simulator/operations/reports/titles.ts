/** Titles as a seller's listings have them: the catalogue's, with the letters that break careless decoders. */

import { combine } from '../../catalogue/hash.ts'
import type { Marketplace } from '../../marketplaces.ts'
import type { Offering } from '../../seller/assortment.ts'

const SALT = 91
/** Letters of Windows-1252 that Latin-1 lacks (™ – “ ” €), and those that UTF-8 has in two bytes. */
const WESTERN = [' – Édition spéciale', '™', ', 5" × 7½"', ' “Größe XL”', ' (à 2 €)']
/** Letters of which Shift_JIS has a backslash as second byte (ソ, 表, 能), and ones that only Windows-31J has. */
const JAPANESE = ['【公式】ソフト', '表示機能付き', '髙級①', 'ｶﾗｰ']

export function listedTitle({ title, hash }: Offering, { countryCode }: Marketplace): string {
  const choice = combine(hash, SALT)
  if (countryCode === 'JP') return `${JAPANESE[choice % JAPANESE.length]} ${title}`
  return choice % 3 === 0 ? `${title}${WESTERN[choice % WESTERN.length]}` : title
}
