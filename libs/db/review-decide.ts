import { randomUUID } from 'node:crypto'
import type { LevelPolicy } from '#libs/offers/policy.ts'
import type { Database, Queryable } from './database.ts'
import { enrolMatches, type Match } from './offers/enrol.ts'
import type { MatchVerdictName } from './review-entities.ts'
import { type MatchCandidate, type MatchDetail, readMatch } from './review-matches.ts'
import {
  type AnswerState,
  answerStates,
  keepUnaided,
  type MatchKey,
  readStanding,
  ruleOn,
  type StandingDecision,
  type Verdict,
} from './review-rulings.ts'

/** What somebody wants to be so. */
export type MatchWish =
  | { readonly action: 'accept'; readonly asin: string; readonly note: string | null }
  | { readonly action: 'reject'; readonly asins: readonly string[] | 'all'; readonly note: string | null }
  /** Takes back what was decided last. */
  | { readonly action: 'undo' }

export type DecideResult =
  /** `now`: the product shows it; otherwise it will with Amazon's next answer, as it is being asked for, or failed. */
  | { readonly kind: 'done'; readonly match: MatchDetail; readonly effect: 'now' | 'with-next-answer' }
  | { readonly kind: 'unknown' }
  /** Somebody decided meanwhile, or Amazon answered otherwise; nothing was done. */
  | { readonly kind: 'changed'; readonly match: MatchDetail }
  /** Amazon's latest answer for the code does not have it. */
  | { readonly kind: 'not-a-candidate'; readonly asin: string; readonly match: MatchDetail }
  | { readonly kind: 'nothing-to-undo'; readonly match: MatchDetail }

export interface DecideOptions {
  /** The `version` that the person saw. */
  readonly version: string
  readonly by: string
  /** Which matches are priced: a new one is queued, as the persister does. */
  readonly levels: readonly LevelPolicy[]
  /** Runs in the same transaction, when something has changed. */
  readonly alsoWrite?: (tx: Queryable, before: MatchDetail, after: MatchDetail) => Promise<void>
}

/**
 * Records a decision about a product's match and makes it so, in one transaction: the chosen candidate, the state with its
 * counts, the queue of prices. Nothing is done when what the person saw is no longer so.
 */
export async function decideMatch(
  db: Database,
  key: MatchKey,
  wish: MatchWish,
  options: DecideOptions,
): Promise<DecideResult> {
  return db.transaction(async (tx) => {
    // Products before their sync rows, as in every other writer. What they say is read after the lock was waited for.
    await tx.query('select 1 from products where id = $1 for no key update', [key.productId])
    await tx.query(
      'select 1 from product_syncs where product_id = $1 and marketplace_id = $2 for no key update',
      [key.productId, key.marketplaceId],
    )
    const before = await readMatch(tx, key)
    if (before === null) return { kind: 'unknown' }
    if (before.version !== options.version) return { kind: 'changed', match: before }
    const standing = (await readStanding(tx, [key])).values().next().value ?? []
    const unaided = await unaidedOf(tx, before, standing)

    if (wish.action === 'undo') {
      if (standing.length === 0) return { kind: 'nothing-to-undo', match: before }
      await undoLast(tx, key, standing, options.by)
    } else {
      const judged = judgedBy(wish, before)
      const stranger = judged.find(({ asin }) => !mayJudge(before, asin))
      if (stranger) return { kind: 'not-a-candidate', asin: stranger.asin, match: before }
      const news = judged.filter(({ asin, verdict }) => verdictOn(standing, asin) !== verdict)
      if (news.length === 0) return { kind: 'done', match: before, effect: effectOn(before) }
      await recordDecisions(tx, { before, standing, news, note: wish.note, by: options.by })
    }

    await settle(tx, before, unaided, options.levels)
    const after = (await readMatch(tx, key)) as MatchDetail
    await options.alsoWrite?.(tx, before, after)
    return { kind: 'done', match: after, effect: effectOn(before) }
  })
}

interface Judged {
  readonly asin: string
  readonly verdict: MatchVerdictName
}

function judgedBy(wish: Exclude<MatchWish, { action: 'undo' }>, match: MatchDetail): readonly Judged[] {
  if (wish.action === 'accept') return [{ asin: wish.asin, verdict: 'accepted' }]
  const accepted = match.decisions.find(({ verdict }) => verdict === 'accepted')
  const asins =
    wish.asins === 'all'
      ? [...match.candidates.map(({ asin }) => asin), ...(accepted ? [accepted.asin] : [])]
      : wish.asins
  return [...new Set(asins)].map((asin) => ({ asin, verdict: 'rejected' }))
}

/** Candidates, and what was accepted before Amazon stopped returning it. */
const mayJudge = (match: MatchDetail, asin: string): boolean =>
  match.candidates.some((candidate) => candidate.asin === asin) ||
  match.decisions.some((decision) => decision.asin === asin)

const verdictOn = (standing: readonly StandingDecision[], asin: string): MatchVerdictName | undefined =>
  standing.find((decision) => decision.asin === asin)?.verdict

const isAnswerState = (state: string): state is AnswerState =>
  (answerStates as readonly string[]).includes(state)

const effectOn = ({ state }: MatchDetail): 'now' | 'with-next-answer' =>
  isAnswerState(state) ? 'now' : 'with-next-answer'

