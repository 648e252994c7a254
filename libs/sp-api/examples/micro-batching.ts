/** Single asks that go out together: `node libs/sp-api/examples/micro-batching.ts B000000001 B000000002` */
import { competitivePrices, MicroBatcher, moneyOf } from '../batches/index.ts'
import { connect } from './connect.ts'

const api = connect()
const prices = new MicroBatcher(api, competitivePrices(), { marketplaceId: 'US' })

/** As a route of a web server would ask, knowing nothing of batches or quotas. */
async function priceOf(asin: string): Promise<string> {
  const { body } = await prices.ask({ asin })
  const [first] = body.CompetitivePricing?.CompetitivePrices ?? []
  return moneyOf(first?.Price.ListingPrice)?.amount ?? 'none'
}

const asked = process.argv.slice(2).map(async (asin) => console.log(asin, await priceOf(asin)))
await Promise.all(asked)
await api.close()
