/** What products are: `node libs/sp-api/examples/look-up.ts 036000291452 4006381333931` */
import { toGtin14 } from '#libs/gtin/index.ts'
import { findMarketplace, toCandidate } from '../index.ts'
import { connect } from './connect.ts'

const gtin14s = process.argv.slice(2).map((code) => toGtin14(code) ?? fail(`${code} is no valid code`))
const { marketplaceId } = findMarketplace('US')

const api = connect()
const outcomes = await api.lookupCodes({ marketplaceId, gtin14s })
for (const [code, outcome] of outcomes) {
  if (outcome.kind !== 'items') console.log(code, outcome.kind, outcome.reason)
  else
    for (const item of outcome.items) {
      const { asin, title, salesRank } = toCandidate(item, marketplaceId)
      console.log(code, asin, salesRank, title)
    }
}
await api.close()

function fail(message: string): never {
  throw new Error(message)
}
