import { Argument, Command } from 'commander'
import { exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function completionCommand(finish: Finish): Command {
  const command = new Command('completion')
  return command
    .description('print what lets a shell complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      `
The command asinstream has to be in the path: npm link in the folder of the project puts it there.

Examples:
  npm run -s completion -- bash > ~/.local/share/bash-completion/completions/asinstream
  npm run -s completion -- zsh > ~/.zfunc/_asinstream      # with fpath+=~/.zfunc before compinit in ~/.zshrc
  npm run -s completion -- fish > ~/.config/fish/completions/asinstream.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/script.ts')
      const root = command.parent
      if (root === null) throw new Error('the command is in no program')
      process.stdout.write(completionScript(shell, root))
      finish(exitCodes.ok)
    })
}
