import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ClientGone, Problem } from '#libs/service/problem.ts'
import { readBody } from './body.ts'

describe('readBody', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  /** A server that reads one body with these limits; `read` settles with its length or with what was thrown. */
  async function reader(limits: { maxBytes: number; idleMs?: number }) {
    const read = Promise.withResolvers<number>()
    read.promise.catch(() => {})
    server = createServer(async (req, res) => {
      try {
        let length = 0
        for await (const chunk of readBody(req, limits)) length += chunk.length
        read.resolve(length)
      } catch (error) {
        read.reject(error)
      }
      res.end()
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const writer = request({ port, method: 'POST' })
    writer.on('error', () => {})
    return { writer, read: read.promise }
  }

  it('gives a body up of which nothing more comes', async () => {
    const { writer, read } = await reader({ maxBytes: 1_000, idleMs: 30 })
    writer.write('some')
    const error = await read.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Problem)
    expect(error).toMatchObject({ code: 'request-timeout', status: 408 })
  })

  it('waits as long as it moves', async () => {
    const { writer, read } = await reader({ maxBytes: 1_000, idleMs: 1_000 })
    for (let i = 0; i < 5; i++) await new Promise((resolve) => writer.write('x', resolve))
    writer.end()
    expect(await read).toBe(5)
  })

  it('tells a client that is gone from a server that fails', async () => {
    const { writer, read } = await reader({ maxBytes: 1_000 })
    await new Promise((resolve) => writer.write('some', resolve))
    writer.destroy()
    await expect(read).rejects.toBeInstanceOf(ClientGone)
  })

  it('refuses what is too large as soon as it is', async () => {
    const { writer, read } = await reader({ maxBytes: 1_000 })
    writer.write('x'.repeat(1_001))
    await expect(read).rejects.toMatchObject({ status: 413 })
  })
})
