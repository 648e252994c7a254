import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** What kafkajs asks its socket factory for. */
export interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions
  readonly onConnect: () => void
}

const KEEP_ALIVE_DELAY_MS = 60_000

/** Opens a connection as kafkajs does by itself; `ssl` is undefined or null without TLS, whatever its types say. */
export function openSocket({ host, port, ssl, onConnect }: SocketRequest): Socket {
  const tls: ConnectionOptions | null | undefined = ssl
  const socket = tls
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls }, onConnect)
    : connect({ host, port }, onConnect)
  return socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
}

/**
 * While a broker is gone kafkajs disconnects one connection once for each request that fails, and `unref`s its socket each
 * time; one that is closed already takes every one for a wish about its next connection, with a listener of its own, until
 * Node warns of a leak.
 */
export function unrefOnce(create: (request: SocketRequest) => Socket): (request: SocketRequest) => Socket {
  return (request) => {
    const socket = create(request)
    const unref = socket.unref.bind(socket)
    let done = false
    socket.unref = () => {
      if (!done) unref()
      done = true
      return socket
    }
    return socket
  }
}
