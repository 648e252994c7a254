import { createHash } from 'node:crypto'
import type { Database, Queryable } from './database.ts'
import type { SyncState } from './entities.ts'
import { type CandidateView, candidateColumns } from './item-view.ts'
import type { DecisionEnd, MatchVerdictName } from './review-entities.ts'
import { type MatchKey, readStanding, type StandingDecision } from './review-rulings.ts'
import {
  keyedRowsSql,
  type ReviewCursor,
  type ReviewFilter,
  type ReviewPage,
  walkReview,
} from './review-walk.ts'
import { isoTimestamp } from './timestamps.ts'

/** Our side of a comparison. */
export interface ReviewedProduct extends MatchKey {
  readonly sku: string
  /** As its owner wrote it. */
  readonly upc: string | null
  readonly gtin14: string | null
  readonly upcRepair: string | null
  readonly title: string | null
  readonly brand: string | null
  readonly supplier: string | null
  readonly category: string | null
  readonly packQuantity: number | null
  readonly countryCode: string
  readonly state: SyncState
  /** Why it is in this state, for people. */
  readonly reason: string | null
  /** When Amazon last answered. */
  readonly syncedAt: string | null
}

/** A product that waits for a person, in one marketplace. */
export interface AmbiguousMatch extends ReviewedProduct {
  /** How many items Amazon returned for its code. */
  readonly candidates: number
}

/** Amazon's side: one item of its latest answer for the code. Money is decimal text in units of `currency`. */
export interface MatchCandidate extends CandidateView {
  /** What people have decided about it; null: nothing. */
  readonly verdict: MatchVerdictName | null
  readonly price: string | null
  readonly currency: string | null
  readonly offerCount: number | null
  readonly observedAt: string
}

/** What somebody decided about one ASIN of one product. */
export interface MatchDecisionView extends MatchKey {
  readonly id: number
  readonly countryCode: string
  readonly sku: string
  readonly asin: string
  readonly verdict: MatchVerdictName
  /** The item's title when it was decided. */
  readonly title: string | null
  /** The code that it was decided for. */
  readonly upc: string | null
  readonly note: string | null
  readonly decidedBy: string
  readonly decidedAt: string
  /** Null while it holds. */
  readonly endedAt: string | null
  readonly endedBy: string | null
  readonly endedBecause: DecisionEnd | null
}

/** Everything that a person compares. */
export interface MatchDetail extends ReviewedProduct {
  /** Changes with the code, the candidates and the decisions: who decides says which one they have seen. */
  readonly version: string
  readonly candidates: readonly MatchCandidate[]
  /** Those that hold. */
  readonly decisions: readonly MatchDecisionView[]
  /** The newest, those that hold included. */
  readonly history: readonly MatchDecisionView[]
}

/** Decisions that come with a match. */
const HISTORY = 50

/** Ambiguous products by id, a row per marketplace. */
export async function listAmbiguous(
  db: Database,
  page: { readonly filter: ReviewFilter; readonly limit: number; readonly after?: ReviewCursor },
): Promise<ReviewPage<AmbiguousMatch>> {
  return walkReview(db, { ...page, states: ['ambiguous'] }, (keys) =>
    db.query<AmbiguousMatch & Record<string, unknown>>(
      `select ${productColumns},
              (select count(*)::int from amazon_market_data d
                where d.product_id = s.product_id and d.marketplace_id = s.marketplace_id) as candidates
         from ${keyedRowsSql}
        order by s.product_id, s.marketplace_id`,
      [keys.map(({ productId }) => productId), keys.map(({ marketplaceId }) => marketplaceId)],
    ),
  )
}

/** A product's match in a marketplace, from one snapshot; null when it has no such product or marketplace. */
export async function getMatch(db: Database, key: MatchKey): Promise<MatchDetail | null> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    return readMatch(tx, key)
  })
}

