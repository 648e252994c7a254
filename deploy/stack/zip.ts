import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const ENTRY = 0x02014b50
const STORED = 0
const DEFLATED = 8

/**
 * One file out of a zip archive (a jar), by its name, so that no unzip program is needed.
 * Format: PKWARE APPNOTE 4.3.12 (central directory) and 4.3.16 (its end); no zip64, no encryption.
 * @returns undefined when the archive has no such file
 */
export function unzipFile(zip: Buffer, name: string): Buffer | undefined {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new Error('not a zip archive')
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === ENTRY) {
    const method = zip.readUInt16LE(at + 10)
    const size = zip.readUInt32LE(at + 20)
    const nameLength = zip.readUInt16LE(at + 28)
    const tail = zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      return extract(zip.subarray(start, start + size), method)
    }
    at += 46 + nameLength + tail
  }
  return undefined
}

function extract(data: Buffer, method: number): Buffer {
  if (method === STORED) return data
  if (method === DEFLATED) return inflateRawSync(data)
  throw new Error(`zip compression method ${method} is not supported`)
}
