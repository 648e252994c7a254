import { type ClaimedProduct, claimDue } from '#libs/db/claims.ts'
import type { Database } from '#libs/db/database.ts'
import type { SyncState } from '#libs/db/entities.ts'
import type { MarketDataRow } from '#libs/db/market-data.ts'
import { policy } from '#libs/db/offers/testing.ts'
import { applyOutcomes } from '#libs/db/outcomes.ts'
import { type ProductInput, upsertProducts } from '#libs/db/products.ts'
import { candidate, outcome, US } from '#libs/db/testing.ts'
import { parseCode } from '#libs/gtin/index.ts'
import { type CandidateFacts, matchProduct } from '#libs/matching/index.ts'

/** A small catalogue in every state, synced once as the persister writes it, for tests of the dashboard's pages. */

type Item = Partial<MarketDataRow> & Pick<MarketDataRow, 'asin' | 'title'>

const product = (sku: string, upc: string | null, title: string, more: Partial<ProductInput> = {}) => ({
  sku,
  upc,
  title,
  brand: 'Harbor',
  supplier: 'Harbor Distribution',
  category: 'Kitchen',
  packQuantity: 1,
  ...more,
})

const products = [
  product('MUG-0412', '36000291452', 'Harbor stoneware mug, 12 oz, white'),
  product('BOWL-06', '012345678905', 'Harbor cereal bowl, 6 inch', { packQuantity: 4 }),
  product('PLATE-11', '614141007349', 'Harbor dinner plate, 11 inch'),
  product('ROPE-20', '4006381333931', 'Dock rope 20 m', {
    brand: 'Seahold',
    supplier: 'Quay & Sons',
    category: 'Marine',
  }),
  product('LAMP-3', '8.85E+11', 'Desk lamp', {
    brand: 'Lumen',
    supplier: 'Quay & Sons',
    category: 'Lighting',
  }),
  product('LAMP-4', '5O12345678900', 'Clip lamp', {
    brand: 'Lumen',
    supplier: 'Quay & Sons',
    category: 'Lighting',
  }),
  product('PUMP-1', '9780306406157', 'Bilge pump', {
    brand: 'Seahold',
    supplier: 'Quay & Sons',
    category: 'Marine',
  }),
  product('PUMP-2', '96385074', 'Hand pump', {
    brand: 'Seahold',
    supplier: 'Quay & Sons',
    category: 'Marine',
  }),
] as const satisfies readonly ProductInput[]

const picture = (name: string) => `https://m.media-amazon.com/images/I/${name}.jpg`
const item = (asin: string, title: string, more: Partial<MarketDataRow> = {}): Item => ({
  asin,
  title,
  brand: 'Harbor',
  itemClassification: 'BASE_PRODUCT',
  productType: 'KITCHEN',
  packageQuantity: 1,
  salesRankCategory: 'Home & Kitchen',
  imageUrl: picture(asin),
  ...more,
})

/** What Amazon has, by SKU. */
const items: Readonly<Record<string, readonly Item[]>> = {
  'MUG-0412': [
    item('B0MUG00001', 'Harbor Stoneware Coffee Mug, 12 Ounce, White', { salesRank: 1_204 }),
    item('B0MUG00004', 'Harbor Stoneware Coffee Mugs, 12 Ounce, White, Pack of 4', {
      salesRank: 8_410,
      packageQuantity: 4,
    }),
  ],
  'BOWL-06': [
    item('B0BOWL0001', 'Harbor Cereal Bowls 6 inch, Set of 4', { salesRank: 3_310, packageQuantity: 4 }),
    item('B0BOWL0002', 'Harbor Cereal Bowls, 6", Stackable, 4 Pack', {
      salesRank: 3_290,
      packageQuantity: 4,
    }),
    item('B0BOWL0003', 'Cereal Bowl 6 in by HomeWare', { brand: 'HomeWare', salesRank: 90_110 }),
  ],
  'PLATE-11': [
    item('B0PLATE001', 'Harbor Dinner Plate 11 inch White', { salesRank: 15_020 }),
    item('B0PLATE002', 'Harbor Dinner Plate 11 inch Grey', { salesRank: 15_800 }),
  ],
}

