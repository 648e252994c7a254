/** What products cost: `node libs/sp-api/examples/prices.ts B000000001 B000000002` */
import { competitivePrices, itemOffers, moneyOf, settleBatch } from '../batches/index.ts'
import { connect } from './connect.ts'

const asks = process.argv.slice(2).map((asin) => ({ asin }))
const api = connect()

// Twenty ASINs a request, 0.5 requests a second: the price that Amazon's buttons sell at, and nothing about who ships.
for (const settled of await settleBatch(api, competitivePrices(), 'US', asks)) {
  const { asin } = settled.ask
  // One that Amazon refuses fails alone.
  if (settled.kind === 'failed') console.log(asin, settled.error.kind, settled.error.message)
  else {
    const prices = settled.body.CompetitivePricing?.CompetitivePrices ?? []
    const featured = prices.find(({ CompetitivePriceId }) => CompetitivePriceId === '1')
    const price = moneyOf(featured?.Price.ListingPrice)
    console.log(asin, price === null ? 'no featured offer' : `${price.amount} ${price.currency}`)
  }
}

// Twenty ASINs a request, 0.1 requests a second: every offer, with who ships it.
for (const settled of await settleBatch(api, itemOffers, 'US', asks)) {
  if (settled.kind === 'failed') continue
  for (const { ListingPrice, IsFulfilledByAmazon } of settled.body.Offers)
    console.log(settled.ask.asin, moneyOf(ListingPrice)?.amount, IsFulfilledByAmazon ? 'AFN' : 'MFN')
}
await api.close()
