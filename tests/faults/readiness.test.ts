import { expect, it } from 'vitest'
import { expectReadiness } from './readiness.ts'

const supervisor = (ready: readonly string[]) => ({
  names: ['persister-0', 'persister-1', 'reporting-0'],
  isReady: async (name: string) => ready.includes(name),
})

it('finds nothing when each says what it should', async () => {
  expect(await expectReadiness(supervisor(['reporting-0']), ['persister'], false, 'meanwhile')).toEqual([])
})

it('catches one that goes on to say that it is ready', async () => {
  const found = await expectReadiness(supervisor(['persister-1']), ['persister'], false, 'meanwhile', 1)
  expect(found).toEqual([{ kind: 'readiness', detail: 'persister-1 says ready meanwhile' }])
})

it('catches one that does not become ready again', async () => {
  const found = await expectReadiness(supervisor(['persister-1']), ['persister'], true, 'afterwards', 1)
  expect(found).toEqual([{ kind: 'readiness', detail: 'persister-0 says not ready afterwards' }])
})