/** What matching said by itself of the latest answer. */
async function unaidedOf(
  tx: Queryable,
  match: MatchDetail,
  standing: readonly StandingDecision[],
): Promise<Verdict> {
  const asin = match.candidates.find(({ chosen }) => chosen)?.asin ?? null
  if (standing.length > 0) {
    const [kept] = await tx.query<Verdict & Record<string, unknown>>(
      `select result as state, reason, asin from unaided_matches where product_id = $1 and marketplace_id = $2`,
      [match.productId, match.marketplaceId],
    )
    if (kept) return kept
  }
  if (isAnswerState(match.state)) return { state: match.state, reason: match.reason, asin }
  // It is being asked for, or failed; the next answer takes the place of this.
  const state = asin !== null ? 'success' : match.candidates.length > 0 ? 'ambiguous' : 'not_found'
  return { state, reason: null, asin }
}

async function recordDecisions(
  tx: Queryable,
  {
    before,
    standing,
    news,
    note,
    by,
  }: {
    readonly before: MatchDetail
    readonly standing: readonly StandingDecision[]
    readonly news: readonly Judged[]
    readonly note: string | null
    readonly by: string
  },
): Promise<void> {
  const action = randomUUID()
  // One ASIN has one verdict, and one product one match.
  const accepts = news.some(({ verdict }) => verdict === 'accepted')
  const judged = new Set(news.map(({ asin }) => asin))
  const replaced = standing.filter(
    ({ asin, verdict }) => judged.has(asin) || (accepts && verdict === 'accepted'),
  )
  await end(
    tx,
    replaced.map(({ id }) => id),
    'replaced',
    by,
    action,
  )
  const titles = new Map(before.candidates.map(({ asin, title }) => [asin, title]))
  await tx.query(
    `insert into match_decisions (action_id, product_id, marketplace_id, asin, verdict, upc, title, note, decided_by,
                                  decided_at)
       select $1, $2, $3, asin, verdict, $4, title, $5, $6, clock_timestamp()
         from unnest($7::text[], $8::text[], $9::text[]) r (asin, verdict, title)`,
    [
      action,
      before.productId,
      before.marketplaceId,
      before.upc,
      note,
      by,
      news.map(({ asin }) => asin),
      news.map(({ verdict }) => verdict),
      news.map(({ asin }) => titles.get(asin) ?? null),
    ],
  )
}

/** Ends what was decided last, and lets hold again what it had replaced. */
async function undoLast(
  tx: Queryable,
  key: MatchKey,
  standing: readonly StandingDecision[],
  by: string,
): Promise<void> {
  const last = standing.reduce((a, b) => (b.id > a.id ? b : a))
  const together = standing.filter(({ actionId }) => actionId === last.actionId)
  await end(
    tx,
    together.map(({ id }) => id),
    'undone',
    by,
    null,
  )
  await tx.query(
    `update match_decisions set ended_at = null, ended_by = null, ended_because = null, ended_action = null
      where ended_action = $1 and product_id = $2 and marketplace_id = $3`,
    [last.actionId, key.productId, key.marketplaceId],
  )
}

async function end(
  tx: Queryable,
  ids: readonly number[],
  because: 'undone' | 'replaced',
  by: string,
  action: string | null,
): Promise<void> {
  if (ids.length === 0) return
  await tx.query(
    `update match_decisions set ended_at = clock_timestamp(), ended_because = $2, ended_by = $3, ended_action = $4
      where id = any ($1::bigint[])`,
    [ids, because, by, action],
  )
}

/** Makes the product what the decisions that hold now, and matching for the rest, say of Amazon's latest answer. */
async function settle(
  tx: Queryable,
  match: MatchDetail,
  unaided: Verdict,
  levels: readonly LevelPolicy[],
): Promise<void> {
  const key = [match.productId, match.marketplaceId]
  const standing = (await readStanding(tx, [match])).values().next().value ?? []
  const verdict = ruleOn(unaided, asinsOf(match.candidates), standing)
  if (standing.length > 0) await keepUnaided(tx, [{ ...unaided, ...keyOf(match) }])
  else await tx.query('delete from unaided_matches where product_id = $1 and marketplace_id = $2', key)

  const changed = await tx.query<Match & { chosen: boolean } & Record<string, unknown>>(
    `update amazon_market_data d set chosen = (d.asin = $3::text) is true
      where d.product_id = $1 and d.marketplace_id = $2 and d.chosen <> ((d.asin = $3::text) is true)
     returning d.marketplace_id as "marketplaceId", d.asin, d.chosen, d.sales_rank::float8 as "salesRank",
               d.price_observed_at is not null as priced`,
    [...key, verdict.asin],
  )
  // Whatever is being asked for, or failed, goes its way: its answer will be decided on as well.
  await tx.query(
    `update product_syncs set state = $3::text, last_result = $3::text, last_reason = $4::text
      where product_id = $1 and marketplace_id = $2 and state = any ($5::text[])
        and (state, last_reason) is distinct from ($3::text, $4::text)`,
    [...key, verdict.state, verdict.reason, answerStates],
  )
  if (levels.length > 0)
    await enrolMatches(
      tx,
      changed.filter(({ chosen }) => chosen),
      levels,
    )
}

const asinsOf = (candidates: readonly MatchCandidate[]): readonly string[] =>
  candidates.map(({ asin }) => asin)

const keyOf = ({ productId, marketplaceId }: MatchKey): MatchKey => ({ productId, marketplaceId })
