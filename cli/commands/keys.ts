import { Command, Option } from 'commander'
import type { Finish } from '../main.ts'

export interface CreateKeyOptions {
  readonly name: string
  readonly scope: readonly string[]
  readonly expires?: string
  readonly json?: true
}

const SCOPES = ['read', 'sync', 'products', 'admin']

const NEEDS = `
Needs DATABASE_URL (npm start prints it in its psql line), and no running asinstream.
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
      new Option('--scope <scopes>', `what it may do: some of ${SCOPES.join(', ')}, separated by commas`)
        .default(['read'], 'read')
        .argParser((value: string) => value.split(',').map((scope) => scope.trim())),
    )
    .option('--expires <duration>', 'it stops working after this time, such as 90d; default never')
    .option('--json', 'print it as JSON')
    .addHelpText('after', NEEDS)
    .action(async (options: CreateKeyOptions) => {
      const { createKey } = await import('../keys/keys.ts')
      finish(await createKey(options))
    })
}

function listCommand(finish: Finish): Command {
  return new Command('list')
    .description('all keys, by their first characters, with what they may do and when they were last used')
    .option('--json', 'print them as JSON')
    .addHelpText('after', NEEDS)
    .action(async (options: { json?: true }) => {
      const { listKeys } = await import('../keys/keys.ts')
      finish(await listKeys(options))
    })
}

function revokeCommand(finish: Finish): Command {
  return new Command('revoke')
    .description('a key stops working at once, for ever')
    .argument('<key>', 'its first characters as the list shows them, or its id')
    .option('--json', 'print what was revoked as JSON')
    .addHelpText('after', NEEDS)
    .action(async (key: string, options: { json?: true }) => {
      const { revokeKey } = await import('../keys/keys.ts')
      finish(await revokeKey(key, options))
    })
}
