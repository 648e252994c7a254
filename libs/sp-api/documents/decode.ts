import { isAscii, isUtf8 } from 'node:buffer'
import { type Charset, charsetOfBytes, charsetOfHead, wholeCharacters } from './charset.ts'

/** What came to light while a document was read: complete when its last piece was. */
export interface TextFindings {
  /** Null: nothing but ASCII so far, which is the same in all of them. */
  charset: Charset | null
  /** What the document or its storage says; null when they say nothing. */
  declared: Charset | null
  /** Places that are not in the document's UTF-8 and were read in the flat-file charset of its marketplace. */
  mended: number
  /** Characters that could not be read in any way; U+FFFD stands for them. */
  damaged: number
}

export interface DecodeOptions {
  /** Not to be doubted. */
  readonly charset: Charset | undefined
  /** What the storage says. */
  readonly declared: Charset | null
  readonly flat: Charset
}

/** So many bytes from the first one on that is not ASCII decide. */
const WINDOW_BYTES = 256 * 1024
/** An XML declaration is no longer. */
const HEAD_BYTES = 200

/**
 * Decodes a document. The charset is decided where it first matters, at the first byte that is not ASCII, however far
 * in that is; characters that pieces cut in two are put together again, and a byte order mark is dropped.
 */
export async function* decode(
  pieces: AsyncIterable<Buffer>,
  options: DecodeOptions,
  findings: TextFindings,
): AsyncGenerator<string> {
  findings.declared = options.declared
  const { charset, flat } = options
  let decoder = charset === undefined ? null : decoderOf(charset, flat, findings)
  let isBegun = false
  let isAsciiOnly = true
  const held = new Held()
  for await (const piece of pieces) {
    if (decoder !== null) {
      yield decoder.decode(piece)
      continue
    }
    held.add(piece)
    if (!isBegun) {
      if (held.length < HEAD_BYTES) continue
      isBegun = true
      decoder = ofHead(held.peek(), options, findings)
    }
    if (decoder === null && isAsciiOnly) {
      yield held.takeAscii()
      isAsciiOnly = held.length === 0
    }
    if (decoder === null && held.length >= WINDOW_BYTES) decoder = ofBytes(held.peek(), findings, flat)
    if (decoder !== null) yield decoder.decode(held.take())
  }
  if (!isBegun) decoder ??= ofHead(held.peek(), options, findings)
  if (decoder === null && isAsciiOnly) yield held.takeAscii()
  if (decoder === null && held.length > 0) decoder = ofBytes(held.peek(), findings, flat)
  if (decoder === null) return
  yield decoder.decode(held.take())
  yield decoder.end()
}

/** Bytes that wait for a decision. */
class Held {
  #pieces: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  peek(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0] ?? Buffer.alloc(0)
  }

  take(): Buffer {
    const all = this.peek()
    this.#pieces = []
    this.#length = 0
    return all
  }

  /** Takes the bytes up to the first one that is not ASCII. */
  takeAscii(): string {
    const all = this.take()
    const plain = asciiBytes(all)
    if (plain < all.length) this.add(all.subarray(plain))
    return all.toString('latin1', 0, plain)
  }
}

function ofHead(head: Buffer, { flat }: DecodeOptions, findings: TextFindings): Decoder | null {
  const named = charsetOfHead(head)
  if (named === null) return null
  findings.declared = named.charset
  return named.certain ? decoderOf(named.charset, flat, findings) : null
}

function ofBytes(window: Buffer, findings: TextFindings, flat: Charset): Decoder {
  return decoderOf(charsetOfBytes(window, findings.declared, flat), flat, findings)
}

interface Decoder {
  decode(bytes: Buffer): string
  end(): string
}

function decoderOf(charset: Charset, flat: Charset, findings: TextFindings): Decoder {
  findings.charset = charset
  return charset === 'utf-8' ? new Utf8Decoder(flat, findings) : new OtherDecoder(charset, findings)
}

class OtherDecoder implements Decoder {
  readonly #decoder: InstanceType<typeof TextDecoder>
  readonly #findings: TextFindings

  constructor(charset: Charset, findings: TextFindings) {
    this.#decoder = new TextDecoder(charset)
    this.#findings = findings
  }

  decode(bytes: Buffer): string {
    return this.#checked(this.#decoder.decode(bytes, { stream: true }))
  }

  end(): string {
    return this.#checked(this.#decoder.decode())
  }

  #checked(text: string): string {
    for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', at + 1))
      this.#findings.damaged++
    return text
  }
}

/** UTF-8, in which some of Amazon's flat files have lines that are not. */
class Utf8Decoder implements Decoder {
  readonly #flat: InstanceType<typeof TextDecoder>
  readonly #findings: TextFindings
  #rest: Buffer = Buffer.alloc(0)
  #begun: boolean = false

  constructor(flat: Charset, findings: TextFindings) {
    this.#flat = new TextDecoder(flat)
    this.#findings = findings
  }

  decode(bytes: Buffer): string {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const whole = wholeCharacters(all)
    // A copy: the piece may be used again.
    this.#rest = Buffer.from(all.subarray(whole))
    return this.#text(all.subarray(0, whole))
  }

  end(): string {
    return this.#text(this.#rest)
  }

  #text(bytes: Buffer): string {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : this.#mend(bytes)
    if (this.#begun || text === '') return text
    this.#begun = true
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }

  /** Line by line: a line that is UTF-8 stays so. */
  #mend(bytes: Buffer): string {
    let text = ''
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(0x0a, from)
      const line = bytes.subarray(from, end === -1 ? bytes.length : end + 1)
      text += isUtf8(line) ? line.toString('utf8') : this.#foreign(line)
      from += line.length
    }
    return text
  }

  #foreign(line: Buffer): string {
    if (this.#flat.encoding !== 'windows-1252') {
      this.#findings.mended++
      const text = this.#flat.decode(line)
      for (const character of text) if (character === '\ufffd') this.#findings.damaged++
      return text
    }
    // Each byte is a character: what is UTF-8 in the line can stay it.
    let text = ''
    for (let at = 0; at < line.length; ) {
      const length = sequenceAt(line, at)
      text +=
        length > 0 ? line.toString('utf8', at, at + length) : this.#flat.decode(line.subarray(at, at + 1))
      if (length === 0) this.#findings.mended++
      at += Math.max(1, length)
    }
    return text
  }
}

/** How many bytes the character at a place has; 0 when there is none of UTF-8. */
function sequenceAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

/** How many bytes from the start on are ASCII. */
function asciiBytes(bytes: Buffer): number {
  if (isAscii(bytes)) return bytes.length
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return at
  return bytes.length
}
