import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Koa from 'koa'

/** A port that listens. */
export interface HttpServer {
  readonly host: string
  readonly port: number
  /** Stops accepting, ends idle connections at once and busy ones within the grace. */
  close(graceMs: number): Promise<void>
}

/** Rejects with a message that says what to do when the address can not be had. */
export async function listen(
  app: Koa,
  options: {
    readonly host: string
    readonly port: number
    /** Sets time limits before the first connection. */
    readonly configure?: (server: Server) => void
  },
): Promise<HttpServer> {
  const server = createServer(app.callback())
  options.configure?.(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explainListenError(error, options)))
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return { host: options.host, port, close: (graceMs) => close(server, graceMs) }
}

function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): Error {
  const what =
    error.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is in use: end what listens there, or set PORT to another one (0 takes any free one)`
      : error.code === 'EACCES'
        ? `port ${port} on ${host} needs privileges: set PORT to 1024 or more`
        : error.code === 'EADDRNOTAVAIL'
          ? `${host} is not an address of this machine: correct HOST`
          : `can not listen on ${host}:${port}: ${error.message}`
  return new Error(what, { cause: error })
}

async function close(server: Server, graceMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
