import { createServer } from 'node:net'
import { CommandError } from '../failure.ts'

export const DEFAULT_PORT = 8_080
/** How many ports from the default one on are tried. */
const TRIES = 20

/**
 * The port to listen on: the wanted one, which has to be free, or without one 8080 or the next that is free.
 * @throws CommandError when it is in use
 */
export async function choosePort(host: string, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) {
    if (wanted === 0 || (await isFree(host, wanted))) return wanted
    throw new CommandError(
      `port ${wanted} on ${host} is in use. Choose another: npm start -- --port ${wanted === 65_535 ? 8_080 : wanted + 1} (or PORT; 0 takes any free one).`,
    )
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + TRIES; port++) if (await isFree(host, port)) return port
  throw new CommandError(
    `ports ${DEFAULT_PORT} to ${DEFAULT_PORT + TRIES - 1} on ${host} are all in use. Choose one: npm start -- --port 0 takes any free one.`,
  )
}

/** Whether one could listen there now. Rejects for anything but a port in use, such as a host that is not ours. */
async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
    await new Promise((closed) => server.close(closed))
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') return false
    if (code === 'EACCES')
      throw new CommandError(`port ${port} needs privileges: choose 1024 or more with --port.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CommandError(`${host} is not an address of this machine: correct HOST.`)
    throw new CommandError(`can not listen on ${host}:${port}: ${message}`)
  }
}
