import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { RegionalEndpointManager } from './regional-endpoints.ts'
import {
  CODE,
  canaries,
  errorList,
  itemsAnswer,
  json,
  oneCode,
  raw,
  type Stub,
  type StubHandler,
  startStub,
  testApi,
  US,
} from './test-support.ts'

const stubs: Stub[] = []
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()))
})

describe('a typed failure', () => {
  it.each<[string, StubHandler, string, RegExp]>([
    ['silence', () => {}, 'timeout', /no answer within 300 ms/],
    [
      'a body that stops',
      (_q, response) => {
        response.writeHead(200)
        response.write('{"items"')
      },
      'timeout',
      /stopped for 300 ms/,
    ],
    ['HTML with 400', raw(400, 'text/html', '<html>'), 'failed', /400 \(the body is HTML/],
    ['HTML with 200', raw(200, 'text/html', '<html>'), 'failed', /200, but the body is HTML/],
    ['an array', raw(200, 'application/json', '[]'), 'failed', /unexpected the body/],
    ['no items', raw(200, 'application/json', '{"numberOfResults":1}'), 'failed', /unexpected items/],
    ['an item without ASIN', itemsAnswer([{}]), 'failed', /unexpected items\.0\.asin/],
    [
      'a huge body',
      raw(200, 'application/json', `"${'x'.repeat(70_000)}"`),
      'failed',
      /larger than 65536 bytes/,
    ],
    [
      'a redirect',
      raw(302, 'text/plain', '', { location: '/elsewhere' }),
      'failed',
      /redirects are not followed/,
    ],
    ['404 with HTML', raw(404, 'text/html', '<html>'), 'failed', /check SP_API_ENDPOINT/],
    ['413', (_q, response) => json(response, 413, errorList('TooLarge', 'x')), 'failed', /413: TooLarge/],
    ['401', (_q, response) => json(response, 401, errorList('Unauthorized', 'no')), 'unauthorized', /401/],
    [
      'a 403 for a role',
      (_q, response) =>
        json(response, 403, errorList('Unauthorized', 'Access to requested resource is denied.')),
      'unauthorized',
      /roles/,
    ],
    [
      'a 403 for a path',
      (_q, response) => json(response, 403, errorList('MissingAuthenticationToken', 'Missing')),
      'unauthorized',
      /SP_API_ENDPOINT/,
    ],
  ])('comes of %s', async (_name, handler, failure, reason) => {
    const { lookup } = await oneCode(stubs, handler, {
      maxAnswerBytes: 65_536,
      retry: { attempts: 1 },
      timeouts: { headersMs: 300, bodyMs: 300, totalMs: 10_000 },
    })
    const outcome = await lookup()
    expect(outcome).toMatchObject({ kind: 'failed', failure, calls: 1 })
    expect(outcome.kind === 'failed' && outcome.reason).toMatch(reason)
  })

  it('comes of a body that drips', async () => {
    const { lookup } = await oneCode(
      stubs,
      (_q, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 50)
        response.on('close', () => clearInterval(timer))
      },
      { retry: { attempts: 1 } },
    )
    expect(await lookup()).toMatchObject({
      failure: 'timeout',
      reason: expect.stringMatching(/no whole answer within 600 ms/),
    })
  })

  it('comes of a server that is not there', async () => {
    const stub = await startStub({})
    const { api, clock } = testApi(stub.url)
    await api.checkCredentials()
    await stub.close()
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] })
    expect(outcomes.get(CODE)).toMatchObject({
      kind: 'failed',
      failure: 'unavailable',
      httpStatus: null,
      calls: 4,
    })
    expect(clock.sleeps.length).toBeGreaterThan(0)
  })

  it('comes of a connection that does not come about: nothing was sent', async () => {
    // Takes the connection and never says a word of TLS.
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => sockets.add(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const lwa = await startStub({})
    stubs.push(lwa)
    const { api } = testApi(lwa.url, {
      endpoints: new RegionalEndpointManager({
        spApiEndpoint: `https://127.0.0.1:${port}`,
        lwaEndpoint: lwa.url,
      }),
      timeouts: { connectMs: 200, headersMs: 20_000, bodyMs: 20_000, totalMs: 20_000 },
      retry: { attempts: 1 },
    })
    const outcomes = await api.lookupCodes({ marketplaceId: US, gtin14s: [CODE] })
    expect(outcomes.get(CODE)).toMatchObject({
      failure: 'timeout',
      httpStatus: null,
      reason: expect.stringMatching(/no connection within 200 ms/),
    })
    await api.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })

  it('comes of a redirect without following it', async () => {
    const { lookup, stub } = await oneCode(stubs, raw(307, 'text/plain', '', { location: '/elsewhere' }))
    await lookup()
    expect(stub.requests.map((request) => request.url.pathname)).toEqual(['/catalog/2022-04-01/items'])
  })
})

describe('secrets', () => {
  const secrets = () => `${canaries.clientSecret} ${canaries.refreshToken} Atza|access-1 Atza|other-CANARY`
  const echoes: [string, StubHandler][] = [200, 302, 400, 401, 403, 404, 418, 429, 500, 503].flatMap(
    (status) => [
      [
        `${status} JSON`,
        (_q, response) =>
          json(response, status, errorList(secrets(), secrets(), secrets()), {
            'x-amzn-requestid': 'Atza|access-1',
          }),
      ],
      [`${status} HTML`, raw(status, 'text/html', `<html>${secrets()}`)],
      [`${status} broken`, raw(status, 'application/json', `{"errors": [${secrets()}`)],
    ],
  )

  it.each([
    ...echoes,
    ['a reset', (_q, response) => void response.destroy()],
    ['silence', () => {}],
    ['broken HTTP', (_q, response) => void response.socket?.end(`HTTP/1.1 ${secrets()}\r\n\r\n`)],
  ] satisfies [string, StubHandler][])('are in no error and no log: %s', async (_name, handler) => {
    const { lookup, logged, finished } = await oneCode(stubs, handler, { retry: { attempts: 2 } })
    const outcome = await lookup()
    const told = JSON.stringify([outcome, logged, finished])
    expect(outcome.kind).not.toBe('items')
    expect(told).not.toMatch(/CANARY|access-1/)
  })
})
