import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { apiScopes } from '#libs/db/api-keys.ts'
import { jobStates as allJobStates, syncStates } from '#libs/db/entities.ts'
import { serviceNames } from '#services/all.ts'
import { exportFormats } from '#services/reporting/exports/formats.ts'
import { serviceChoices } from './commands/serve.ts'
import { allCommands, commandModel } from './completion/model.ts'
import { exitCodes } from './failure.ts'
import { program } from './main.ts'
import { failureStates, jobStates, productStates } from './options.ts'
import { runHere } from './testing.ts'

const root = program(() => {})
const commandAt = (path: readonly string[]): Command =>
  path.reduce((at, name) => at.commands.find((one) => one.name() === name) ?? missing(name), root)
const missing = (name: string): never => {
  throw new Error(`there is no command ${name}`)
}

/** Every command that does something, by the words that lead to it. */
const leaves = allCommands(commandModel(root))
  .filter(({ commands, path }) => commands.length === 0 && path.length > 0 && path[0] !== 'help')
  .map(({ path }) => path)

/** Those whose output is no data: servers, files that they write, scripts, secrets that stand alone on their line. */
const WITHOUT_JSON = new Set([
  'dev',
  'serve',
  'export',
  'completion',
  'sellers add',
  'sellers remove',
  'sellers rotate-secret',
  'sellers rotate-key',
  'sellers new-key',
])

const run = (...args: string[]) => runHere(args)

describe.each(leaves.map((path) => [path.join(' '), path] as const))('asinstream %s', (name, path) => {
  it('has help with examples that name it', async () => {
    const { code, stdout, stderr } = await run(...path, '--help')
    expect({ code, stderr }).toEqual({ code: exitCodes.ok, stderr: '' })
    expect(stdout).toContain(`Usage: asinstream ${name}`)
    const examples = stdout.split('Examples:\n')[1] ?? ''
    expect(examples).toContain(name.split(' ')[0] === 'dev' ? 'npm start' : `${path.at(-1)}`)
  })

  it('prints JSON when it is asked to', () => {
    const options = commandAt(path).options.map((option) => option.long)
    expect(options.includes('--json')).toBe(!WITHOUT_JSON.has(name))
  })

  const { registeredArguments, options } = commandAt(path)
  const needed = options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [String(long), 'x'])

  it('says what is wrong with an option that it does not know, and how to go on', async () => {
    const { code, stdout, stderr } = await run(...path, ...needed, '--bogus')
    expect({ code, stdout }).toEqual({ code: exitCodes.misused, stdout: '' })
    expect(stderr).toContain("unknown option '--bogus'")
    expect(stderr).toContain(`(see: asinstream ${name} --help)`)
  })

  it.runIf(registeredArguments.some(({ required }) => required))('asks for its argument', async () => {
    const { code, stderr } = await run(...path, ...needed)
    expect(code).toBe(exitCodes.misused)
    expect(stderr).toContain('missing required argument')
  })

  const known = options.filter(({ argChoices }) => argChoices)
  it.runIf(known.length > 0)('takes the values that it lists, and no others', async () => {
    for (const { long, argChoices } of known) {
      const given = registeredArguments.map(() => 'x.csv')
      const { code, stderr } = await run(...path, ...given, ...needed, `${long}`, 'bogus')
      expect(code, long).toBe(exitCodes.misused)
      for (const choice of argChoices ?? []) expect(stderr).toContain(choice)
    }
  })
})

it('a group of commands says what is in it', async () => {
  for (const { path, commands } of allCommands(commandModel(root))) {
    if (commands.length === 0) continue
    const { code, stderr, stdout } = await run(...path)
    expect({ code, stdout }).toEqual({ code: exitCodes.misused, stdout: '' })
    for (const { name } of commands) expect(stderr).toContain(name)
  }
})

it('values of options are those of the code', () => {
  expect(new Set(productStates)).toEqual(new Set(syncStates))
  expect(new Set(jobStates)).toEqual(new Set(allJobStates))
  const unmatched = syncStates.filter((state) => !['pending', 'queued', 'success'].includes(state))
  expect(new Set<string>(failureStates)).toEqual(new Set(unmatched))
  expect(new Set<string>(serviceChoices)).toEqual(new Set([...serviceNames, 'all']))
  const choices = (path: string[], long: string) =>
    commandAt(path).options.find((option) => option.long === long)?.argChoices
  expect(choices(['keys', 'create'], '--scope')).toEqual([...apiScopes])
  expect(choices(['export'], '--format')).toEqual([...exportFormats])
})
