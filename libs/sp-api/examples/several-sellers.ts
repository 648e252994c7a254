/**
 * One lookup over several sellers, each with its own quota; one that is refused stops alone:
 * `SP_API_REFRESH_TOKENS=one,two node libs/sp-api/examples/several-sellers.ts 036000291452 4006381333931`
 */
import { toGtin14 } from '#libs/gtin/index.ts'
import { findMarketplace, SellerPool } from '../index.ts'
import { connect } from './connect.ts'

const { marketplaceId } = findMarketplace('US')
const tokens = (process.env.SP_API_REFRESH_TOKENS ?? '').split(',')
const pool = new SellerPool({
  sellers: tokens.map((token, index) => {
    const name = `shop-${index + 1}`
    return { name, api: connect(token, name), marketplaceIds: [marketplaceId] }
  }),
  log: { debug() {}, info: say, warn: say },
})
const codes = process.argv.slice(2).flatMap((code) => toGtin14(code) ?? [])
// Each goes to the seller whose next slot comes first.
await Promise.all(
  codes.map(async (code) => {
    const outcome = (await pool.lookupCodes({ marketplaceId, gtin14s: [code] })).get(code)!
    console.log(
      code,
      outcome.kind === 'items' ? outcome.items.map(({ asin }) => asin).join(' ') : outcome.kind,
    )
  }),
)
for (const { seller, reason } of pool.stopped) console.log(seller, 'is stopped:', reason)
await pool.close()

function say(fields: object, message: string): void {
  console.error(message, JSON.stringify(fields))
}
