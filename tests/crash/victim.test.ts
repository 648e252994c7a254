import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startVictim } from './victim.ts'

const folder = mkdtempSync(join(tmpdir(), 'victim-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('asks a process to end as soon as it listens, not before', async () => {
  const main = join(folder, 'listening.mjs')
  writeFileSync(main, `process.once('SIGTERM', () => process.exit(0))\nsetInterval(() => {}, 1000)\n`)
  const victim = await startVictim({ name: 'listening', main, preload: [], environment: {}, folder })
  const running = victim.run({ at: null, moment: 'before' })
  await victim.stop()
  expect(await running).toEqual({ steps: [], crashed: false })
})

it('begins by no plan but its own, whatever a process of its name has left in the folder', async () => {
  const main = join(folder, 'later.mjs')
  writeFileSync(main, `process.once('SIGTERM', () => process.exit(0))\nsetInterval(() => {}, 1000)\n`)
  const left = ['plan', 'json', 'listening'].map((end) => join(folder, `later.${end}`))
  for (const file of left) writeFileSync(file, '{"at": 1, "moment": "before"}')
  const victim = await startVictim({ name: 'later', main, preload: [], environment: {}, folder })
  expect(left.filter((file) => existsSync(file))).toEqual([])
  const running = victim.run({ at: null, moment: 'before' })
  await victim.stop()
  expect(await running).toEqual({ steps: [], crashed: false })
})
