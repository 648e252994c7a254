/** The orders of the last days, page by page: `node libs/sp-api/examples/orders.ts 3` */
import { searchOrders } from '../operations/generated/orders-2026-01-01.ts'
import { connect } from './connect.ts'

const days = Number(process.argv[2] ?? 1)
const api = connect()
const wanted = {
  marketplaceIds: ['ATVPDKIKX0DER'],
  createdAfter: new Date(Date.now() - days * 86_400_000).toISOString(),
}
// Every page takes a slot of the usage plan: twenty at once, then one every three minutes.
for await (const { body, nextToken } of api.pages(searchOrders, wanted)) {
  for (const { orderId, createdTime } of body.orders) console.log(orderId, createdTime)
  // Where to go on after a restart: `api.pages(searchOrders, wanted, { from: nextToken })`.
  if (nextToken !== null) console.error(`next: ${nextToken}`)
}
await api.close()
