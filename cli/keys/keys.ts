import { API_KEY_MARK, type ApiKeyView, type ApiScope, apiScopes } from '#libs/db/api-keys.ts'
import { parseDuration } from '#libs/service/duration.ts'
import type { CreateKeyOptions, KeyOptions } from '../commands/keys.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { table } from '../terminal.ts'
import { keyStore, type NewKey } from './key-store.ts'

/** Makes a key and prints it, alone on its line so that a script can take it. */
export async function createKey(options: CreateKeyOptions): Promise<number> {
  const name = options.name.trim()
  if (name === '' || name.length > 100 || /\p{C}/u.test(name))
    throw new UsageError('--name must be a text of 1 to 100 characters.')
  const scopes = options.scope.map(readScope)
  const expires = readExpiry(options.expires)
  const { key, ...view } = await keyStore(options.url, process.env).create({ name, scopes, expires })
  if (options.json) process.stdout.write(`${JSON.stringify({ ...view, key }, null, 2)}\n`)
  else {
    process.stderr.write(`A key for ${name} (${scopes.join(', ')}). It is shown this once:\n`)
    process.stdout.write(`${key}\n`)
  }
  return exitCodes.ok
}

export async function listKeys(options: KeyOptions): Promise<number> {
  const keys = await keyStore(options.url, process.env).list()
  if (options.json) process.stdout.write(`${JSON.stringify(keys, null, 2)}\n`)
  else if (keys.length === 0)
    process.stdout.write('No keys yet: npm run keys -- create --name … makes one.\n')
  else process.stdout.write(`${table([HEAD, ...keys.map(toRow)])}\n`)
  return exitCodes.ok
}

export async function revokeKey(given: string, options: KeyOptions): Promise<number> {
  // Whoever pastes the whole key means it too.
  const shown = given.startsWith(API_KEY_MARK) ? given.slice(0, API_KEY_MARK.length + 6) : given
  const view = await keyStore(options.url, process.env).revoke(shown)
  if (view === null)
    throw new CommandError('There is no such key, or several begin so: keys list shows them, with their ids.')
  if (options.json) process.stdout.write(`${JSON.stringify(view, null, 2)}\n`)
  else process.stdout.write(`${view.prefix}… (${view.name}) does not work any more.\n`)
  return exitCodes.ok
}

const HEAD = ['KEY', 'NAME', 'SCOPES', 'MADE', 'LAST USED', 'STATE', 'ID']

function toRow(key: ApiKeyView): string[] {
  return [
    `${key.prefix}…`,
    key.name,
    key.scopes.join(','),
    key.createdAt.slice(0, 10),
    key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
    stateOf(key),
    key.id,
  ]
}

function stateOf({ revokedAt, expiresAt }: ApiKeyView): string {
  if (revokedAt !== null) return `revoked ${revokedAt.slice(0, 10)}`
  if (expiresAt === null) return 'valid'
  return `${Date.parse(expiresAt) > Date.now() ? 'valid until' : 'expired'} ${expiresAt.slice(0, 10)}`
}

function readScope(text: string): ApiScope {
  const scope = apiScopes.find((known) => known === text)
  if (scope === undefined)
    throw new UsageError(`--scope takes some of ${apiScopes.join(', ')}, not "${text}".`)
  return scope
}

function readExpiry(text: string | undefined): NewKey['expires'] {
  if (text === undefined) return null
  const ms = parseDuration(text)
  // The API takes these; a key for milliseconds is of no use to anybody.
  if (ms === null || !/^[1-9]\d{0,3}[mhd]$/.test(text))
    throw new UsageError(`--expires must be a duration such as 90d, 12h or 30m, not "${text}".`)
  return { text, ms }
}
