import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { SpApiError } from '../errors.ts'
import { DocumentTransport } from './document-transport.ts'
import { download } from './download.ts'
import { all } from './testing.ts'
import { textOf } from './text.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void
const closers: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A document storage whose every answer the test decides, and a download from it. */
async function storage(
  handler: Handler,
  options: { maxBytes?: number; retries?: number; refusals?: number } = {},
) {
  const { refusals = 0, ...limits } = options
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
      ...limits,
      mint: async () => {
        if (++minted <= refusals)
          throw new SpApiError(
            { kind: 'throttled', operation: 'getReportDocument', retryAfterMs: 1 },
            'later',
          )
        return {
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${minted}?X-Amz-Signature=secret`,
        }
      },
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

  it('waits for the slot of a new URL, however often', async () => {
    const { start, minted } = await storage((_, response) => response.end('late'), {
      retries: 0,
      refusals: 3,
    })
    expect(Buffer.concat(await all((await start()).bytes)).toString()).toBe('late')
    expect(minted()).toBe(4)
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

  it('is whole when the storage hangs up while the last bytes wait to be read, without asking again', async () => {
    const size = 3_000_000
    const { start, seen } = await storage((_, response) => {
      response.writeHead(200, { 'content-length': size, etag: '"one"', connection: 'close' })
      response.end(Buffer.alloc(size))
    })
    let length = 0
    for await (const piece of (await start()).bytes) {
      length += piece.length
      // Slower than the network, so that the end of the connection comes before the end of the bytes.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(length).toBe(size)
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['gzip', true],
    ['gzip', false],
    ['identity', true],
  ])(
    'is decompressed once where the storage says %s and compresses: %s (no double gunzip)',
    async (encoding, stored) => {
      const content = 'Größe\n'.repeat(1_000)
      const { start } = await storage((request, response) => {
        expect(request.headers['accept-encoding']).toBe('identity')
        response.writeHead(200, { 'content-encoding': encoding })
        response.end(stored ? gzipSync(content) : content)
      })
      const { pieces } = textOf(start, { marketplaceId: null })
      expect((await all(pieces)).join('')).toBe(content)
    },
  )

  it('ends at the longest size', async () => {
    const { start } = await storage((_, response) => response.end(Buffer.alloc(2_000)), { maxBytes: 1_000 })
    await expect(start().then(({ bytes }) => all(bytes))).rejects.toThrow('larger than 1000 bytes')
  })
})
