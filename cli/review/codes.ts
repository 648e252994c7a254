import type { CodeProposal } from '#libs/gtin/index.ts'
import { listedItems, sendJson } from '../api.ts'
import type { FixOptions, InvalidOptions } from '../commands/review-codes.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { findProduct } from '../products/find.ts'
import { count, counted, fittedTable, printable } from '../terminal.ts'
import { confirm, filterQuery, givenFilter, print, printList } from './request.ts'

interface InvalidCode {
  readonly productId: string
  readonly sku: string
  readonly upc: string | null
  readonly title: string | null
  readonly diagnosis: { readonly code: string; readonly reason: string }
  readonly proposals: readonly CodeProposal[]
}

interface Repairs {
  readonly looked: number
  readonly proposed: number
  readonly repaired: number
  readonly without: number
  readonly sample: readonly {
    readonly sku: string
    readonly from: string | null
    readonly to: string
    readonly how: string
  }[]
  readonly complete: boolean
  readonly cursor: string | null
}

const PATH = '/api/review/invalid-codes'

/** Prints codes that can not be looked up; resolves to the exit code. */
export async function listInvalid(base: string, options: InvalidOptions): Promise<number> {
  const query = filterQuery(options)
  query.set('repair', options.repair)
  const limit = options.limit + (options.json ? 0 : 1)
  await printList(listedItems<InvalidCode>(base, PATH, query, limit), options, (codes) =>
    codes.length === 0
      ? 'No code is like that.'
      : fittedTable([
          ['sku', 'code', 'may be', 'what is wrong'],
          ...codes.map(({ sku, upc, diagnosis, proposals }) => [
            printable(sku),
            upc === null ? '–' : printable(upc),
            proposals.map(({ code, sure }) => (sure ? code : `${code}?`)).join(' ') || '–',
            printable(diagnosis.reason),
          ]),
        ]),
  )
  return exitCodes.ok
}

/** Mends the code of one product; resolves to the exit code. */
export async function fixOne(
  base: string,
  given: string,
  code: string | undefined,
  options: FixOptions,
): Promise<number> {
  if (Object.keys(givenFilter(options)).length > 0)
    throw new UsageError('name a product, or choose by --supplier and the like, not both.')
  const product = await findProduct(base, given)
  const upc = code ?? (await sureCode(base, product.sku))
  if (options.dryRun) {
    print(`${printable(product.sku)}: ${printable(product.upc ?? 'no code')} would become ${printable(upc)}.`)
    return exitCodes.ok
  }
  const { updatedAt } = product
  const mended = await sendJson<{ sku: string; upc: string; syncStatus: string }>(
    base,
    'PATCH',
    `/products/${product.id}`,
    { upc, updatedAt },
  )
  print(
    options.json
      ? JSON.stringify(mended, null, 2)
      : `${printable(mended.sku)} has the code ${printable(mended.upc)} and is ${mended.syncStatus}.`,
  )
  return exitCodes.ok
}

async function sureCode(base: string, sku: string): Promise<string> {
  for await (const items of listedItems<InvalidCode>(base, PATH, new URLSearchParams({ sku }), 1)) {
    const [{ diagnosis, proposals }] = items as [InvalidCode]
    const sure = proposals.find((proposal) => proposal.sure)
    if (sure) return sure.code
    const may = proposals.map(({ code, why }) => `\n  - ${code}: ${why}`).join('')
    const advice =
      may === '' ? 'Give the right code as well.' : `Give the right code as well; it may be:${may}`
    throw new CommandError(`${diagnosis.reason} No repair is sure. ${advice}`)
  }
  throw new CommandError(
    `The code of ${printable(sku)} can be looked up, or has not been tried yet: there is nothing to mend. Give a code to change it all the same.`,
  )
}

/** Takes every repair that is sure, of the products that the options choose; resolves to the exit code. */
export async function fixAll(base: string, options: FixOptions): Promise<number> {
  const wish = {
    filter: givenFilter(options),
    ...(options.unconfirmed && { unconfirmed: options.unconfirmed }),
  }
  if (options.dryRun) {
    report(await repair(base, { ...wish, dryRun: true }), options)
    return exitCodes.ok
  }
  await confirm(options, async () => {
    const { proposed, complete } = await repair(base, { ...wish, dryRun: true })
    return `Mend ${counted(proposed, 'code')}${complete ? '' : ' or more'}?`
  })
  report(await repair(base, wish), options)
  return exitCodes.ok
}

/** Goes on until there is no more; ten thousand products a request. */
async function repair(base: string, wish: object): Promise<Repairs> {
  let sum: Repairs | undefined
  for (let cursor: string | null = null; ; ) {
    const part: Repairs = await sendJson<Repairs>(base, 'POST', `${PATH}/repair`, {
      ...wish,
      ...(cursor !== null && { cursor }),
    })
    sum = sum === undefined ? part : add(sum, part)
    if (part.complete) return sum
    cursor = part.cursor
  }
}

const add = (a: Repairs, b: Repairs): Repairs => ({
  looked: a.looked + b.looked,
  proposed: a.proposed + b.proposed,
  repaired: a.repaired + b.repaired,
  without: a.without + b.without,
  sample: [...a.sample, ...b.sample].slice(0, 20),
  complete: b.complete,
  cursor: b.cursor,
})

function report({ looked, proposed, repaired, sample, ...rest }: Repairs, options: FixOptions): void {
  if (options.json) {
    print(
      JSON.stringify(
        { dryRun: options.dryRun === true, looked, proposed, repaired, sample, ...rest },
        null,
        2,
      ),
    )
    return
  }
  if (sample.length > 0)
    print(
      fittedTable(
        sample.map(({ sku, from, to, how }) => [printable(sku), printable(from ?? '–'), '→', to, how]),
      ),
    )
  const n = options.dryRun ? proposed : repaired
  if (n > sample.length) print(`… and ${count(n - sample.length)} more`)
  const did = options.dryRun ? 'would be mended' : 'mended: they are asked for by themselves'
  print(`${count(n)} of ${counted(looked, 'code')} ${did}.`)
}
