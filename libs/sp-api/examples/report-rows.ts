/** The seller's listings, row by row: `node libs/sp-api/examples/report-rows.ts` */
import { DocumentManager } from '../documents/index.ts'
import { connect } from './connect.ts'

const api = connect()
const documents = new DocumentManager({ api })
// Asked for, waited for, downloaded, decompressed and decoded; a report of any size takes the same memory.
const report = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: ['US'] }
for await (const row of documents.reportRows(report)) console.log(JSON.stringify(row))
await documents.close()
await api.close()
