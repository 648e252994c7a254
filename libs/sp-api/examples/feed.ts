/** Another price for a SKU: `node libs/sp-api/examples/feed.ts SELLER SKU 19.99` */
import { DocumentManager, LISTINGS_FEED, listingsFeed, readListingsReport } from '../documents/index.ts'
import { connect } from './connect.ts'

const [sellerId = '', sku = '', price = ''] = process.argv.slice(2)
const marketplaceIds = ['ATVPDKIKX0DER']
const offer = {
  currency: 'USD',
  audience: 'ALL',
  our_price: [{ schedule: [{ value_with_tax: Number(price) }] }],
  marketplace_id: marketplaceIds[0],
}

const api = connect()
const documents = new DocumentManager({ api })
const { kind, feedId, resultFeedDocumentId } = await documents.submitFeed({
  // Submitted once under this name, whatever happens; with a ledger in PostgreSQL even when the process dies.
  key: `price of ${sku} ${price}`,
  feedType: LISTINGS_FEED,
  marketplaceIds,
  content: listingsFeed({ sellerId }, [
    {
      sku,
      operationType: 'PATCH',
      productType: 'PRODUCT',
      patches: [{ op: 'replace', path: '/attributes/purchasable_offer', value: [offer] }],
    },
  ]),
})
console.log(feedId, kind)
if (resultFeedDocumentId !== null) {
  const { pieces } = documents.feedText({ feedDocumentId: resultFeedDocumentId, marketplaceIds })
  const { summary, issues } = await readListingsReport(pieces)
  console.log(`${summary.messagesAccepted} accepted, ${summary.errors} errors`)
  for (const { sku: named, code, message } of issues) console.log(named, code, message)
}
await documents.close()
await api.close()
