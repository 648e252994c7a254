/**
 * Which character set a document is in. Amazon's storage says so in the document's Content-Type, by Java's names; where
 * it does not, the type of the report decides, and where that is not known either, the bytes: what is no UTF-8 is the
 * flat-file character set of the marketplace.
 */

/** Names as `TextDecoder` knows them. */
export type Charset = 'utf-8' | 'windows-1252' | 'shift_jis' | 'utf-16le' | 'utf-16be'

/** Java's names for them, in lower case; the rest is left to `TextDecoder`'s own table. */
const JAVA_NAMES: Readonly<Record<string, Charset>> = {
  cp1252: 'windows-1252',
  'windows-31j': 'shift_jis',
  ms932: 'shift_jis',
  cp932: 'shift_jis',
}

const JAPAN = 'A1VC38T7YXB528'

/**
 * The charset that a Content-Type names; null when it names none. Throws a `RangeError` when it names one that does
 * not exist: guessing would put wrong letters into the data without a word.
 */
export function charsetOfContentType(contentType: string | null): Charset | null {
  const name = /charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase()
  if (name === undefined) return null
  return JAVA_NAMES[name] ?? (new TextDecoder(name).encoding as Charset)
}

/** The flat-file reports' charset: Amazon writes Japan's in Shift_JIS and all others in Windows-1252. */
export function flatFileCharset(marketplaceId: string | null): Charset {
  return marketplaceId === JAPAN ? 'shift_jis' : 'windows-1252'
}

/** The charset of a document of which only its first bytes are known. `flat`: what it is if it is no UTF-8. */
export function charsetOfBytes(head: Uint8Array, flat: Charset): Charset {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const declared = /^(?:\ufeff)?<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(
    new TextDecoder('latin1').decode(head.subarray(0, 200)),
  )?.[1]
  if (declared !== undefined)
    return JAVA_NAMES[declared.toLowerCase()] ?? (new TextDecoder(declared).encoding as Charset)
  return isUtf8(head) ? 'utf-8' : flat
}

/** A character that the end of the piece cuts in two is no mistake. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}
