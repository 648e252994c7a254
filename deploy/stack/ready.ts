import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listenerPid } from '#libs/child-process/identity.ts'
import type { ServerProcess } from '#libs/child-process/server.ts'
import { StackError } from './cache.ts'

/** Three brokers that start at once on a machine that is busy with other work take more than a minute. */
const PATIENCE_MS = 180_000

/**
 * Waits until a server answers on its port, and makes sure that it is our process that listens there.
 * @throws StackError with the server's last output when it ends instead, or when a stranger has the port
 */
export async function untilReady(
  name: string,
  server: ServerProcess,
  port: number,
  answers: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (server.running) {
    if (await answers().catch(() => false)) {
      if (process.platform !== 'linux' || listenerPid(port, [server.pid]) === server.pid) return
      await server.end('SIGKILL', 0)
      throw new StackError(`Another process listens on port ${port}, which was to be ${name}'s. Start again.`)
    }
    if (Date.now() > deadline) {
      const output = server.lastOutput()
      await server.end('SIGKILL', 0)
      throw new StackError(
        `${name} does not answer on port ${port} after ${PATIENCE_MS / 1_000} s:\n${output}`,
      )
    }
    await sleep(25)
  }
  throw new StackError(`${name} ended while it was starting:\n${server.lastOutput()}`)
}

/** Sends `request` to a loopback port and tells whether what comes back begins with `reply`. */
export function exchange(
  port: number,
  request: Buffer | string,
  reply: (data: Buffer) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const done = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(2000, () => done(false))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
    socket.once('connect', () => socket.write(request))
    socket.once('data', (data) => done(reply(data)))
  })
}
