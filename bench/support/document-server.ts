/**
 * Amazon as far as one report needs it, and its storage with a document of any size:
 * `node bench/support/document-server.ts <format> <bytes>`. Says where it listens.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DocumentFormat, documentContent } from './document-content.ts'

const content = documentContent(process.argv[2] as DocumentFormat, Number(process.argv[3]))
const { contentType, reportType, start, middle, end, times, rows, textBytes, storedBytes } = content

/** The document from a byte on. */
function* stored(from: number): Generator<Buffer> {
  let skip = from
  const parts = [start, ...Array<Buffer>(times).fill(middle), ...(end.length > 0 ? [end] : [])]
  for (const part of parts) {
    if (skip < part.length) yield part.subarray(skip)
    skip = Math.max(0, skip - part.length)
  }
}

const server = createServer((request, response) => {
  request.resume()
  const path = new URL(request.url ?? '/', 'http://here').pathname
  if (path === '/document') {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const headers = { 'content-type': contentType, 'content-length': storedBytes - from, etag: '"one"' }
    response.writeHead(from === 0 ? 200 : 206, headers)
    // Who asked has gone: that is all.
    pipeline(Readable.from(stored(from)), response).catch(() => {})
    return
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/document`
  const report = { reportId: 'R1', reportType, processingStatus: 'DONE', createdTime: '2026-11-01T00:00:00Z' }
  const body = path.startsWith('/auth')
    ? { access_token: 'Atza|bench', token_type: 'bearer', expires_in: 3_600 }
    : path.includes('/documents/')
      ? { reportDocumentId: 'D1', url, compressionAlgorithm: 'GZIP' }
      : request.method === 'POST'
        ? { reportId: 'R1' }
        : { ...report, reportDocumentId: 'D1' }
  response.writeHead(request.method === 'POST' && !path.startsWith('/auth') ? 202 : 200, {
    'content-type': 'application/json',
  })
  response.end(JSON.stringify(body))
})
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.stdout.write(`${JSON.stringify({ url, reportType, rows, textBytes, storedBytes })}\n`)
})
