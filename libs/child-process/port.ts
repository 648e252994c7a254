import { createServer } from 'node:net'

/** A TCP port of the loopback interface that nobody listens on at the moment of asking. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/**
 * Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152): one of those may be
 * taken by anybody's connection between the choice and the server's start, or while the server is restarted.
 */
const LOWEST = 20_000
const HIGHEST = 32_767

/** As many different free ports: held open together, so that the same one is not given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, holdSome))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** Whether a server could listen on this port of the loopback interface now. */
export async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port)
    await new Promise((done) => server.close(done))
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
}

async function holdSome(): Promise<ReturnType<typeof createServer>> {
  for (let tries = 0; tries < 100; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
    try {
      return await listen(port)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    }
  }
  // Nearly all of them are in use: then any port that the system has.
  return listen(0)
}

function listen(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}
