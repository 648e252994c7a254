/** Worse than any rank that Amazon gives. */
const NO_RANK = '100000000000'
/** Below every moment in milliseconds: whatever was never priced goes before whatever is only stale. */
const NEVER = '-1000000000000'
/** At this rank, ten million, an item's patience is used up. */
const LONGEST_RANK_LOG = 7

/** SQL of `offer_syncs.priority` of an item that was never priced: by sales rank, the best first. */
export const neverPricedSql = (salesRank: string): string =>
  `${NEVER} + least(coalesce(${salesRank}, ${NO_RANK}), ${NO_RANK})`

/**
 * SQL of the priority of an item that is stale since a time: that time in milliseconds, put off by up to a whole age for a
 * bad rank. Of what became stale together the best rank goes first, and yet nothing waits for ever when the quota is
 * short: earliest deadline first, with more patience for what sells less.
 */
export const stalePrioritySql = (salesRank: string, staleSince: string, staleAfterMs: string): string =>
  `(extract(epoch from ${staleSince}) * 1000 + ${staleAfterMs}
    * case when ${salesRank} is null then 1 else least(1, log(greatest(1, ${salesRank})) / ${LONGEST_RANK_LOG}) end)::bigint`
