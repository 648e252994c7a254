/** A backlog that somebody in a hurry does not wait for: `node libs/sp-api/examples/queue.ts B000000001 B000000002 B000000003` */
import { OperationQueue } from '../operation-queue/operation-queue.ts'
import { getCatalogItem } from '../operations/generated/catalog-items-2022-04-01.ts'
import { connect } from './connect.ts'

const api = connect()
const seller = { name: 'my-shop', api }
const queue = new OperationQueue()

const asins = process.argv.slice(2)
const calls = asins.map((asin) =>
  queue.add(seller, getCatalogItem, { asin, marketplaceIds: ['ATVPDKIKX0DER'] }),
)
// The last one is wanted at once.
calls.at(-1)?.expedite()

const answered = calls.map(async ({ answer }) => {
  const { asin, summaries } = (await answer).body
  console.log(asin, summaries?.[0]?.itemName)
})
await Promise.all(answered)
await queue.close()
await api.close()
