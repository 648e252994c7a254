/**
 * Price changes as steps: one column of times and one of each series, oldest first, as uPlot takes them. What a change told
 * nothing about stays as it was; one that told "no offer" leaves a gap. The last step goes on to when Amazon last said so.
 *
 * @param {{
 *   history: ReadonlyArray<{ observedAt: string, level: string, price: string | null, lowestPrice: string | null, offerCount: number | null }>,
 *   states: ReadonlyArray<{ observedAt: string | null }>,
 * }} prices as GET /products/:id/prices has them: the newest change first
 * @returns {{ times: number[], featured: (number | null)[], lowest: (number | null)[], offers: (number | null)[] }} times in
 *   seconds since the epoch
 */
export function priceSteps({ history, states }) {
  const steps = { times: [], featured: [], lowest: [], offers: [] }
  let last = { featured: null, lowest: null, offers: null }
  const add = (time) => {
    steps.times.push(time)
    for (const name of ['featured', 'lowest', 'offers']) steps[name].push(last[name])
  }
  for (const { observedAt, level, price, lowestPrice, offerCount } of history.toReversed()) {
    last = {
      featured: numberOf(price),
      // Only the level that knows offers by channel tells the lowest of them.
      lowest: level === 'offers' ? numberOf(lowestPrice) : last.lowest,
      offers: offerCount ?? last.offers,
    }
    add(seconds(observedAt))
  }
  const told = Math.max(...states.map(({ observedAt }) => (observedAt === null ? 0 : seconds(observedAt))), 0)
  if (told > (steps.times.at(-1) ?? Number.POSITIVE_INFINITY)) add(told)
  return steps
}

const seconds = (iso) => Date.parse(iso) / 1_000
/** For drawing alone: amounts are shown from their decimal text. */
const numberOf = (amount) => (amount === null ? null : Number(amount))
