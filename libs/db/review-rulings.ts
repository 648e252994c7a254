import type { Queryable } from './database.ts'
import type { MatchVerdictName } from './review-entities.ts'

/** States that Amazon's answer for a code puts a product into. */
export const answerStates = ['success', 'ambiguous', 'not_found'] as const
export type AnswerState = (typeof answerStates)[number]

/** Which ASIN a product is, and why. */
export interface Verdict {
  readonly state: AnswerState
  readonly reason: string | null
  /** The match; null unless it is a success. */
  readonly asin: string | null
}

/** A decision that holds. */
export interface StandingDecision {
  /** Grows with each decision. */
  readonly id: number
  readonly actionId: string
  readonly asin: string
  readonly verdict: MatchVerdictName
  readonly decidedBy: string
  /** ISO 8601. */
  readonly decidedAt: string
}

/**
 * The verdict on Amazon's answer when people have decided. An accepted ASIN is the match for as long as Amazon returns it;
 * when it does not, the product is reviewed again. A rejected ASIN is never the match. What is left beside rejected ones is
 * for a person to accept: that the others are wrong does not make it right.
 *
 * @param unaided what matching says by itself
 * @param asins what Amazon returned
 */
export function ruleOn(
  unaided: Verdict,
  asins: readonly string[],
  standing: readonly StandingDecision[],
): Verdict {
  const accepted = standing.find(({ verdict }) => verdict === 'accepted')
  if (accepted) {
    const { asin } = accepted
    if (asins.includes(asin))
      return { state: 'success', asin, reason: `${asin} was accepted by ${byWhom(accepted)}.` }
    return review(
      `Amazon no longer returns ${asin} for this code, which was accepted by ${byWhom(accepted)}: accept another one, reject it, or take that back.`,
    )
  }
  const rejected = standing.filter(({ verdict, asin }) => verdict === 'rejected' && asins.includes(asin))
  const last = rejected.toSorted((a, b) => a.id - b.id).at(-1)
  if (!last) return unaided
  if (rejected.length === asins.length) {
    const what =
      asins.length === 1
        ? `${last.asin}, all that Amazon returned, was rejected by`
        : `All ${asins.length} items that Amazon returned were rejected, the last one by`
    return { state: 'not_found', asin: null, reason: `${what} ${byWhom(last)}.` }
  }
  const best = rejected.find(({ asin }) => asin === unaided.asin)
  if (best) return review(`${best.asin}, the best match, was rejected by ${byWhom(best)}: review the others.`)
  if (unaided.state !== 'ambiguous') return unaided
  const names = rejected.map(({ asin }) => asin).sort()
  return review(`${unaided.reason ?? ''} (rejected: ${names.join(', ')})`.trim())
}

const review = (reason: string): Verdict => ({ state: 'ambiguous', asin: null, reason })

const byWhom = ({ decidedBy, decidedAt }: StandingDecision): string =>
  `${decidedBy} on ${decidedAt.slice(0, 10)}`

/** A product in a marketplace. */
export interface MatchKey {
  readonly productId: string
  readonly marketplaceId: string
}

export const keyOf = ({ productId, marketplaceId }: MatchKey): string =>
  `${productId.toLowerCase()} ${marketplaceId}`

/** The decisions that hold, by `keyOf`; products that nobody decided about are absent. */
export async function readStanding(
  tx: Queryable,
  keys: readonly MatchKey[],
): Promise<ReadonlyMap<string, readonly StandingDecision[]>> {
  const rows = await tx.query<StandingDecision & MatchKey & Record<string, unknown>>(standingSql, [
    keys.map(({ productId }) => productId),
    keys.map(({ marketplaceId }) => marketplaceId),
  ])
  return Map.groupBy(rows, keyOf)
}

// Row by row: by the statistics of a table that was small, a planner would read all of it with each chunk.
const standingSql = `
  select d.* from unnest($1::uuid[], $2::text[]) k (product_id, marketplace_id) cross join lateral (
    select m.product_id as "productId", m.marketplace_id as "marketplaceId", m.id::float8 as id, m.action_id as "actionId",
           m.asin, m.verdict, m.decided_by as "decidedBy", to_json(m.decided_at) #>> '{}' as "decidedAt"
      from match_decisions m
     where m.product_id = k.product_id and m.marketplace_id = k.marketplace_id and m.ended_at is null
     order by m.asin) d`

/** What Amazon answered for a product, or why it did not: an outcome of a sync, or one that is replayed. */
export interface Answered extends MatchKey {
  /** Amazon answered the question; otherwise there is nothing to decide about. */
  readonly answered: boolean
  readonly result: string
  readonly reason: string | null
  readonly candidates: readonly { readonly asin: string; readonly chosen: boolean }[]
}

/**
 * Outcomes as people's decisions have them, in the order that they came. What matching says by itself is kept beside. Call
 * it with the products locked: a decision that is being made then either counts here, or waits for the outcome.
 */
export async function applyDecisions<O extends Answered>(
  tx: Queryable,
  outcomes: readonly O[],
): Promise<readonly O[]> {
  const answered = outcomes.filter(isAnswer)
  if (answered.length === 0) return outcomes
  const standing = await readStanding(tx, answered)
  if (standing.size === 0) return outcomes
  const decided = answered.filter((outcome) => standing.has(keyOf(outcome)))
  await keepUnaided(
    tx,
    decided.map((outcome) => ({ ...keyPart(outcome), ...unaidedOf(outcome) })),
  )
  return outcomes.map((outcome) => {
    const decisions = isAnswer(outcome) ? standing.get(keyOf(outcome)) : undefined
    if (decisions === undefined) return outcome
    const asins = outcome.candidates.map(({ asin }) => asin)
    const verdict = ruleOn(unaidedOf(outcome), asins, decisions)
    return {
      ...outcome,
      result: verdict.state,
      reason: verdict.reason,
      candidates: outcome.candidates.map((one) => ({ ...one, chosen: one.asin === verdict.asin })),
    }
  })
}

const isAnswer = ({ answered, result }: Answered): boolean =>
  answered && (answerStates as readonly string[]).includes(result)

const keyPart = ({ productId, marketplaceId }: MatchKey): MatchKey => ({ productId, marketplaceId })

const unaidedOf = ({ result, reason, candidates }: Answered): Verdict => ({
  state: result as AnswerState,
  reason,
  asin: candidates.find(({ chosen }) => chosen)?.asin ?? null,
})

/** Notes what matching says by itself of products that people decided about. */
export async function keepUnaided(tx: Queryable, verdicts: readonly (Verdict & MatchKey)[]): Promise<void> {
  await tx.query(
    `insert into unaided_matches as u (product_id, marketplace_id, result, reason, asin)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
     on conflict (product_id, marketplace_id) do update
       set (result, reason, asin) = (excluded.result, excluded.reason, excluded.asin)
     where (u.result, u.reason, u.asin) is distinct from (excluded.result, excluded.reason, excluded.asin)`,
    [
      verdicts.map(({ productId }) => productId),
      verdicts.map(({ marketplaceId }) => marketplaceId),
      verdicts.map(({ state }) => state),
      verdicts.map(({ reason }) => reason),
      verdicts.map(({ asin }) => asin),
    ],
  )
}
