/** `npm run simulator`: serves until it is told to stop, or prints a catalogue. Exit codes: 0, 1 failed, 2 misused. */

import { once } from 'node:events'
import { type CatalogueCommand, helpText, parseCommand } from './arguments.ts'
import { csvHeader, csvLine } from './catalogue/csv.ts'
import { generateProducts } from './catalogue/generate-products.ts'
import { OptionError, type SimulatorOptions } from './options.ts'
import { startSimulator } from './server.ts'

async function serve(options: Partial<SimulatorOptions>): Promise<void> {
  const simulator = await startSimulator(options)
  process.stdout.write(`Amazon simulator: ${simulator.url} (figures: ${simulator.url}/_simulator/stats)\n`)
  const stop = () => void simulator.stop()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

async function printCatalogue({ withExpected, ...options }: CatalogueCommand): Promise<void> {
  const { stdout } = process
  // `| head` closes the pipe: that is an end, not a failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  let chunk = csvHeader(withExpected)
  for (const row of generateProducts(options)) {
    chunk += csvLine(row, withExpected)
    if (chunk.length < 65_536) continue
    if (!stdout.write(chunk)) await once(stdout, 'drain')
    chunk = ''
  }
  stdout.write(chunk)
}

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args)
  if (command.name === 'help') process.stdout.write(helpText())
  else if (command.name === 'catalogue') await printCatalogue(command.options)
  else await serve(command.options)
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return 'The port is in use; choose another with --port, or 0 for a free one.'
  if (error.code === 'EACCES') return 'The port may not be used; choose one above 1023 with --port.'
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return 'This machine does not have the address of --host.'
  return error.message
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`simulator: ${explain(error as NodeJS.ErrnoException)}\n`)
  process.exitCode = error instanceof OptionError || error instanceof RangeError ? 2 : 1
}
