import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topics } from '#schemas/topics.ts'
import type { Shell } from '../commands/completion.ts'
import { program } from '../main.ts'
import { productStates } from '../options.ts'
import { allCommands, commandModel } from './model.ts'
import { completionScript } from './script.ts'

const root = program(() => {})
const script = (shell: Shell) => completionScript(shell, root)
const isThere = (shell: string) => spawnSync(shell, ['--version']).error === undefined

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'))
  for (const shell of ['bash', 'zsh', 'fish'] as const) writeFileSync(join(folder, shell), script(shell))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.runIf(isThere('bash'))('bash', () => {
  /** What bash offers for the last of these words, which are as bash splits a line. */
  const offered = (...words: string[]): string[] =>
    execFileSync(
      'bash',
      [
        '--noprofile',
        '--norc',
        '-c',
        `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); $(complete -p asinstream | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        join(folder, 'bash'),
        'asinstream',
        ...words,
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
      .filter((line) => line !== '')

  it('offers commands, and those below them', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['dev', 'jobs', 'products', 'completion', 'help']))
    expect(offered('jo')).toEqual(['jobs'])
    expect(offered('jobs', '')).toEqual(['list', 'show', 'cancel', 'pause', 'resume', 'retry'])
    expect(offered('help', 'exp')).toEqual(['export'])
  })

  it('offers the options of the command that stands there', () => {
    expect(offered('jobs', 'list', '--s')).toEqual(['--status', '--since'])
    expect(offered('--ver')).toEqual(['--version'])
    expect(offered('jobs', '--status')).toEqual([])
  })

  it('offers the values of an option, also behind an equals sign and after other options', () => {
    expect(offered('export', 'x', '--format', '')).toEqual(['csv', 'ndjson', 'xlsx'])
    expect(offered('export', '--format', '=', 'x')).toEqual(['xlsx'])
    expect(offered('export', '--format', '=')).toEqual(['csv', 'ndjson', 'xlsx'])
    expect(offered('products', 'list', '--supplier', 'jobs', '--status', '')).toEqual(productStates)
    expect(offered('dead-letters', 'list', '--topic', 'catalog.')).toEqual(
      topics.map(({ name }) => name).filter((name) => name.startsWith('catalog.')),
    )
  })

  it('offers the values of an argument, and nothing where anything may stand', () => {
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(offered('serve', 'off')).toEqual(['offer-fetcher'])
    expect(offered('jobs', 'list', '--limit', '')).toEqual([])
    expect(offered('import', '')).toEqual([])
  })
})

it.runIf(isThere('zsh'))('zsh can read its script, and finds a function for each command', () => {
  const names = execFileSync(
    'zsh',
    [
      '-f',
      '-c',
      `autoload -U compinit; compinit -D; source "$1"; print -l \${(ok)functions}`,
      'zsh',
      join(folder, 'zsh'),
    ],
    { encoding: 'utf8' },
  ).split('\n')
  for (const { path } of allCommands(commandModel(root)))
    expect(names).toContain(['', 'asinstream', ...path].join('_').replaceAll('-', '_'))
})

it.runIf(isThere('fish'))('fish offers commands, options and values', () => {
  const offered = (line: string): string[] =>
    execFileSync(
      'fish',
      [
        '--no-config',
        '-c',
        'source $argv[1]; complete -C $argv[2]',
        join(folder, 'fish'),
        `asinstream ${line}`,
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
      .map((offer) => offer.split('\t')[0] ?? '')
  expect(offered('')).toEqual(expect.arrayContaining(['jobs', 'products']))
  expect(new Set(offered('jobs '))).toEqual(new Set(['list', 'show', 'cancel', 'pause', 'resume', 'retry']))
  expect(new Set(offered('export --format '))).toEqual(new Set(['csv', 'ndjson', 'xlsx']))
  expect(offered('jobs list --s')).toEqual(['--since', '--status'])
})

it('no word needs quoting in a shell', () => {
  for (const command of allCommands(commandModel(root))) {
    const values = [...command.options, ...command.arguments].map(({ value }) => value)
    const words = values.flatMap((value) => (value?.kind === 'words' ? value.words : []))
    for (const word of [command.name, ...words, ...command.options.map(({ long }) => long)])
      expect(word).toMatch(/^[\w.-]+$/)
  }
})
