import { expect, it } from 'vitest'
import type { RunningService } from './service.ts'
import { together } from './together.ts'

function part(name: string, stopped: string[], more: Partial<RunningService> = {}): RunningService {
  const end = Promise.withResolvers<void>()
  return {
    name,
    finished: end.promise,
    healthy: () => true,
    ready: async () => {},
    async stop() {
      stopped.push(name)
      end.resolve()
    },
    ...more,
  }
}

it('is ready and healthy when all parts are, and stops them all', async () => {
  const stopped: string[] = []
  const not = Promise.reject(new Error('b waits for its database'))
  not.catch(() => {})
  const service = await together('both', [
    async () => part('a', stopped),
    async () => part('b', stopped, { ready: () => not, healthy: () => false }),
  ])
  await expect(service.ready()).rejects.toThrow('b waits')
  expect(service.healthy()).toBe(false)
  await service.stop(100)
  expect(new Set(stopped)).toEqual(new Set(['a', 'b']))
  await service.finished
})

it('ends with the first part that can not go on', async () => {
  const failure = Promise.withResolvers<void>()
  const service = await together('both', [
    async () => part('a', []),
    async () => part('b', [], { finished: failure.promise }),
  ])
  failure.reject(new Error('broken'))
  await expect(service.finished).rejects.toThrow('broken')
})

it('stops what has started when a part can not start', async () => {
  const stopped: string[] = []
  const starting = together('both', [
    async () => part('a', stopped),
    async () => {
      throw new Error('no topic')
    },
  ])
  await expect(starting).rejects.toThrow('no topic')
  expect(stopped).toEqual(['a'])
})

it('tells that a part did not stop, when the others have', async () => {
  const stopped: string[] = []
  const service = await together('both', [
    async () => part('a', stopped, { stop: () => Promise.reject(new Error('stuck')) }),
    async () => part('b', stopped),
  ])
  await expect(service.stop(100)).rejects.toThrow('stuck')
  expect(stopped).toEqual(['b'])
})
