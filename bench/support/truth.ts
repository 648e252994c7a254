import type { Queryable } from '#libs/db/database.ts'
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
  /** Attempts that left no log row. */
  readonly missingEffects: number
  /** Log rows beyond the first of their attempt, or of an attempt that nobody made. */
  readonly duplicateEffects: number
}

/** Compares every product with the catalogue, a page of SKUs at a time. */
export async function compareWithTruth(db: Queryable, rows: Iterable<ProductRow>): Promise<Truth> {
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
  const [effects] =
    await db.query<Pick<Truth, 'attempts' | 'logRows' | 'missingEffects' | 'duplicateEffects'>>(effectsSql)
  if (!effects) throw new Error('PostgreSQL counted nothing')
  return {
    wrongProducts,
    lost,
    states: Object.fromEntries(states.map((row) => [row.state, row.n])),
    ...effects,
  }
}

// By product: what one lost must not hide what another one has twice.
const effectsSql = `
  with logs as (
    select product_id, marketplace_id, count(*) as n, count(distinct attempt) as distinct_n from sync_logs group by 1, 2)
  select coalesce(sum(s.attempt), 0)::int as attempts, coalesce(sum(l.n), 0)::int as "logRows",
         coalesce(sum(greatest(coalesce(s.attempt, 0) - coalesce(l.distinct_n, 0), 0)), 0)::int as "missingEffects",
         coalesce(sum(coalesce(l.n, 0) - least(coalesce(l.distinct_n, 0), coalesce(s.attempt, 0))), 0)::int
           as "duplicateEffects"
    from product_syncs s full join logs l using (product_id, marketplace_id)`
