import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { cached, needTool, runTool } from './cache.ts'

let folder: string
let input: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cache-'))
  input = join(folder, 'pom.xml')
  writeFileSync(input, 'version 1')
  vi.stubEnv('ASINSTREAM_CACHE', join(folder, 'cache'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const quiet = () => {}

function artifact(build: (folder: string) => void) {
  return { name: 'thing', inputs: [input], build: async (into: string) => build(into) }
}

it('builds once, whoever asks at the same time, and again when an input changes', async () => {
  let builds = 0
  const thing = artifact((into) => {
    builds += 1
    writeFileSync(join(into, 'file'), `${builds}`)
  })
  const folders = await Promise.all([cached(thing, quiet), cached(thing, quiet)])
  expect(folders[0]).toBe(folders[1])
  expect(builds).toBe(1)
  writeFileSync(input, 'version 2')
  expect(await cached(thing, quiet)).not.toBe(folders[0])
  expect(builds).toBe(2)
})

it('keeps nothing of a build that failed, and tries again the next time', async () => {
  const broken = artifact((into) => {
    writeFileSync(join(into, 'half'), '')
    throw new Error('the network is gone')
  })
  await expect(cached(broken, quiet)).rejects.toThrow('the network is gone')
  expect(readdirSync(join(folder, 'cache'))).toEqual([])
  const whole = await cached(
    artifact((into) => writeFileSync(join(into, 'whole'), '')),
    quiet,
  )
  expect(existsSync(join(whole, 'whole'))).toBe(true)
  expect(existsSync(join(whole, 'half'))).toBe(false)
})

it('says what to install when a tool is missing or too old', async () => {
  await expect(needTool('no-such-tool', [], 'Install it.')).rejects.toThrow(
    'no-such-tool is not installed. Install it.',
  )
  const minimum = { pattern: /v(\d+)/, least: 9999, show: String }
  await expect(needTool(process.execPath, ['--version'], 'Get it.', minimum)).rejects.toThrow(
    /version \d+; 9999 or newer is needed. Get it./,
  )
})

it('shows what a tool printed when it fails', async () => {
  const failing = runTool('sh', ['-c', 'echo no route; exit 3'], { purpose: 'fetch kafka' })
  await expect(failing).rejects.toThrow(/exit 3.*fetch kafka.*\nno route/)
})
