import { Command, InvalidArgumentError } from 'commander'
import type { DevOptions } from '../dev/options.ts'
import { DEFAULT_BURST, DEFAULT_DATA_DIR, DEFAULT_PRODUCTS, DEFAULT_RATE } from '../dev/options.ts'
import type { Finish } from '../main.ts'
import { endWithNpm } from '../npm-parent.ts'

export function devCommand(finish: Finish): Command {
  return new Command('dev')
    .description('everything in one process, with a sample catalogue and a simulated Amazon (npm start)')
    .option('--data-dir <dir>', 'where database and log are kept', DEFAULT_DATA_DIR)
    .option('--fresh', 'delete the database of the data folder first')
    .option('--port <n>', 'port of the API and the page (PORT, else 8080 or the next free one)', port)
    .option(
      '--rate <n>',
      `requests a second that the simulated Amazon allows (${DEFAULT_RATE}, burst ${DEFAULT_BURST})`,
      rate,
    )
    .option('--products <n>', `products of the sample catalogue (${DEFAULT_PRODUCTS})`, products)
    .addHelpText(
      'after',
      `
Without Amazon's credentials it brings a simulator along, and fills an empty database with a sample catalogue. With
SP_API_CLIENT_ID, SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN it asks Amazon, and you import products of your own.
DATABASE_URL, KAFKA_BROKERS, REDIS_URL and SCHEMA_REGISTRY_URL take the place of what it would bring along.

Examples:
  npm start
  npm start -- --port 9000 --rate 50
  npm start -- --fresh --products 20000
  MARKETPLACES=US,CA npm start -- --data-dir /tmp/two-marketplaces

Ctrl-C ends it; the data stays, and the next start goes on where this one ended.`,
    )
    .action(async (options: DevOptions) => {
      process.stdout.write('asinstream dev is starting …\n')
      endWithNpm(process.env)
      const { runDev } = await import('../dev/run-dev.ts')
      finish(await runDev(options, process.env))
    })
}

const number = (text: string, min: number, max: number, whole: boolean): number => {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value)))
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`)
  return value
}
const port = (text: string): number => number(text, 0, 65_535, true)
const rate = (text: string): number => number(text, 0.1, 10_000, false)
const products = (text: string): number => number(text, 0, 5_000_000, true)
