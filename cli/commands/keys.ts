import { Command, Option } from 'commander'
import { urlOption } from '../api.ts'
import type { Finish } from '../main.ts'

export interface KeyOptions {
  readonly url?: string
  readonly json?: true
}

export interface CreateKeyOptions extends KeyOptions {
  readonly name: string
  readonly scope: readonly string[]
  readonly expires?: string
}

const SCOPES = ['read', 'sync', 'products', 'admin']

const NEEDS = `
With DATABASE_URL, it works on the database and needs no running asinstream: so the first key is made. Without it, or with
--url, it asks a running asinstream (ASINSTREAM_URL), which wants a key with the scope admin (ASINSTREAM_API_KEY).
`

export function keysCommand(finish: Finish): Command {
  return new Command('keys')
    .description('keys of the API: make, list and revoke them')
    .helpCommand(false)
    .addCommand(createCommand(finish))
    .addCommand(listCommand(finish))
    .addCommand(revokeCommand(finish))
    .addHelpText(
      'after',
      `${NEEDS}
A server that listens on another address than loopback asks every caller for a key (API_AUTH). Scopes: read, to look;
sync, to start and steer syncs; products, to import and change products; admin, everything.

Examples:
  npm run keys -- create --name pim --scope read,products --expires 180d
  npm run keys -- list
  npm run keys -- revoke asin_x7Kq2M`,
    )
}

function createCommand(finish: Finish): Command {
  return new Command('create')
    .description('make a key; it is printed this once')
    .requiredOption('--name <name>', 'who uses it: shown in lists, jobs and the audit')
    .addOption(
      new Option('--scope <scopes>', 'what it may do; several are separated by commas')
        .choices(SCOPES)
        .default(['read'], 'read')
        .argParser((value: string) => value.split(',').map((scope) => scope.trim())),
    )
    .option('--expires <duration>', 'it stops working after this time, such as 90d; default never')
    .option('--json', 'print it as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run keys -- create --name pim --scope read,products --expires 180d
  ASINSTREAM_API_KEY=$(npm run -s keys -- create --name shell --scope admin)`,
    )
    .action(async (options: CreateKeyOptions) => {
      const { createKey } = await import('../keys/keys.ts')
      finish(await createKey(options))
    })
}

function listCommand(finish: Finish): Command {
  return new Command('list')
    .description('all keys, by their first characters, with what they may do and when they were last used')
    .option('--json', 'print them as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run keys -- list
  npm run -s keys -- list --json | jq '.[] | select(.revokedAt == null) | .name'`,
    )
    .action(async (options: KeyOptions) => {
      const { listKeys } = await import('../keys/keys.ts')
      finish(await listKeys(options))
    })
}

function revokeCommand(finish: Finish): Command {
  return new Command('revoke')
    .description('a key stops working at once, for ever')
    .argument('<key>', 'its first characters as the list shows them, or its id')
    .option('--json', 'print what was revoked as JSON')
    .option(...urlOption)
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run keys -- revoke asin_x7Kq2M`,
    )
    .action(async (key: string, options: KeyOptions) => {
      const { revokeKey } = await import('../keys/keys.ts')
      finish(await revokeKey(key, options))
    })
}
