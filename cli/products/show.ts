import type { MarketDataView, ProductDetail, SyncLogView } from '#libs/db/product-detail.ts'
import { exitCodes } from '../failure.ts'
import { count, fittedTable, printable, styled, table } from '../terminal.ts'
import { findProduct } from './find.ts'

const ATTEMPTS = 10

export async function showProduct(base: string, given: string, json: boolean): Promise<number> {
  const product = await findProduct(base, given)
  process.stdout.write(`${json ? JSON.stringify(product, null, 2) : productText(product)}\n`)
  return exitCodes.ok
}

/** Everything that is known of a product, for people. */
export function productText(product: ProductDetail): string {
  return [
    styled('bold', [product.sku, product.title ?? ''].map(printable).join('  ').trimEnd()),
    table(facts(product)),
    ...product.marketplaces.flatMap((one) => [
      '',
      marketplaceLine(one),
      ...candidates(product.marketData.filter(({ marketplaceId }) => marketplaceId === one.marketplaceId)),
    ]),
    '',
    product.logs.length === 0 ? 'Amazon has not been asked yet.' : attempts(product),
  ].join('\n')
}

function facts(product: ProductDetail): string[][] {
  const { upc, gtin14, upcRepair, brand, supplier, category, packQuantity } = product
  const repair = upcRepair === null ? '' : `, ${printable(upcRepair)}`
  return [
    ['id', product.id],
    [
      'code',
      upc === null ? '–' : `${printable(upc)}${gtin14 === null ? '' : ` (GTIN-14 ${gtin14}${repair})`}`,
    ],
    ['brand', text(brand)],
    ['supplier', text(supplier)],
    ['category', text(category)],
    ['pack', packQuantity === null ? '–' : count(packQuantity)],
    ['state', product.syncStatus],
    ['synced', time(product.lastAmazonSync)],
  ]
}

function marketplaceLine(one: ProductDetail['marketplaces'][number]): string {
  const { countryCode, state, lastResult, lastReason, failures, nextAttemptAt } = one
  const why = [lastResult === state ? null : lastResult, lastReason].filter((part) => part !== null)
  const tried = failures > 0 ? `, ${count(failures)} failed in a row` : ''
  const next = nextAttemptAt === null ? '' : `, asked for ${time(nextAttemptAt)}`
  return (
    styled('bold', `${countryCode}: ${state}`) +
    printable(`${why.map((part) => `, ${part}`).join('')}${tried}${next}`)
  )
}

/** The chosen one first, each with its reasons below it. */
function candidates(found: readonly MarketDataView[]): string[] {
  return found.flatMap((item) => {
    const head = [
      item.chosen ? styled('green', 'chosen   ') : 'candidate',
      item.asin,
      `score ${item.score.toFixed(2)}`,
      ...(item.title === null ? [] : [printable(item.title)]),
    ].join('  ')
    const rank =
      item.salesRank === null
        ? null
        : `rank ${count(item.salesRank)}${item.salesRankCategory === null ? '' : ` in ${item.salesRankCategory}`}`
    const details = [
      item.brand === null ? null : `brand ${item.brand}`,
      item.packageQuantity === null ? null : `pack of ${item.packageQuantity}`,
      rank,
      item.price === null ? null : `${item.price} ${item.currency ?? ''}`.trim(),
      item.lowestPrice === null ? null : `lowest ${item.lowestPrice}`,
      item.fulfillmentChannel,
      item.offerCount === null ? null : `${count(item.offerCount)} offers`,
    ].filter((part) => part !== null)
    return [
      `  ${head}`,
      ...(details.length === 0 ? [] : [`    ${printable(details.join(', '))}`]),
      ...item.reasons.map((reason) => `    - ${printable(reason)}`),
    ]
  })
}

function attempts({ logs, marketplaces }: ProductDetail): string {
  const countryOf = new Map(
    marketplaces.map(({ marketplaceId, countryCode }) => [marketplaceId, countryCode]),
  )
  const rows = logs
    .slice(0, ATTEMPTS)
    .map((log: SyncLogView) => [
      time(log.occurredAt),
      countryOf.get(log.marketplaceId) ?? log.marketplaceId,
      log.result,
      log.responseTimeMs === null ? '–' : `${count(log.responseTimeMs)} ms`,
      log.httpStatus === null ? '–' : String(log.httpStatus),
      log.reason === null ? '–' : printable(log.reason),
    ])
  return fittedTable([['attempts (UTC)', 'in', 'result', 'answer', 'status', 'why'], ...rows])
}

const text = (value: string | null): string => (value === null ? '–' : printable(value))
const time = (value: string | null): string => (value === null ? '–' : value.slice(0, 19).replace('T', ' '))
