/** Text as bytes of the character sets that Amazon's documents come in. */

export type Charset = 'utf-8' | 'windows-1252' | 'shift_jis'

export const CHARSETS: readonly Charset[] = ['utf-8', 'windows-1252', 'shift_jis']

/** What Amazon calls them in the Content-Type of a document. */
export const DECLARED: Readonly<Record<Charset, string>> = {
  'utf-8': 'UTF-8',
  'windows-1252': 'Cp1252',
  shift_jis: 'Shift_JIS',
}

/** Node encodes UTF-8 only, and decodes all: the tables are what its decoder says of every byte and pair of bytes. */
const tables = new Map<Charset, ReadonlyMap<string, number>>()

function tableOf(charset: Charset): ReadonlyMap<string, number> {
  const known = tables.get(charset)
  if (known !== undefined) return known
  const table = new Map<string, number>()
  const decoder = new TextDecoder(charset)
  const note = (...bytes: number[]) => {
    const text = decoder.decode(Uint8Array.from(bytes))
    if ([...text].length !== 1 || text === '\uFFFD' || table.has(text)) return
    table.set(text, bytes.length === 1 ? bytes[0]! : bytes[0]! * 256 + bytes[1]!)
  }
  for (let byte = 0; byte < 256; byte++) note(byte)
  if (charset === 'shift_jis') {
    for (let lead = 0x81; lead <= 0xfc; lead++) {
      if (lead > 0x9f && lead < 0xe0) continue
      for (let trail = 0x40; trail <= 0xfc; trail++) note(lead, trail)
    }
  }
  tables.set(charset, table)
  return table
}

/** The bytes of a text; a letter that the character set does not have becomes `?`, as it does at Amazon's. */
export function encode(text: string, charset: Charset): Buffer {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8')
  const table = tableOf(charset)
  const bytes = Buffer.allocUnsafe(text.length * 2)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // ASCII is the same in all of them, and nearly everything.
    if (unit < 0x80) {
      bytes[length++] = unit
      continue
    }
    const letter = String.fromCodePoint(text.codePointAt(i) as number)
    i += letter.length - 1
    const code = table.get(letter) ?? 0x3f
    if (code > 255) bytes[length++] = code >> 8
    bytes[length++] = code & 255
  }
  return bytes.subarray(0, length)
}
