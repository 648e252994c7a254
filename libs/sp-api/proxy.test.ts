import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { DocumentTransport } from './documents/document-transport.ts'
import { SpApiError } from './errors.ts'
import { RegionalEndpointManager } from './index.ts'
import { type ProxyServers, proxyFromEnvironment } from './proxy.ts'
import { certificate, privateKey } from './test-certificate.ts'
import { itemsAnswer, json, startStub, testApi, US } from './test-support.ts'
import { HttpTransport } from './transport.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  stops.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(resolve)
      }),
  )
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
}

/** A proxy that knows CONNECT and leads to a port of this machine, whatever the host. */
async function startProxy(to: number, answer?: (request: IncomingMessage, socket: Socket) => boolean) {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    asked.push(request.url ?? '')
    client.on('error', () => {})
    if (answer?.(request, client)) return
    const server = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      server.write(head)
      server.pipe(client).pipe(server)
    })
    server.on('error', () => client.destroy())
  })
  const port = await listening(proxy)
  return { url: `http://127.0.0.1:${port}`, asked }
}

/** One request to a host that only a proxy leads to. */
async function send(url: string, proxy: ProxyServers | undefined, connectMs = 10_000) {
  const transport = new HttpTransport({
    clock: systemClock,
    timeouts: { connectMs, headersMs: 10_000, bodyMs: 10_000, totalMs: 20_000 },
    maxAnswerBytes: 1_000,
    proxy,
  })
  stops.push(() => transport.close())
  return transport.send({ operation: 'test', method: 'GET', url: new URL(url), headers: {} })
}

describe('a proxy', () => {
  it('leads to Login with Amazon, the API and the documents', async () => {
    const stub = await startStub({ api: itemsAnswer([]) })
    stops.push(() => stub.close())
    const proxy = await startProxy(Number(new URL(stub.url).port))
    const { api } = testApi('http://unused.test', {
      endpoints: new RegionalEndpointManager({
        spApiEndpoint: 'http://sellingpartnerapi.test',
        lwaEndpoint: 'http://login.test:8080',
      }),
      proxy: { http: proxy.url },
      timeouts: {},
    })
    stops.push(() => api.close())
    await api.lookupCodes({ marketplaceId: US, gtin14s: ['00036000291452'] })
    expect(proxy.asked).toEqual(['login.test:8080', 'sellingpartnerapi.test:80'])
    const documents = new DocumentTransport({}, { http: proxy.url })
    stops.push(() => documents.close())
    const answer = await documents.get('http://storage.test/document', { offset: 0, etag: null })
    expect(answer.status).toBe(200)
    answer.discard()
    expect(proxy.asked).toContain('storage.test:80')
  })

  it('is a tunnel for https: it sees neither the request nor the answer', async () => {
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, certificate])
    stops.push(async () => setDefaultCACertificates(before))
    const amazon = createTlsServer({ key: privateKey, cert: certificate }, (request, response) => {
      response.end(`${request.headers.host}${request.url}`)
    })
    const seen: Buffer[] = []
    const proxy = await startProxy(await listening(amazon), (_request, client) => {
      client.on('data', (piece) => seen.push(piece))
      return false
    })
    const answer = await send('https://sellingpartnerapi.test/secret-path', { https: proxy.url })
    expect(answer.body).toBe('sellingpartnerapi.test/secret-path')
    expect(proxy.asked).toEqual(['sellingpartnerapi.test:443'])
    const passed = Buffer.concat(seen).toString('latin1')
    expect(passed).toContain('sellingpartnerapi.test')
    expect(passed).not.toContain('secret-path')
  })

  it('does not vouch for a certificate that nobody trusts', async () => {
    const amazon = createTlsServer({ key: privateKey, cert: certificate }, (_request, response) =>
      response.end(),
    )
    const proxy = await startProxy(await listening(amazon))
    await expect(send('https://sellingpartnerapi.test/', { https: proxy.url })).rejects.toThrow(
      "the server's certificate is not trusted",
    )
  })

  it('gets the name and the password that its URL has', async () => {
    const stub = await startStub({ api: (_request, response) => json(response, 200, {}) })
    stops.push(() => stub.close())
    let credentials: string | undefined
    const proxy = await startProxy(Number(new URL(stub.url).port), (request) => {
      credentials = request.headers['proxy-authorization']
      return false
    })
    const url = new URL(proxy.url)
    url.username = 'name'
    url.password = 'p@ss/word'
    await send('http://amazon.test/', { http: url.href })
    expect(Buffer.from(credentials!.replace('Basic ', ''), 'base64').toString()).toBe('name:p@ss/word')
    // Which is nothing for Amazon.
    expect(stub.requests[0]!.headers).not.toHaveProperty('proxy-authorization')
  })

  it.each([
    [407, false],
    [403, false],
    [503, true],
  ])('that answers %i is told apart from Amazon, and nothing was sent', async (status, transient) => {
    const proxy = await startProxy(
      0,
      (_request, client) => client.end(`HTTP/1.1 ${status} No\r\n\r\n`) !== undefined,
    )
    const failure = await send('http://amazon.test/', { http: proxy.url }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SpApiError)
    expect(failure).toMatchObject({ kind: 'unavailable', transient, undelivered: true })
    expect((failure as Error).message).toContain(
      `the proxy does not lead to amazon.test (it answered ${status}): check HTTPS_PROXY and NO_PROXY`,
    )
  })

  it('that is not there, or says nothing, is an outage, and nothing was sent', async () => {
    const gone = await send('http://amazon.test/', { http: 'http://127.0.0.1:1' }).catch((error) => error)
    expect(gone).toMatchObject({ kind: 'unavailable', undelivered: true })
    expect(gone.message).toContain('check the network, the endpoint and the proxy')
    const silent = await startProxy(0, () => true)
    const waited = await send('http://amazon.test/', { http: silent.url }, 200).catch((error) => error)
    expect(waited).toMatchObject({ name: 'SpApiError', transient: true })
  })

  it('that is no URL is refused, without showing it', async () => {
    await expect(send('http://amazon.test/', { http: 'proxy:secret@host' })).rejects.toThrow(
      /^a proxy is a URL that begins with http:\/\/ or https:\/\/$/,
    )
  })
})

