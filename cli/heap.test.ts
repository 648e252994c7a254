import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limitsBelow } from './heap.ts'

const run = promisify(execFile)

let folder: string
let script: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asinstream-heap-'))
  script = join(folder, 'limited.mjs')
  await writeFile(
    script,
    `import v8 from 'node:v8'
     import { limitHeap } from ${JSON.stringify(new URL('./heap.ts', import.meta.url).href)}
     limitHeap()
     const megabytes = v8.getHeapStatistics().heap_size_limit / 1_048_576
     console.log(JSON.stringify({ megabytes, pid: process.pid, arguments: process.argv.slice(2), kept: process.env.KEPT, arenas: process.env.MALLOC_ARENA_MAX }))`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

async function limited(environment: NodeJS.ProcessEnv, ...nodeArguments: string[]) {
  const started = run(process.execPath, [...nodeArguments, script, 'serve', 'two words'], {
    env: { ...environment, KEPT: 'yes' },
  })
  const { stdout, stderr } = await started
  return { ...JSON.parse(stdout), stderr, startedAs: started.child.pid }
}

describe.skipIf(process.platform === 'win32')('a process that runs services', () => {
  it('has a bounded heap, as the process that was started, with its arguments and environment', async () => {
    const process = await limited({})
    expect(process.megabytes).toBeLessThan(700)
    expect(process.pid).toBe(process.startedAs)
    expect(process.arguments).toEqual(['serve', 'two words'])
    expect(process.kept).toBe('yes')
    expect(process.arenas).toBe('2')
    expect((await limited({ MALLOC_ARENA_MAX: '5' })).arenas).toBe('5')
    expect(process.stderr).toBe('')
  })

  it('keeps a limit that is tighter, as that of a small container is', () => {
    expect(limitsBelow(4_096)).toContain('--max-old-space-size=512')
    expect(limitsBelow(260)).toEqual(['--max-semi-space-size=4', '--max-old-space-size=248'])
  })

  it('keeps the limits that it is given', async () => {
    expect((await limited({}, '--max-old-space-size=900')).megabytes).toBeGreaterThan(900)
    expect((await limited({ NODE_OPTIONS: '--max-old-space-size=900' })).megabytes).toBeGreaterThan(900)
  })
})

it('leaves no compiled code where it was started, though NODE_COMPILE_CACHE is set to nothing', async () => {
  const started = await mkdtemp(join(tmpdir(), 'asinstream-started-'))
  const { stdout } = await run(
    process.execPath,
    [fileURLToPath(new URL('./asinstream.ts', import.meta.url)), '--version'],
    {
      cwd: started,
      env: { ...process.env, NODE_COMPILE_CACHE: '' },
    },
  )
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await readdir(started)).toEqual([])
  await rm(started, { recursive: true })
})
