import { Command } from 'commander'
import type { Finish } from '../main.ts'
import { fixCommand, invalidCommand } from './review-codes.ts'
import { failuresCommand, retryCommand } from './review-failures.ts'
import { acceptCommand, listCommand, rejectCommand, showCommand, undoCommand } from './review-matches.ts'

export function reviewCommand(finish: Finish): Command {
  return new Command('review')
    .description('what needs a person: ambiguous matches, codes that are wrong, what failed and why')
    .helpCommand(false)
    .addCommand(listCommand(finish))
    .addCommand(showCommand(finish))
    .addCommand(acceptCommand(finish))
    .addCommand(rejectCommand(finish))
    .addCommand(undoCommand(finish))
    .addCommand(invalidCommand(finish))
    .addCommand(fixCommand(finish))
    .addCommand(failuresCommand(finish))
    .addCommand(retryCommand(finish))
    .addHelpText(
      'after',
      `
Examples:
  npm run review -- list --supplier Acme
  npm run review -- show SKU-1
  npm run review -- accept SKU-1 B00EXAMPLE --note "two in the picture"
  npm run review -- fix --supplier Acme --dry-run
  npm run review -- failures
  npm run review -- retry --cause "timeout: …" --dry-run`,
    )
}
