import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'

/** What stands where Amazon's hosts stand, for clients whose hosts can not be changed. */
export interface TlsFront {
  /** `https://localhost:…`, for who can be told where Amazon is. */
  readonly url: string
  /** An HTTP proxy that knows `CONNECT` and leads to the same place, whatever the host. */
  readonly proxy: string
  /** The certificate to trust. */
  readonly certificate: string
  close(): Promise<void>
}

const HOSTS = ['localhost', 'api.amazon.com', 'sellingpartnerapi-na.amazon.com']

/** TLS by a certificate of its own in front of `target`, the simulator, which speaks plain HTTP. */
export async function startTlsFront(target: string, folder: string): Promise<TlsFront> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const names = HOSTS.map((host) => `DNS:${host}`).join(',')
  execFileSync(
    'openssl',
    `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=${names} -keyout ${key} -out ${certificate}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  const front = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (incoming, outgoing) => {
      const { hostname, port } = new URL(target)
      const { method = 'GET', url = '/', headers } = incoming
      const onward = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      incoming.pipe(onward)
    },
  )
  const proxy = createServer()
  // A server forgets the connections that `CONNECT` took over, and waits for them all the same.
  const sockets = new Set<Socket>()
  for (const server of [front, proxy])
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  const port = await listen(front)
  proxy.on('connect', (_request, client, head) => {
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      server.write(head)
      server.pipe(client)
      client.pipe(server)
    })
    // One end's end is the other's.
    server.on('error', () => client.destroy())
    client.on('error', () => server.destroy())
  })
  const proxyPort = await listen(proxy)
  return {
    url: `https://localhost:${port}`,
    proxy: `http://127.0.0.1:${proxyPort}`,
    certificate,
    async close() {
      const closed = [front, proxy].map((server) => new Promise((resolve) => server.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return (server.address() as AddressInfo).port
}
