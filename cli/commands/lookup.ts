import { Command, InvalidArgumentError } from 'commander'
import { apiUrl, sendJson, urlOption } from '../api.ts'
import { exitCodes, UsageError } from '../failure.ts'
import { type CodeBatch, lookupText } from '../lookup/lookup-text.ts'
import type { Finish } from '../main.ts'

interface LookupOptions {
  readonly marketplace?: string
  readonly title?: string
  readonly brand?: string
  readonly packQuantity?: number
  readonly maxAge?: string
  readonly url?: string
  readonly json?: true
}

export function lookupCommand(finish: Finish): Command {
  return new Command('lookup')
    .description('what Amazon has for codes or ASINs: every candidate, and why one was chosen')
    .argument('<code...>', 'UPC, EAN, GTIN, ISBN or ASIN')
    .option(
      '-m, --marketplace <marketplace>',
      'a country code, id or domain; default: the first of MARKETPLACES',
    )
    .option('--title <title>', 'what the product is called, to choose between items that share its code')
    .option('--brand <brand>', 'its brand')
    .option('--pack-quantity <number>', 'units in its pack', wholeNumber)
    .option('--max-age <age>', 'what is older is asked for anew, such as 15m; 0 asks Amazon')
    .option(...urlOption)
    .option('--json', 'print the API’s answer')
    .addHelpText(
      'after',
      `
Exit code 1 when Amazon has nothing for one of them, or could not be asked.

Examples:
  npm run lookup -- 036000291452
  npm run lookup -- 036000291452 --marketplace CA --brand Kleenex --max-age 0
  npm run -s lookup -- B07FZ8S74R 080442957X --json | jq -r '.results[] | [.code, .chosenAsin] | @tsv'`,
    )
    .action(async (codes: string[], options: LookupOptions) => {
      const { title, brand, packQuantity, maxAge } = options
      const facts = { title, brand, packQuantity }
      const isTold = Object.values(facts).some((fact) => fact !== undefined)
      if (isTold && codes.length > 1)
        throw new UsageError(
          '--title, --brand and --pack-quantity tell of one product: look up one code with them.',
        )
      const base = apiUrl(options.url, process.env)
      const asked = codes.map((code) => (isTold ? { code, ...facts } : code))
      const path = `/lookup/batch/${encodeURIComponent(options.marketplace ?? 'default')}`
      const found = await sendJson<CodeBatch>(base, 'POST', path, {
        codes: asked,
        ...(maxAge === undefined ? {} : { maxAge }),
      })
      process.stdout.write(`${options.json ? JSON.stringify(found, null, 2) : lookupText(found)}\n`)
      finish(found.failed === 0 ? exitCodes.ok : exitCodes.failed)
    })
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}
