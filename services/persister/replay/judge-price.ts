import { isNews, type Told, told } from '#libs/db/offers/observation.ts'
import type { HistoryRow, PriceStanding, RecordedPrice } from '#libs/db/replay/prices.ts'
import type { ReplayKind } from './recorded.ts'

/** What a recorded price is to the row that keeps what its level told last. */
export type PriceJudgement =
  | 'missing'
  | 'differs'
  | 'same'
  | Exclude<ReplayKind, 'created' | 'updated' | 'unchanged' | 'decided' | 'recoded'>

/**
 * As `judgeResult`, for prices, of which there is no log of attempts: the time of the answer tells which one is stored. A row
 * that is due or asked for just now is left alone. `wanted`: whether the policy has the level.
 */
export function judgePrice(
  { outcome }: RecordedPrice,
  { row, matched }: PriceStanding,
  wanted: boolean,
): PriceJudgement {
  if (outcome.observation === null) return 'failed'
  if (row === null) return matched && wanted ? 'missing' : 'gone'
  if (row.state === 'pending' && row.attempt === 0) return 'differs'
  const { observedAt } = row
  const busy = row.state === 'pending' || row.state === 'queued'
  const stored = observedAt !== null && Math.abs(observedAt - outcome.observedAt) < 1
  const ofLastAttempt = outcome.attempt >= row.attempt
  if (stored) {
    if (row.same && (!ofLastAttempt || busy || row.state === outcome.result)) return 'same'
    return busy ? 'in_flight' : 'differs'
  }
  if (observedAt !== null && observedAt > outcome.observedAt) return 'older'
  if (busy) return 'in_flight'
  if (outcome.attempt > row.attempt) return 'differs'
  // Of the row's own attempt, and nothing is stored of it: it is lost. Otherwise it came twice, or too late.
  const lost = observedAt === null && outcome.attempt === row.attempt && row.lastResult === outcome.result
  return lost ? 'differs' : 'uncounted'
}

/** A clock that was off by more is not told from news that the history lacks. */
const LATE_MS = 600_000

/**
 * What a recorded price told that was news and that the history does not have. The row that it left may stand at a later
 * time: when the fetcher's clock was behind, it was written down as of its claim.
 */
export function missingNews(
  { outcome, loggedAt }: RecordedPrice,
  { before, from }: PriceStanding,
): Told | null {
  if (outcome.observation === null) return null
  const now = asStored(told(outcome.level, outcome.observation))
  const known: Told = Object.assign({}, ...before.map(toldOf))
  if (!isNews(now, known)) return null
  if (from !== null && from.observedAt <= loggedAt + LATE_MS && !isNews(now, { ...now, ...toldOf(from) }))
    return null
  return told(outcome.level, outcome.observation)
}

/** What an answer told, as far as its row shows: a price comes with shipping and seller or without knowledge of them. */
function toldOf(row: HistoryRow): Told {
  const { price, shipping, currency, sellerId, fulfillmentChannel, prime, lowestPrice, lowestShipping } = row
  const featured = price !== null
  return {
    price,
    currency: currency?.trim() ?? null,
    ...(featured && shipping === null ? {} : { shipping }),
    ...(featured && sellerId === null ? {} : { sellerId }),
    ...(row.level === 'offers' ? { lowestPrice, lowestShipping } : {}),
    ...(row.level === 'offers' && !(featured && fulfillmentChannel === null)
      ? { fulfillmentChannel, prime }
      : {}),
    ...(row.offerCount === null ? {} : { offerCount: row.offerCount }),
  }
}

/** Amounts as `numeric(12, 2)` keeps them. */
function asStored(now: Told): Told {
  const amounts = ['price', 'shipping', 'lowestPrice', 'lowestShipping'] as const
  return {
    ...now,
    ...Object.fromEntries(
      amounts.flatMap((name) => {
        const amount = now[name]
        return typeof amount === 'string' ? [[name, twoDecimals(amount)]] : []
      }),
    ),
  }
}

/** Half a cent goes up, as PostgreSQL rounds what is not negative. */
function twoDecimals(amount: string): string {
  const [whole = '0', fraction = ''] = amount.split('.')
  const thousandths = BigInt(whole + fraction.slice(0, 3).padEnd(3, '0'))
  const cents = String((thousandths + 5n) / 10n).padStart(3, '0')
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`
}
