import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { CommandError, TemporaryError } from '../failure.ts'
import { patiently } from '../patience.ts'
import { followJob } from './follow-job.ts'

let server: Server | undefined
afterEach(() => {
  vi.restoreAllMocks()
  server?.closeAllConnections()
  server?.close()
})

const listen = async (answer: RequestListener, port = 0): Promise<number> => {
  server = createServer(answer).listen(port, '127.0.0.1')
  await new Promise((resolve) => server?.once('listening', resolve))
  return (server.address() as AddressInfo).port
}
const gone = () =>
  new Promise<void>((resolve) => {
    server?.close(() => resolve())
    server?.closeAllConnections()
  })
const job = (more: object) =>
  JSON.stringify({
    syncId: 'x',
    status: 'running',
    done: 1,
    total: 2,
    completedAt: null,
    outcomes: {},
    ...more,
  })

it('goes on through a restart and an overload of the API, and says so', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const asked = Promise.withResolvers<void>()
  const port = await listen((_request, response) => {
    response.setHeader('content-type', 'application/json').end(job({}))
    asked.resolve()
  })
  const following = followJob(`http://127.0.0.1:${port}`, 'x')
  await asked.promise
  await gone()
  await vi.waitFor(() => expect(said.mock.calls.join('')).toContain('Trying again'), { timeout: 20_000 })
  let answers = 0
  await listen((_request, response) => {
    answers += 1
    if (answers === 1)
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"title":"away"}')
    else
      response
        .setHeader('content-type', 'application/json')
        .end(job({ status: 'complete', done: 2, completedAt: '2026-01-31T00:00:00Z' }))
  }, port)
  expect(await following).toMatchObject({ status: 'complete', done: 2 })
  expect(said.mock.calls.join('')).toContain('It answers again.')
})

it('does not wait for an API that was never there, nor for what it refuses', async () => {
  const port = await listen((_request, response) =>
    response
      .writeHead(404, { 'content-type': 'application/problem+json' })
      .end('{"detail":"there is no sync x"}'),
  )
  await expect(followJob(`http://127.0.0.1:${port}`, 'x')).rejects.toThrow('there is no sync x')
  await gone()
  await expect(followJob(`http://127.0.0.1:${port}`, 'x')).rejects.toThrow('nothing answers')
})

it('gives up after its time, and waits as long as it was told to', async () => {
  const paused: number[] = []
  const pause = async (ms: number) => paused.push(ms)
  const busy = () => Promise.reject(new TemporaryError('busy', { retryAfterMs: 30_000 }))
  await expect(patiently(busy, { patienceMs: 60_000, pause })).rejects.toThrow('busy')
  expect(paused).toEqual([30_000, 30_000])
  await expect(patiently(() => Promise.reject(new CommandError('no')), { pause })).rejects.toThrow('no')
  expect(paused).toHaveLength(2)
})
