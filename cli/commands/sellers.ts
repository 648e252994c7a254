import { Command } from 'commander'
import type { Finish } from '../main.ts'

export interface AddOptions {
  readonly clientId?: string
  readonly marketplaces?: string
  readonly usagePlans?: string
  readonly fromEnv?: true
}

export interface RotateSecretOptions {
  readonly validFor: string
  readonly fromEnv?: true
}

const NEEDS = `
Needs DATABASE_URL (npm start prints it in its psql line) and CREDENTIALS_KEY, which services need as well. Secrets are
read from standard input, or hidden from the terminal; never from the command line, which others can see.
`

export function sellersCommand(finish: Finish): Command {
  return new Command('sellers')
    .description(
      'credentials of Amazon sellers, encrypted in the database: services take them up while they run',
    )
    .helpCommand(false)
    .addCommand(addCommand(finish))
    .addCommand(listCommand(finish))
    .addCommand(removeCommand(finish))
    .addCommand(rotateSecretCommand(finish))
    .addCommand(newKeyCommand(finish))
    .addCommand(rotateKeyCommand(finish))
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run sellers -- new-key                  # a value for CREDENTIALS_KEY
  npm run sellers -- add shop-us < token.txt
  npm run sellers -- add shop-de --client-id amzn1.application-oa2-client.x --marketplaces DE,FR
  npm run sellers -- list`,
    )
}

function addCommand(finish: Finish): Command {
  return new Command('add')
    .description('store a seller, or give one that is stored a new refresh token')
    .argument('<name>', 'what it is called in logs and metrics')
    .option('--client-id <id>', 'its application; without, the one of SP_API_CLIENT_ID')
    .option('--marketplaces <list>', 'where it looks codes up, such as US,CA; without, everywhere')
    .option('--usage-plans <plans>', 'as SP_API_USAGE_PLANS, for this seller')
    .option(
      '--from-env',
      'take the refresh token from SP_API_REFRESH_TOKEN, and the secret of --client-id from SP_API_CLIENT_SECRET',
    )
    .addHelpText(
      'after',
      `${NEEDS}
Standard input has the refresh token on its first line and, for an application that is not stored yet, its client secret
on the second. What is not said of a seller that is stored stays as it is.

Examples:
  npm run sellers -- add shop-us < token.txt
  npm run sellers -- add shop-us --from-env`,
    )
    .action(async (name: string, options: AddOptions) => {
      const { addSeller } = await import('../sellers/change.ts')
      finish(await addSeller(name, options))
    })
}

function listCommand(finish: Finish): Command {
  return new Command('list')
    .description('what is stored, secrets masked, and whether it opens')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `${NEEDS}
Examples:
  npm run sellers -- list

Exit code 1 when something does not open.`,
    )
    .action(async (options: { json?: true }) => {
      const { listSellers } = await import('../sellers/list.ts')
      finish(await listSellers(options))
    })
}

function removeCommand(finish: Finish): Command {
  return new Command('remove')
    .description('forget a seller, and its application when it was its last; running services leave it')
    .argument('<name>', 'as the list shows it')
    .addHelpText('after', `${NEEDS}\nExamples:\n  npm run sellers -- remove shop-us`)
    .action(async (name: string) => {
      const { removeStoredSeller } = await import('../sellers/change.ts')
      finish(await removeStoredSeller(name))
    })
}

function rotateSecretCommand(finish: Finish): Command {
  return new Command('rotate-secret')
    .description(
      'give an application that is stored its new client secret; the one it has is kept while Amazon takes it',
    )
    .argument('<client-id>', 'the application')
    .option('--valid-for <duration>', 'how long Amazon takes the older one still', '7d')
    .option('--from-env', 'take the new secret from SP_API_CLIENT_SECRET')
    .addHelpText(
      'after',
      `${NEEDS}
Standard input has the new secret. Services use it at once, and the older one where Amazon refuses the newer.

Examples:
  npm run sellers -- rotate-secret amzn1.application-oa2-client.x < secret.txt`,
    )
    .action(async (clientId: string, options: RotateSecretOptions) => {
      const { rotateSecret } = await import('../sellers/change.ts')
      finish(await rotateSecret(clientId, options))
    })
}

function newKeyCommand(finish: Finish): Command {
  return new Command('new-key')
    .description('print a new key for CREDENTIALS_KEY, alone on its line')
    .addHelpText(
      'after',
      `
Keep it where you keep secrets: without it nothing that is stored opens. To replace a key, put the new one before it
(CREDENTIALS_KEY=new,old), restart services with both, run rotate-key, and then leave out the old one.

Examples:
  export CREDENTIALS_KEY=$(npm run -s sellers -- new-key)`,
    )
    .action(async () => {
      const { newKey } = await import('../sellers/keys.ts')
      finish(newKey())
    })
}

function rotateKeyCommand(finish: Finish): Command {
  return new Command('rotate-key')
    .description('encrypt everything that is stored anew, with the first key of CREDENTIALS_KEY')
    .addHelpText('after', `${NEEDS}\nExamples:\n  CREDENTIALS_KEY=$NEW,$OLD npm run sellers -- rotate-key`)
    .action(async () => {
      const { rotateKey } = await import('../sellers/keys.ts')
      finish(await rotateKey())
    })
}
