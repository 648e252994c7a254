import { expect, it } from 'vitest'
import { freePorts, isFree } from './port.ts'

it('gives different ports that are free, none of those that outgoing connections take', async () => {
  const ports = await freePorts(50)
  expect(new Set(ports).size).toBe(50)
  expect(ports.every((port) => port >= 1_024 && port < 32_768)).toBe(true)
  for (const port of ports.slice(0, 5)) expect(await isFree(port)).toBe(true)
})
