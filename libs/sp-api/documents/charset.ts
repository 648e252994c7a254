import { isUtf8 } from 'node:buffer'
import { SpApiError } from '../errors.ts'

/**
 * Which character set a document is in. Its bytes may say so themselves (a byte order mark, an XML declaration), and
 * Amazon's storage does in the Content-Type, by Java's names; both may be wrong (selling-partner-api-models#545, #2748,
 * amazon-sp-api#144), so that what they say is held against the first bytes that are not plain ASCII. What is no UTF-8
 * is in the flat-file character set of the marketplace. A `?` that stands in the document itself is there because
 * Amazon could not write the character (selling-partner-api-models#4888, #4955): nobody can bring it back.
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

/** Fewer characters of several bytes may be UTF-8 by chance. */
const ENOUGH = 3

/** The charset that a Content-Type names; null when it names none. */
export function charsetOfContentType(contentType: string | null): Charset | null {
  const name = /charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]
  return name === undefined ? null : charsetNamed(name)
}

/** The flat-file reports' charset: Amazon writes Japan's in Shift_JIS and all others in Windows-1252. */
export function flatFileCharset(marketplaceId: string | null): Charset {
  return marketplaceId === JAPAN ? 'shift_jis' : 'windows-1252'
}

/** The charset that a document's first bytes name: beyond doubt by a mark, otherwise by an XML declaration. */
export function charsetOfHead(head: Buffer): { readonly charset: Charset; readonly certain: boolean } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { charset: 'utf-8', certain: true }
  if (head[0] === 0xff && head[1] === 0xfe) return { charset: 'utf-16le', certain: true }
  if (head[0] === 0xfe && head[1] === 0xff) return { charset: 'utf-16be', certain: true }
  const name = /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(head.toString('latin1', 0, 200))?.[1]
  return name === undefined ? null : { charset: charsetNamed(name), certain: false }
}

/**
 * The charset of a document by its bytes from the first one on that is not ASCII: the one that was `declared`, unless
 * they show that this is wrong.
 */
export function charsetOfBytes(bytes: Buffer, declared: Charset | null, flat: Charset): Charset {
  const whole = bytes.subarray(0, wholeCharacters(bytes))
  if (declared !== null && declared !== 'utf-8')
    return isUtf8(whole) && sequences(whole) >= ENOUGH ? 'utf-8' : declared
  if (isUtf8(whole)) return 'utf-8'
  // UTF-8 with some lines of another charset in it, or that other charset with some lines that look like UTF-8.
  const lines = linesBeyondAscii(whole)
  return lines.filter((line) => isUtf8(line)).length * 2 >= lines.length ? 'utf-8' : flat
}

/** How many of the bytes are whole characters of UTF-8: all but those of a character that the end cuts in two. */
export function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function charsetNamed(name: string): Charset {
  try {
    return JAVA_NAMES[name.toLowerCase()] ?? (new TextDecoder(name).encoding as Charset)
  } catch {
    // To guess would put wrong letters into the data without a word.
    throw new SpApiError(
      { kind: 'failed', operation: 'document' },
      `the document says that it is in ${name.slice(0, 40)}, which is no character set: name the right one`,
    )
  }
}

/** Characters of more than one byte, up to so many as are enough. */
function sequences(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length && count < ENOUGH; at++) if (bytes[at]! >= 0xc0) count++
  return count
}

function linesBeyondAscii(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from)
    const line = bytes.subarray(from, end === -1 ? bytes.length : end)
    if (line.some((byte) => byte >= 0x80)) lines.push(line)
    from = end === -1 ? bytes.length : end + 1
  }
  return lines
}