describe('hosts without a proxy', () => {
  it.each<[string, string, ProxyServers]>([
    ['this machine', 'http://127.0.0.1', {}],
    ['this machine by its name', 'http://localhost', {}],
    ['hosts of the other scheme', 'http://127.0.0.1', { http: undefined, https: 'http://127.0.0.1:1' }],
  ])('%s', async (_, origin, more) => {
    const stub = await startStub({ api: (_request, response) => json(response, 200, {}) })
    stops.push(() => stub.close())
    const { port } = new URL(stub.url)
    const { status } = await send(`${origin}:${port}/`, { http: 'http://127.0.0.1:1', ...more })
    expect(status).toBe(200)
  })

  it.each([
    ['amazon.test', 'http://amazon.test/', true],
    ['.amazon.test', 'http://api.amazon.test/', true],
    ['amazon.test', 'http://api.amazon.test/', true],
    ['other.test, *.amazon.test', 'http://api.amazon.test/', true],
    ['amazon.test:8080', 'http://amazon.test/', false],
    ['zon.test', 'http://amazon.test/', false],
    ['*', 'http://amazon.test/', true],
    [undefined, 'http://amazon.test/', false],
  ])('NO_PROXY=%s, %s: %s', async (except, url, direct) => {
    const proxy = await startProxy(
      0,
      (_request, client) => client.end('HTTP/1.1 418 No\r\n\r\n') !== undefined,
    )
    const failure = await send(url, { http: proxy.url, except }).catch((error: Error) => error)
    // The name leads nowhere without the proxy.
    expect((failure as Error).message.includes('418')).toBe(!direct)
    expect(proxy.asked.length > 0).toBe(!direct)
  })
})

it('the environment names proxies in capital or small letters', () => {
  expect(proxyFromEnvironment({ HTTPS_PROXY: 'a', HTTP_PROXY: 'b', NO_PROXY: 'c' })).toEqual({
    https: 'a',
    http: 'b',
    except: 'c',
  })
  expect(proxyFromEnvironment({ https_proxy: 'a', HTTPS_PROXY: 'b', no_proxy: '' })).toEqual({
    https: 'a',
    http: undefined,
    except: undefined,
  })
})
