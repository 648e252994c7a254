import { join } from 'node:path'
import { runCatalogue } from './support/catalogue-run.ts'
import { benchCommand } from './support/command.ts'
import { boundsOf } from './support/request-bounds.ts'
import { defineSection, type Row } from './support/section.ts'

export const identifiers = defineSection({
  name: 'identifiers',
  title: 'What a request of the quota buys',
  about:
    'Requests that a catalogue takes, by the number of items per code and the share of products that carry another ' +
    "product's code; every page of an answer is a request. The bound: nobody can do with fewer, since a request takes 20 " +
    'codes and a page shows 20 items, and each code has to be asked for once. Best blind: the fewest on average for ' +
    'somebody who does not know beforehand how many items each code has, with the best number of codes in a request.',
  options: {
    products: { full: 20_000, quick: 1_500, help: 'products of each catalogue' },
    asins: { full: '1,1.1,1.5,3', quick: '1,1.5', help: 'mean items per code that is found' },
    duplicates: { full: '0,0.2', quick: '0,0.2', help: 'shares of products with the code of another' },
    mode: { full: 'cluster', quick: 'embedded', help: 'cluster or embedded' },
    fetchers: { full: 3, quick: 1, help: 'processes that fetch, in cluster mode' },
  },
  async run({ options, folder, say }) {
    const { mode, products, fetchers } = options
    if (mode !== 'cluster' && mode !== 'embedded')
      throw new Error(`--mode takes cluster or embedded, not ${mode}`)
    const rows: Row[] = []
    const findings: string[] = []
    for (const asinsPerUpc of options.asins.split(',').map(Number)) {
      for (const duplicates of options.duplicates.split(',').map(Number)) {
        const catalogue = { seed: 7, asinsPerUpc, notFound: 0.05, duplicates, count: products }
        const name = `${asinsPerUpc} items, ${duplicates * 100} % duplicates`
        await runCatalogue(
          {
            mode,
            catalogue,
            fetchers,
            persisters: 1,
            rate: 2_000,
            folder: join(folder, `${asinsPerUpc}-${duplicates}`),
            say: (line) => say(`${name}: ${line}`),
          },
          async ({ figures }) => {
            const { codes, bound, blind } = boundsOf(catalogue)
            const { requests, truth, throttled } = figures
            rows.push({
              'items per code': asinsPerUpc,
              'duplicates, %': duplicates * 100,
              mode,
              products,
              codes,
              'codes asked': figures.identifiers,
              requests,
              'of these further pages': figures.furtherPages,
              'codes per first page': round(figures.identifiers / (requests - figures.furtherPages), 2),
              'codes per request': round(figures.identifiers / requests, 2),
              'requests per 1,000 products': round((1_000 * requests) / products, 1),
              'best blind': round((1_000 * blind) / products, 1),
              bound: round((1_000 * bound) / products, 1),
              'of best blind, %': round((100 * blind) / requests, 1),
              '429s': throttled,
              wrong: truth.wrongProducts,
              lost: truth.lost,
              'effects lost': truth.missingEffects,
              'effects twice': truth.duplicateEffects,
            })
            findings.push(...figures.findings.map((finding) => `${name}: ${finding}`))
          },
        )
      }
    }
    return {
      tables: [{ rows, key: ['items per code', 'duplicates, %', 'mode', 'products'] }],
      notes: [],
      findings,
    }
  },
})

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

if (import.meta.main) await benchCommand([identifiers])
