import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { openSocket, unrefOnce } from './kafka-socket.ts'

it('a socket whose broker has gone notes one unref, however often it is asked', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const listenersAfter = async (create: typeof openSocket): Promise<number> => {
    const socket = create({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => {} })
    socket.on('error', () => {}) // refused: that is what is wanted
    await new Promise((resolve) => socket.once('close', resolve))
    const before = socket.listenerCount('connect')
    for (let i = 0; i < 5; i++) socket.unref()
    return socket.listenerCount('connect') - before
  }
  expect(await listenersAfter(openSocket)).toBe(5) // Node as it comes
  expect(await listenersAfter(unrefOnce(openSocket))).toBe(1)
})
