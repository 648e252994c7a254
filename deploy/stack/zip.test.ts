import { deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { unzipFile } from './zip.ts'

/** An archive as the format describes it: local headers with data, the central directory, its end. */
function archive(files: { name: string; data: Buffer; method: 0 | 8 | 12 }[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, method } of files) {
    const stored = method === 8 ? deflateRawSync(data) : data
    const local = Buffer.alloc(30 + 4)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    local.writeUInt16LE(4, 28) // an extra field, longer than the directory's
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(stored.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    const record = Buffer.concat([local.subarray(0, 30), Buffer.from(name), local.subarray(30), stored])
    locals.push(record)
    directory.push(entry, Buffer.from(name))
    offset += record.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}

const text = Buffer.from('redis '.repeat(1000))

it('finds a file, compressed or stored, among others', () => {
  const zip = archive([
    { name: 'a', data: Buffer.from('first'), method: 0 },
    { name: 'redis-server', data: text, method: 8 },
  ])
  expect(unzipFile(zip, 'redis-server')).toEqual(text)
  expect(unzipFile(zip, 'a')).toEqual(Buffer.from('first'))
  expect(unzipFile(zip, 'b')).toBeUndefined()
})

it('refuses what it can not read', () => {
  expect(() => unzipFile(Buffer.from('<html>not found</html>'), 'a')).toThrow('not a zip archive')
  expect(() => unzipFile(archive([{ name: 'a', data: text, method: 12 }]), 'a')).toThrow('method 12')
})
