import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay in front of a server, whose connections a scenario can cut as a broken network does: by a reset. */
export interface Relay {
  readonly port: number
  /** Resets every connection. How many there were. */
  cutAll(): number
  /**
   * Lets the next so many answers to COMMIT get lost: the server has done it, and whoever asked sees a reset instead.
   * Resolves when all of them have been.
   */
  loseCommits(count: number): Promise<void>
  stop(): Promise<void>
}

/** PostgreSQL's simple query: 'Q', int32 length (itself included), text, 0. */
const COMMIT = Buffer.from([0x51, 0, 0, 0, 11, ...Buffer.from('commit'), 0])

export async function startRelay(target: number): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let toLose = 0
  let onAllLost: (() => void) | undefined
  const server = createServer((client) => {
    const upstream = connect({ port: target, host: '127.0.0.1' })
    const pair = [client, upstream] as const
    pairs.add(pair)
    let doomed = false
    const cut = (): void => {
      pairs.delete(pair)
      for (const socket of pair) socket.resetAndDestroy()
    }
    client.on('data', (data) => {
      if (toLose > 0 && data.includes(COMMIT)) {
        doomed = true
        toLose--
      }
      if (!upstream.write(data)) client.pause()
    })
    upstream.on('data', (data) => {
      if (doomed) {
        cut()
        if (toLose === 0) onAllLost?.()
      } else if (!client.write(data)) upstream.pause()
    })
    client.on('drain', () => upstream.resume())
    upstream.on('drain', () => client.resume())
    for (const socket of pair) {
      socket.setNoDelay(true)
      // One side's end or failure is the other's.
      socket.on('error', cut)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  const cutAll = (): number => {
    const all = [...pairs]
    pairs.clear()
    for (const socket of all.flat()) socket.resetAndDestroy()
    return all.length
  }
  return {
    port,
    cutAll,
    loseCommits: (count) =>
      new Promise((resolve) => {
        toLose = count
        onAllLost = resolve
      }),
    async stop() {
      cutAll()
      await new Promise((done) => server.close(done))
    },
  }
}
