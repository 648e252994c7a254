import { createServer } from 'node:net'

/** A TCP port of the loopback interface that nobody listens on at the moment of asking. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** As many different free ports: held open together, so that the same one is not given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)))
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

function listen(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}
