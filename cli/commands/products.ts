import { Argument, Command } from 'commander'
import { apiUrl, urlOption } from '../api.ts'
import type { Finish } from '../main.ts'
import { addProductFilter, type ProductFilterOptions, several, severalOf, wholeNumber } from '../options.ts'

interface Common {
  readonly url?: string
  readonly json?: true
}

export interface ListProductsOptions extends Common, ProductFilterOptions {
  readonly asin?: readonly string[]
  readonly marketplace?: readonly string[]
  readonly limit: number
}

/** Fields that a person may correct, as options and as the API has them. */
export const productFields = {
  upc: ['--upc <code>', 'upc', 'the code: UPC, EAN, ISBN or GTIN, as it is to be stored'],
  title: ['--title <text>', 'title', 'the title'],
  brand: ['--brand <name>', 'brand', 'the brand'],
  supplier: ['--supplier <name>', 'supplier', 'the supplier'],
  category: ['--category <name>', 'category', 'the category'],
  'pack-quantity': ['--pack-quantity <n>', 'packQuantity', 'how many pieces are sold as one'],
} as const
export type ProductFieldOption = keyof typeof productFields

export interface SetProductOptions extends Common {
  readonly upc?: string
  readonly title?: string
  readonly brand?: string
  readonly supplier?: string
  readonly category?: string
  readonly packQuantity?: number
  readonly clear?: readonly ProductFieldOption[]
}

export function productsCommand(finish: Finish): Command {
  return new Command('products')
    .description('the catalogue: list products, look at one with its candidates, correct one')
    .helpCommand(false)
    .addCommand(listCommand(finish))
    .addCommand(showCommand(finish))
    .addCommand(setCommand(finish))
    .addHelpText(
      'after',
      `
Examples:
  npm run products -- list --supplier Acme --status ambiguous
  npm run products -- show SKU-1
  npm run products -- set SKU-1 --upc 036000291452

Files go in and out by: npm run import, npm run export.`,
    )
}

function listCommand(finish: Finish): Command {
  return addProductFilter(new Command('list').description('products, in the order of their ids'))
    .addOption(several('--asin <asin>', 'only with this item among the candidates'))
    .addOption(several('--marketplace <country>', 'only there; --status is the state there, then'))
    .option('--limit <n>', 'so many at most', wholeNumber(1), 50)
    .option('--json', 'print them as NDJSON, a product a line')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Options of different kinds must all hold; of one kind any.

Examples:
  npm run products -- list --status error --status invalid
  npm run products -- list --status ambiguous --marketplace UK
  npm run products -- list --asin B00EXAMPLE
  npm run -s products -- list --supplier Acme --limit 1000000 --json | jq -r .sku`,
    )
    .action(async (options: ListProductsOptions) => {
      const { listProducts } = await import('../products/list.ts')
      finish(await listProducts(apiUrl(options.url, process.env), options))
    })
}

const productArgument = () => new Argument('<product>', 'its id or its sku')

function showCommand(finish: Finish): Command {
  return new Command('show')
    .description('one product: what we have, what Amazon says, every candidate and why, the latest attempts')
    .addArgument(productArgument())
    .option('--json', 'print the API’s answer')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Examples:
  npm run products -- show SKU-1
  npm run -s products -- show SKU-1 --json | jq '.marketData[] | {asin, score, reasons}'`,
    )
    .action(async (product: string, options: Common) => {
      const { showProduct } = await import('../products/show.ts')
      finish(await showProduct(apiUrl(options.url, process.env), product, options.json === true))
    })
}

function setCommand(finish: Finish): Command {
  const command = new Command('set')
    .description('correct a product; with another code it is looked up anew by itself')
    .addArgument(productArgument())
  for (const [flags, name, description] of Object.values(productFields)) {
    if (name === 'packQuantity') command.option(flags, description, wholeNumber(1, 2_147_483_647))
    else command.option(flags, description)
  }
  return command
    .addOption(
      severalOf('--clear <field>', 'leave this field empty (repeatable)', Object.keys(productFields)),
    )
    .option('--json', 'print the product as it is then')
    .option(...urlOption)
    .addHelpText(
      'after',
      `
Examples:
  npm run products -- set SKU-1 --upc 036000291452
  npm run products -- set SKU-1 --title "Tissues, 3-ply" --pack-quantity 12 --clear category`,
    )
    .action(async (product: string, options: SetProductOptions) => {
      const { setProduct } = await import('../products/set.ts')
      finish(await setProduct(apiUrl(options.url, process.env), product, options))
    })
}
