import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' })

it.each(['tests/api/main.ts', 'tests/crash/main.ts', 'tests/faults/main.ts', 'tests/soak/main.ts'])(
  '%s says by --help what it takes, without doing it',
  (file) => {
    const { status, stdout } = run(file, '--help')
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/npm run [\s\S]*--seed/) })
  },
)

it.each([
  [['--nonsense'], /nonsense/],
  [['--seed', 'many'], /--seed must be a whole number/],
])('%j is refused with one line and 2', (args, reason) => {
  const { status, stderr } = run('tests/crash/main.ts', ...args)
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(reason) })
  expect(stderr.trim().split('\n')).toHaveLength(1)
})
