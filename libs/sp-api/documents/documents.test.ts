import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { DocumentTransport } from './document-transport.ts'
import { type Download, download } from './download.ts'
import { all } from './testing.ts'
import { textOf } from './text.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void
const closers: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A document storage whose every answer the test decides, and a download from it. */
async function storage(handler: Handler, options: { maxBytes?: number; retries?: number } = {}) {
  const seen: Array<{ url: string; range: string | undefined }> = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', range: request.headers.range })
    handler(request, response, seen.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const transport = new DocumentTransport({ bodyMs: 2_000, headersMs: 2_000 })
  closers.push(
    () => transport.close(),
    () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  )
  let minted = 0
  const start = () =>
    download({
      transport,
      firstPauseMs: 1,
      ...options,
      mint: async () => ({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${++minted}?X-Amz-Signature=secret`,
        compressionAlgorithm: null,
      }),
    })
  return { seen, start, minted: () => minted }
}

/** Serves `content` by ranges; breaks the connection after `each` bytes of every answer. */
function breaking(content: Buffer, each: number): Handler {
  return (request, response) => {
    const offset = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(offset === 0 ? 200 : 206, {
      'content-length': content.length - offset,
      etag: '"one"',
      'content-type': 'text/plain; charset=Cp1252',
    })
    const piece = content.subarray(offset, offset + each)
    response.write(piece, () => {
      if (offset + each >= content.length) response.end()
      else response.destroy()
    })
  }
}

const of = (content: Buffer, contentType: string | null = null): Download => ({
  contentType,
  bytes: (async function* () {
    for (let at = 0; at < content.length; at += 3) yield content.subarray(at, at + 3)
  })(),
})
const text = async (
  content: Buffer,
  contentType: string | null = null,
  marketplaceId: string | null = null,
) => {
  const { charset, pieces } = await textOf(of(content, contentType), { marketplaceId })
  return { charset, text: (await all(pieces)).join('') }
}

describe('download', () => {
  it('goes on at the byte where the connection broke', async () => {
    const content = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 251))
    const { start, seen, minted } = await storage(breaking(content, 300))
    const { bytes, contentType } = await start()
    expect(Buffer.concat(await all(bytes)).equals(content)).toBe(true)
    expect(seen.map(({ range }) => range)).toEqual([undefined, 'bytes=300-', 'bytes=600-', 'bytes=900-'])
    expect([minted(), contentType]).toEqual([1, 'text/plain; charset=Cp1252'])
  })

  it('asks for another URL when the first has expired, not before', async () => {
    const { start, minted, seen } = await storage((request, response) => {
      if (request.url?.startsWith('/1')) response.writeHead(403).end()
      else response.end('late')
    })
    expect(Buffer.concat(await all((await start()).bytes)).toString()).toBe('late')
    expect([minted(), seen.length]).toEqual([2, 2])
  })

  it('never puts two documents together', async () => {
    const { start } = await storage((request, response, count) => {
      if (count > 1) response.writeHead(412).end()
      else breaking(Buffer.alloc(100), 50)(request, response, count)
    })
    await expect(start().then(({ bytes }) => all(bytes))).rejects.toThrow('the document is another one')
  })

  it('does not take the whole again for the rest of it', async () => {
    const { start } = await storage((request, response, count) => {
      if (count > 1) response.end('whole')
      else breaking(Buffer.alloc(100), 50)(request, response, count)
    })
    await expect(start().then(({ bytes }) => all(bytes))).rejects.toThrow('the document is another one')
  })

  it('gives up after its tries, without the URL in the message', async () => {
    const { start, seen } = await storage((_, response) => response.writeHead(503).end(), { retries: 2 })
    const failure: Error = await start().catch((error) => error)
    expect(failure.message).toBe("GET of a document: Amazon's storage answered 503")
    expect(seen).toHaveLength(3)
  })

  it('is whole when the connection broke after the last byte', async () => {
    const { start, seen } = await storage((_, response, count) => {
      if (count > 1) response.writeHead(416, { 'content-range': 'bytes */100' }).end('<Error/>')
      else {
        // Chunked, and cut before the end is told.
        response.writeHead(200, { etag: '"one"' })
        response.write(Buffer.alloc(100), () => response.destroy())
      }
    })
    expect(Buffer.concat(await all((await start()).bytes))).toHaveLength(100)
    expect(seen).toHaveLength(2)
  })

  it('ends at the longest size', async () => {
    const { start } = await storage((_, response) => response.end(Buffer.alloc(2_000)), { maxBytes: 1_000 })
    await expect(start().then(({ bytes }) => all(bytes))).rejects.toThrow('larger than 1000 bytes')
  })
})

describe('textOf', () => {
  it.each([
    [
      'what the storage says, by its Java name',
      Buffer.from([0xc4, 0x80]),
      'text/plain;charset=Cp1252',
      null,
      'Ä€',
    ],
    ['Windows-31J', Buffer.from([0x83, 0x65]), 'text/plain; charset="Windows-31J"', null, 'テ'],
    ['UTF-8 that says nothing', Buffer.from('Größe テ'), null, null, 'Größe テ'],
    ['a byte order mark, dropped', Buffer.from('\ufeffa'), 'text/tab-separated-values', null, 'a'],
    ["Japan's flat files", Buffer.from([0x83, 0x65]), null, 'A1VC38T7YXB528', 'テ'],
    ['all other flat files', Buffer.from([0x80, 0x61]), null, 'A1PA6795UKMFR9', '€a'],
    ['UTF-16', Buffer.from('\ufeffab', 'utf16le'), null, null, 'ab'],
    [
      'an XML declaration',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>', 'latin1'),
      null,
      null,
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>',
    ],
  ])('reads %s', async (_, content, contentType, marketplaceId, expected) => {
    expect((await text(content, contentType, marketplaceId)).text).toBe(expected)
  })

  it('puts characters together that pieces cut in two', async () => {
    const long = 'テスト€'.repeat(1_000)
    expect((await text(Buffer.from(long))).text).toBe(long)
  })

  it.each([
    ['stored compressed', true],
    ['decompressed on its way', false],
  ])('reads a document that was %s', async (_, compressed) => {
    const content = Buffer.from('Größe\n'.repeat(50_000))
    expect((await text(compressed ? gzipSync(content) : content)).text).toBe(content.toString())
  })

  it('says so when a compressed document is cut off', async () => {
    const cut = gzipSync(Buffer.from('x'.repeat(10_000))).subarray(0, 20)
    await expect(text(cut)).rejects.toThrow('can not be decompressed')
  })

  it('does not guess when the storage names a character set that does not exist', async () => {
    await expect(text(Buffer.from('a'), 'text/plain; charset=klingon')).rejects.toThrow(RangeError)
  })
})
