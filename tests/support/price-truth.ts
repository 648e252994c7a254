import type { Queryable } from '#libs/db/database.ts'

/** An offer as the simulator truly has it; amounts are decimal text. */
interface TrueOffer {
  readonly sellerId: string
  readonly condition: 'New' | 'Used'
  readonly channel: 'AFN' | 'MFN'
  readonly prime: string
  readonly listingPrice: string
  readonly shipping: string
  readonly landedPrice: string
}

interface TrueItem {
  readonly asin: string
  readonly known: boolean
  readonly currency: string
  readonly offers: readonly TrueOffer[]
  readonly featured: TrueOffer | null
}

/** What is stored of a match. */
interface StoredPrice extends Record<string, unknown> {
  readonly asin: string
  readonly price: string | null
  readonly shipping: string | null
  readonly currency: string | null
  readonly sellerId: string | null
  readonly priceObserved: boolean
  readonly offerCount: number | null
  readonly countObserved: boolean
  readonly featuredPrice: string | null
  readonly channel: string | null
  readonly prime: string | null
  readonly lowest: string | null
  readonly channels: readonly {
    readonly fulfillmentChannel: string
    readonly price: string
    readonly shipping: string
  }[]
  readonly offersObserved: boolean
}

export interface PriceTruth {
  /** ASINs that were compared. */
  readonly compared: number
  /** Matches that lack an observation. */
  readonly missing: number
  /** One line for each match that differs, the first ones. */
  readonly differences: readonly string[]
  readonly wrong: number
}

/** Items of one question to the simulator. */
const PAGE = 200
/** Offers that Amazon lists; the featured one may be beyond them, and is told without its channel then. */
const LISTED = 20
const MOST_DIFFERENCES = 20

/** Compares every stored price of chosen ASINs with what the simulator truly offers now. */
export async function comparePrices(
  db: Queryable,
  simulatorUrl: string,
  marketplaceId: string,
  levels: readonly ('price' | 'offers')[],
): Promise<PriceTruth> {
  const stored = await db.query<StoredPrice>(storedSql, [marketplaceId])
  const truth = new Map<string, TrueItem>()
  const asins = [...new Set(stored.map(({ asin }) => asin))]
  for (let i = 0; i < asins.length; i += PAGE) {
    const query = new URLSearchParams({ marketplaceId, asins: asins.slice(i, i + PAGE).join(',') })
    const answer = await fetch(`${simulatorUrl}/_simulator/offers?${query}`)
    if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`)
    const { items } = (await answer.json()) as { items: readonly TrueItem[] }
    for (const item of items) truth.set(item.asin, item)
  }
  let missing = 0
  let wrong = 0
  const differences: string[] = []
  for (const row of stored) {
    if (
      (levels.includes('price') && !row.priceObserved) ||
      (levels.includes('offers') && !row.offersObserved)
    ) {
      missing++
      continue
    }
    const found = differencesOf(row, truth.get(row.asin)!, levels.includes('offers'))
    if (found.length === 0) continue
    wrong++
    if (differences.length < MOST_DIFFERENCES) differences.push(`${row.asin}: ${found.join(', ')}`)
  }
  return { compared: stored.length - missing, missing, differences, wrong }
}

function differencesOf(row: StoredPrice, { currency, offers, featured }: TrueItem, dear: boolean): string[] {
  const news = offers.filter(({ condition }) => condition === 'New')
  const expected: Record<string, string | number | null> = {
    price: featured?.listingPrice ?? null,
    shipping: featured?.shipping ?? null,
    currency: featured === null ? null : currency,
    sellerId: featured?.sellerId ?? null,
    ...(row.countObserved ? { offerCount: news.length } : {}),
  }
  if (dear) {
    const listed =
      featured !== null && news.indexOf(news.find(({ sellerId }) => sellerId === featured.sellerId)!) < LISTED
    Object.assign(expected, {
      featuredPrice: featured?.listingPrice ?? null,
      channel: listed ? featured.channel : null,
      prime: listed ? featured.prime : null,
      lowest: news[0]?.landedPrice ?? null,
    })
    for (const channel of ['AFN', 'MFN']) {
      const lowest = news.find((offer) => offer.channel === channel)
      const stored = row.channels.find(({ fulfillmentChannel }) => fulfillmentChannel === channel)
      const told = stored === undefined ? null : `${stored.price} + ${stored.shipping}`
      // Of competitive summaries, a channel that is not among the twenty cheapest is not there.
      const want = lowest === undefined ? null : `${lowest.listingPrice} + ${lowest.shipping}`
      if (told !== want) return [`lowest ${channel} is ${told}, not ${want}`]
    }
  }
  return Object.entries(expected).flatMap(([name, value]) =>
    row[name] === value ? [] : [`${name} is ${String(row[name])}, not ${String(value)}`],
  )
}

const storedSql = `
  select asin, price::text as price, shipping::text as shipping, currency, seller_id as "sellerId",
         price_observed_at is not null as "priceObserved", offer_count as "offerCount",
         offer_counts_observed_at is not null as "countObserved", featured_offer_price::text as "featuredPrice",
         fulfillment_channel as channel, prime, (lowest_price + coalesce(lowest_price_shipping, 0))::text as lowest,
         coalesce(fulfillment_options, '[]') as channels, offers_observed_at is not null as "offersObserved"
    from amazon_market_data where marketplace_id = $1 and chosen`
