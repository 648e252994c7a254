import { Command, CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { completionCommand } from './commands/completion.ts'
import { deadLettersCommand } from './commands/dead-letters.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { jobsCommand } from './commands/jobs.ts'
import { keysCommand } from './commands/keys.ts'
import { lookupCommand } from './commands/lookup.ts'
import { migrateCommand } from './commands/migrate.ts'
import { productsCommand } from './commands/products.ts'
import { quotaCommand } from './commands/quota.ts'
import { replayCommand } from './commands/replay.ts'
import { reviewCommand } from './commands/review.ts'
import { sellersCommand } from './commands/sellers.ts'
import { serveCommand } from './commands/serve.ts'
import { statusCommand } from './commands/status.ts'
import { syncCommand } from './commands/sync.ts'
import { exitCodes, UsageError } from './failure.ts'
import { styled } from './terminal.ts'

/** What an action hands back: its exit code. */
export type Finish = (exitCode: number) => void

/** Runs one command line and resolves to its exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok
  const finish: Finish = (code) => {
    exitCode = code
  }
  try {
    await program(finish).parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error)
  }
}

/** The command line: every command with its options. `finish` is told the exit code of the one that ran. */
export function program(finish: Finish): Command {
  const root = new Command('asinstream')
    .description("Keeps a product catalogue in step with Amazon's.")
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'what a command does')
    .addHelpText(
      'after',
      `
Begin with:  npm start
Each command has examples:  npm run asinstream -- <command> --help
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
    )
  const commands = [
    devCommand,
    serveCommand,
    migrateCommand,
    importCommand,
    exportCommand,
    productsCommand,
    syncCommand,
    jobsCommand,
    statusCommand,
    lookupCommand,
    reviewCommand,
    quotaCommand,
    deadLettersCommand,
    replayCommand,
    sellersCommand,
    keysCommand,
    doctorCommand,
    completionCommand,
  ].map((build) => build(finish))
  for (const command of commands) root.addCommand(command)
  for (const command of [root, ...commands, ...commands.flatMap((command) => command.commands)]) {
    command.exitOverride().showHelpAfterError(`(see: ${pathOf(command)} --help)`)
  }
  return root
}

/** A command as one types it, such as `asinstream dead-letters show`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function report(error: unknown): number {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.misused
  if (!(error instanceof Error)) throw error
  process.stderr.write(`${styled('red', 'asinstream:', process.stderr)} ${error.message}\n`)
  // By name: the class of a configuration error comes with modules that most commands need not load.
  return error instanceof UsageError || error.name === 'ConfigError' ? exitCodes.misused : exitCodes.failed
}
