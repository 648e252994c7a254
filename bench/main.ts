/** `npm run bench`: every measurement, or those that `--only` names. `--help` lists them. */
import { sections } from './sections.ts'
import { benchCommand } from './support/command.ts'

try {
  await benchCommand(sections)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
  process.exitCode = 1
}
