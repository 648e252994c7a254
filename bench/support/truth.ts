import type { Database } from '#libs/db/database.ts'
import type { ProductRow } from '#simulator/catalogue/generate-products.ts'

export interface Truth {
  /** Products whose state or ASIN is not what the simulator's seed says. */
  readonly wrongProducts: number
  /** Of those, the ones that are in no final state, or not there at all. */
  readonly lost: number
  readonly states: Readonly<Record<string, number>>
  /** Attempts that were claimed. */
  readonly attempts: number
  readonly logRows: number
  /** Log rows beyond the attempts, or attempts without one. */
  readonly duplicateEffects: number
}

/** Compares every product with the catalogue, a page of SKUs at a time. */
export async function compareWithTruth(db: Database, rows: Iterable<ProductRow>): Promise<Truth> {
  let wrongProducts = 0
  let lost = 0
  let page: ProductRow[] = []
  const compare = async (): Promise<void> => {
    const found = await db.query<{ sku: string; status: string; asin: string | null }>(
      `select p.sku, p.sync_status as status, d.asin from products p
         left join amazon_market_data d on d.product_id = p.id and d.chosen where p.sku = any ($1::text[])`,
      [page.map((row) => row.sku)],
    )
    const bySku = new Map(found.map((row) => [row.sku, row]))
    wrongProducts += page.filter(({ sku, expected, expectedAsin }) => {
      const stored = bySku.get(sku)
      return stored?.status !== expected || stored.asin !== expectedAsin
    }).length
    lost += page.filter(({ sku }) =>
      ['pending', 'queued'].includes(bySku.get(sku)?.status ?? 'pending'),
    ).length
    page = []
  }
  for (const row of rows) {
    page.push(row)
    if (page.length === 5_000) await compare()
  }
  await compare()
  const states = await db.query<{ state: string; n: number }>(
    'select sync_status as state, count(*)::int as n from products group by 1 order by 1',
  )
  const [effects] = await db.query<{ attempts: number; logs: number }>(
    `select (select sum(attempt)::int from product_syncs) as attempts, (select count(*)::int from sync_logs) as logs`,
  )
  const attempts = effects?.attempts ?? 0
  const logRows = effects?.logs ?? 0
  return {
    wrongProducts,
    lost,
    states: Object.fromEntries(states.map((row) => [row.state, row.n])),
    attempts,
    logRows,
    duplicateEffects: Math.abs(logRows - attempts),
  }
}
