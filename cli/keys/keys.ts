import { userInfo } from 'node:os'
import {
  API_KEY_MARK,
  type ApiKeyView,
  type ApiScope,
  apiScopes,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '#libs/db/api-keys.ts'
import { parseDuration } from '#libs/service/duration.ts'
import type { CreateKeyOptions } from '../commands/keys.ts'
import { withDatabase } from '../database.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { table } from '../terminal.ts'

/** Makes a key and prints it, alone on its line so that a script can take it. */
export async function createKey(options: CreateKeyOptions): Promise<number> {
  const name = options.name.trim()
  if (name === '' || name.length > 100 || /\p{C}/u.test(name))
    throw new UsageError('--name must be a text of 1 to 100 characters.')
  const scopes = options.scope.map(readScope)
  const expiresAt = readExpiry(options.expires)
  const { key, view } = await withDatabase(({ db }) =>
    createApiKey(db, { name, scopes, createdBy: `command line, ${userInfo().username}`, expiresAt }),
  )
  if (options.json) process.stdout.write(`${JSON.stringify({ ...view, key }, null, 2)}\n`)
  else {
    process.stderr.write(`A key for ${name} (${scopes.join(', ')}). It is shown this once:\n`)
    process.stdout.write(`${key}\n`)
  }
  return exitCodes.ok
}

export async function listKeys(options: { readonly json?: true }): Promise<number> {
  const keys = await withDatabase(({ db }) => listApiKeys(db))
  if (options.json) process.stdout.write(`${JSON.stringify(keys, null, 2)}\n`)
  else if (keys.length === 0)
    process.stdout.write('No keys yet: npm run keys -- create --name … makes one.\n')
  else process.stdout.write(`${table([HEAD, ...keys.map(toRow)])}\n`)
  return exitCodes.ok
}

export async function revokeKey(given: string, options: { readonly json?: true }): Promise<number> {
  // Whoever pastes the whole key means it too.
  const shown = given.startsWith(API_KEY_MARK) ? given.slice(0, API_KEY_MARK.length + 6) : given
  const view = await withDatabase(({ db }) => revokeApiKey(db, shown))
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

function readExpiry(text: string | undefined): Date | null {
  if (text === undefined) return null
  const ms = parseDuration(text)
  if (ms === null || ms <= 0) throw new UsageError(`--expires must be a duration such as 90d, not "${text}".`)
  return new Date(Date.now() + ms)
}
