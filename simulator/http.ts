/** Reading and writing HTTP for the simulator: bodies, answers, and answers gone wrong on purpose. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Answer } from './answer.ts'

/** Bodies above this are refused: no operation takes a longer one. */
const MAX_BODY_BYTES = 1_048_576
const HUGE_BYTES = 64 * 1024 * 1024

/** The body as text, or null when it is too long. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The parameters of a form or JSON body, or null when it is neither. */
export function readParameters(body: string, contentType: string): ReadonlyMap<string, string> | null {
  if (!contentType.includes('json')) return new Map(new URLSearchParams(body))
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null) return null
    return new Map(Object.entries(value).map(([name, parameter]) => [name, String(parameter)]))
  } catch {
    return null
  }
}

/** How an answer goes out; all but `whole` break it, or the connection. */
export type Manner = 'whole' | 'truncated' | 'badjson' | 'stall' | 'resetamid' | 'resetafter'
/** Long enough for the client to have read the answer that comes before a reset. */
const BEFORE_RESET_MS = 20

export function send(response: ServerResponse, answer: Answer, manner: Manner = 'whole'): void {
  const html = typeof answer.body === 'string'
  let bytes = Buffer.from(textOf(answer.body))
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  if (manner === 'badjson') bytes = half
  response.writeHead(answer.status, {
    ...(answer.body === undefined ? {} : { 'content-type': html ? 'text/html' : 'application/json' }),
    ...(answer.status === 204 ? {} : { 'content-length': bytes.length }),
    ...answer.headers,
  })
  const reset = () => response.socket?.resetAndDestroy()
  switch (manner) {
    case 'truncated':
      response.write(half, () => response.destroy())
      return
    case 'stall':
      response.write(half)
      return
    case 'resetamid':
      response.write(half, () => setTimeout(reset, BEFORE_RESET_MS))
      return
    case 'resetafter': {
      // An answer that has ended lets go of its socket.
      const { socket } = response
      response.end(bytes, () => setTimeout(() => socket?.resetAndDestroy(), BEFORE_RESET_MS))
      return
    }
    default:
      response.end(bytes)
  }
}

function textOf(body: unknown): string {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** 64 MiB of valid JSON, at the pace of the reader; a reader who has had enough is no error. */
export async function sendHuge(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  await pipeline(Readable.from(hugeBody()), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
      throw error
  })
}

function* hugeBody(): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536, 'x')
  yield Buffer.from('{"numberOfResults":1,"items":[{"asin":"B000000000","attributes":{"pad":"')
  for (let sent = 0; sent < HUGE_BYTES; sent += chunk.length) yield chunk
  yield Buffer.from('"}}]}')
}

export const gatewayPage = (status: number): Answer => ({
  status,
  body: `<html>\n<head><title>${status}</title></head>\n<body><center><h1>${status}</h1></center></body>\n</html>\n`,
})
