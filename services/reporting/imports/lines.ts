import { isUtf8 } from 'node:buffer'
import { Problem } from '#libs/service/problem.ts'

/** A line of a body without its ending; `number` counts from 1, empty lines included. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string }

/** Longest line, and longest CSV record. */
export const MAX_LINE_BYTES = 65_536

const LF = 10
const CR = 13

/**
 * Takes bytes apart into lines that end with LF or CRLF, a chunk's lines at a time. A line that is too long or not UTF-8
 * is a problem of its own, and the next one is fine again. Throws 400 when the bytes are UTF-16.
 */
export async function* readLines(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter = new LineSplitter()
  for await (const chunk of source) {
    const lines = splitter.push(chunk)
    if (lines.length > 0) yield lines
  }
  const last = splitter.end()
  if (last.length > 0) yield last
}

class LineSplitter {
  #number = 0
  #carried: Buffer[] = []
  #carriedBytes = 0

  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    const clean = isUtf8(chunk)
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      if (this.#carriedBytes > 0) {
        this.#carry(chunk.subarray(start, end))
        lines.push(this.#endLine(this.#takeCarried(), this.#carriedBytes, false))
        this.#carriedBytes = 0
      } else {
        lines.push(this.#endLine(chunk.subarray(start, end), end - start, clean))
      }
      start = end + 1
    }
    if (start < chunk.length) this.#carry(chunk.subarray(start))
    return lines
  }

  end(): Line[] {
    return this.#carriedBytes === 0 ? [] : [this.#endLine(this.#takeCarried(), this.#carriedBytes, false)]
  }

  /** Past the limit the bytes of a line are counted and let go. */
  #carry(bytes: Buffer): void {
    if (this.#carriedBytes <= MAX_LINE_BYTES) this.#carried.push(bytes)
    this.#carriedBytes += bytes.length
  }

  #takeCarried(): Buffer {
    const bytes = Buffer.concat(this.#carried)
    this.#carried = []
    return bytes
  }

  #endLine(bytes: Buffer, length: number, knownUtf8: boolean): Line {
    this.#number += 1
    let line = bytes
    if (this.#number === 1) {
      refuseUtf16(line)
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3)
    }
    if (length > MAX_LINE_BYTES) {
      return {
        number: this.#number,
        problem: `the line is longer than ${MAX_LINE_BYTES.toLocaleString('en-US')} bytes`,
      }
    }
    if (line.at(-1) === CR) line = line.subarray(0, -1)
    if (!knownUtf8 && !isUtf8(line)) {
      return {
        number: this.#number,
        problem: 'the line is not UTF-8: save the file as UTF-8 (in spreadsheets: "CSV UTF-8")',
      }
    }
    return { number: this.#number, text: line.toString('utf8') }
  }
}

function refuseUtf16(bytes: Buffer): void {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (!utf16) return
  throw new Problem(
    'invalid-document',
    'the file is UTF-16: save it as UTF-8 (in spreadsheets: "CSV UTF-8", not "Unicode text")',
  )
}
