import type { Command } from 'commander'
import type { Shell } from '../commands/completion.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { commandModel } from './model.ts'
import { zshScript } from './zsh.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/** What a shell reads to complete the command line of `root`, made of the commands themselves. */
export function completionScript(shell: Shell, root: Command): string {
  return scripts[shell](commandModel(root))
}