/** What came of the others. */
const failures: Readonly<Record<string, { result: string; state: SyncState; reason: string }>> = {
  'LAMP-3': { result: 'invalid_upc', state: 'invalid', reason: parseCode('8.85E+11').reason ?? '' },
  'LAMP-4': { result: 'invalid_upc', state: 'invalid', reason: parseCode('5O12345678900').reason ?? '' },
  'PUMP-1': { result: 'timeout', state: 'error', reason: 'no answer within 30000 ms' },
  'PUMP-2': { result: 'timeout', state: 'error', reason: 'no answer within 30000 ms' },
}

export async function seedCatalogue(db: Database): Promise<void> {
  await upsertProducts(db, products)
  const claimed: ClaimedProduct[] = []
  await claimDue(db, { limit: 100, queuedTimeoutMs: 60_000 }, async (rows) => void claimed.push(...rows))
  await db.transaction((tx) =>
    applyOutcomes(
      tx,
      claimed.map(outcomeOf),
      ({ productId }) => ({
        state: stateOf(claimed.find((one) => one.productId === productId)!),
        failures: 0,
        retryInMs: null,
      }),
      policy().levels,
    ),
  )
}

/** Prices of the mug: five changes in four weeks. */
export async function seedPrices(db: Database): Promise<void> {
  const changes = [
    [28, '12.99', '12.49', 9],
    [21, '12.49', '12.49', 11],
    [13, '13.95', '12.80', 8],
    [6, '11.99', '11.50', 14],
    [1, '12.29', '11.90', 12],
  ] as const
  for (const [days, price, lowest, offers] of changes) {
    await db.query(
      `insert into pricing_history (marketplace_id, asin, level, observed_at, operation, price, shipping, currency,
                                    lowest_price, lowest_shipping, offer_count)
       values ($1, 'B0MUG00001', 'offers', now() - $2 * interval '1 day', 'getItemOffersBatch', $3, 0, 'USD', $4, 0, $5)`,
      [US, days, price, lowest, offers],
    )
  }
  await db.query(
    `update amazon_market_data set price = 12.29, shipping = 0, currency = 'USD', price_observed_at = now(),
            price_operation = 'getItemOffersBatch' where asin = 'B0MUG00001'`,
  )
}

const skuOf = ({ upc }: ClaimedProduct): string => products.find((one) => one.upc === upc)!.sku

function matchOf(claim: ClaimedProduct) {
  const { gtin14 } = parseCode(claim.upc ?? '')
  const facts = (items[skuOf(claim)] ?? []).map(
    (one): CandidateFacts => ({
      asin: one.asin,
      title: one.title,
      brand: one.brand ?? null,
      itemClassification: one.itemClassification ?? null,
      packageQuantity: one.packageQuantity ?? null,
      salesRank: one.salesRank ?? null,
      gtin14s: gtin14 ? [gtin14] : [],
    }),
  )
  return { gtin14, match: matchProduct({ ...claim, gtin14: gtin14 ?? '' }, facts) }
}

function stateOf(claim: ClaimedProduct): SyncState {
  return failures[skuOf(claim)]?.state ?? matchOf(claim).match.outcome
}

function outcomeOf(claim: ClaimedProduct) {
  const failure = failures[skuOf(claim)]
  if (failure) return outcome(claim, { ...failure, gtin14: null, answered: failure.state !== 'error' })
  const { gtin14, match } = matchOf(claim)
  const parsed = parseCode(claim.upc ?? '')
  return outcome(claim, {
    result: match.outcome,
    reason: match.reason,
    gtin14,
    repair: parsed.repair,
    candidates: match.candidates.map(({ asin, score, reasons, chosen }) =>
      candidate(asin, { ...items[skuOf(claim)]!.find((one) => one.asin === asin), score, reasons, chosen }),
    ),
  })
}
