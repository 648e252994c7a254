/** The simulator as a server: Amazon's token endpoint and Selling Partner API on one port. */

import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Catalogue } from './catalogue/catalogue.ts'
import type { Market } from './catalogue/market.ts'
import type { Controls } from './control.ts'
import { Gateway, type SimulatorStats } from './gateway.ts'
import { marketOf } from './operations/market.ts'
import { resolveOptions, type SimulatorOptions } from './options.ts'

export interface Simulator extends Controls {
  /** Base URL of both the API and LWA, such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly port: number
  readonly catalogue: Catalogue
  /** What is offered at what price, and the means to change it. */
  readonly market: Market
  stats(): SimulatorStats
  /** Closes every connection, calls in flight included; idempotent. */
  stop(): Promise<void>
}

/**
 * Starts a simulator. Throws an OptionError for options that make no sense, and Node's listen error (`EADDRINUSE` and
 * so on) when the port cannot be had.
 */
export async function startSimulator(given: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const options = resolveOptions(given)
  const gateway = new Gateway(options)
  const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    gateway.handle(request, response).catch((error: unknown) => gateway.crashed(response, error))
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  let stopping: Promise<void> | undefined
  return {
    url: `http://${host}:${port}`,
    port,
    catalogue: gateway.world.catalogue,
    market: marketOf(gateway.world),
    stats: () => gateway.stats(),
    resetStats: () => gateway.resetStats(),
    asked: () => gateway.asked(),
    setFaults: (faults, only) => gateway.setFaults(faults, only),
    setPlan: (change) => gateway.setPlan(change),
    revoke: (grant) => gateway.revoke(grant),
    restore: (grant) => gateway.restore(grant),
    setLwa: (change) => gateway.setLwa(change),
    setClock: (change) => gateway.setClock(change),
    stop() {
      stopping ??= new Promise((resolve) => {
        gateway.stopping.abort()
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
      return stopping
    },
  }
}