/** As `getMatch`, within a transaction. */
export async function readMatch(tx: Queryable, key: MatchKey): Promise<MatchDetail | null> {
  const parameters = [key.productId, key.marketplaceId]
  const [product] = await tx.query<ReviewedProduct & Record<string, unknown>>(
    `select ${productColumns} from product_syncs s join products p on p.id = s.product_id
       join marketplaces m on m.marketplace_id = s.marketplace_id
      where s.product_id = $1 and s.marketplace_id = $2`,
    parameters,
  )
  if (!product) return null
  const rows = await tx.query<Omit<MatchCandidate, 'verdict'> & Record<string, unknown>>(
    candidatesSql,
    parameters,
  )
  const standing = (await readStanding(tx, [key])).values().next().value ?? []
  const history = await tx.query<MatchDecisionView & Record<string, unknown>>(
    `select ${decisionColumns} from match_decisions d ${decisionJoins}
      where d.product_id = $1 and d.marketplace_id = $2 order by d.id desc limit ${HISTORY}`,
    parameters,
  )
  const decisions = await tx.query<MatchDecisionView & Record<string, unknown>>(
    `select ${decisionColumns} from match_decisions d ${decisionJoins}
      where d.product_id = $1 and d.marketplace_id = $2 and d.ended_at is null order by d.id desc`,
    parameters,
  )
  const verdicts = new Map(standing.map(({ asin, verdict }) => [asin, verdict]))
  const candidates = rows.map((row) => ({ ...row, verdict: verdicts.get(row.asin) ?? null }))
  return { ...product, version: versionOf(product.upc, candidates, standing), candidates, decisions, history }
}

/** Names what a person saw: the code, which items there were and which was chosen, and what had been decided. */
function versionOf(
  upc: string | null,
  candidates: readonly Pick<MatchCandidate, 'asin' | 'chosen'>[],
  standing: readonly StandingDecision[],
): string {
  const seen = [
    upc,
    candidates.map(({ asin, chosen }) => `${asin} ${chosen}`).sort(),
    standing.map(({ id }) => id).sort((a, b) => a - b),
  ]
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 16)
}

export interface DecisionPage {
  readonly limit: number
  /** Id of the last one of the page before. */
  readonly before?: number
  readonly marketplaces?: readonly string[]
  readonly decidedBy?: readonly string[]
  /** Only those that hold, or only those that do not. */
  readonly standing?: boolean
}

/** What people decided, the newest first. */
export async function listDecisions(
  db: Queryable,
  page: DecisionPage,
): Promise<readonly MatchDecisionView[]> {
  return db.query<MatchDecisionView & Record<string, unknown>>(
    `select ${decisionColumns} from match_decisions d ${decisionJoins}
      where ($2::bigint is null or d.id < $2)
        and ($3::text[] is null or d.marketplace_id = any ($3))
        and ($4::text[] is null or d.decided_by = any ($4))
        and ($5::boolean is null or (d.ended_at is null) = $5)
      order by d.id desc limit $1`,
    [
      page.limit,
      page.before ?? null,
      page.marketplaces ?? null,
      page.decidedBy ?? null,
      page.standing ?? null,
    ],
  )
}

const productColumns = `p.id as "productId", p.sku, p.upc, p.gtin14, p.upc_repair as "upcRepair", p.title, p.brand,
  p.supplier, p.category, p.pack_quantity as "packQuantity", s.marketplace_id as "marketplaceId",
  m.country_code as "countryCode", s.state, s.last_reason as reason, ${isoTimestamp('s.synced_at')} as "syncedAt"`

const decisionColumns = `d.id::float8 as id, d.product_id as "productId", p.sku, d.marketplace_id as "marketplaceId",
  m.country_code as "countryCode", d.asin, d.verdict, d.title, d.upc, d.note, d.decided_by as "decidedBy",
  ${isoTimestamp('d.decided_at')} as "decidedAt", ${isoTimestamp('d.ended_at')} as "endedAt", d.ended_by as "endedBy",
  d.ended_because as "endedBecause"`

const decisionJoins =
  'join products p on p.id = d.product_id join marketplaces m on m.marketplace_id = d.marketplace_id'

const candidatesSql = `
  select ${candidateColumns},
         d.price::text as price, d.currency, d.offer_count as "offerCount", ${isoTimestamp('d.observed_at')} as "observedAt"
    from amazon_market_data d where d.product_id = $1 and d.marketplace_id = $2
   order by d.chosen desc, d.score desc, d.asin`
