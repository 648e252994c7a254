/**
 * The npm package amazon-sp-api, used as its README says: `callAPI` in a loop, its own repeats after a 429 left on.
 * Prints one line for each call: which products, and the ASINs found, or the error.
 */
import { readFileSync } from 'node:fs'
import { SellingPartner } from 'amazon-sp-api'
import { HttpsProxyAgent } from 'hpagent'

const { upcs, size, seconds, proxy, refreshToken } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const client = new SellingPartner({
  region: 'na',
  refresh_token: refreshToken,
  credentials: { SELLING_PARTNER_APP_CLIENT_ID: 'bench', SELLING_PARTNER_APP_CLIENT_SECRET: 'secret' },
  options: { https_proxy_agent: new HttpsProxyAgent({ proxy }) },
})
const padded = (code) => code.padStart(14, '0')
const until = Date.now() + seconds * 1000
for (let from = 0; from < upcs.length && Date.now() < until; from += size) {
  const batch = upcs.slice(from, from + size)
  try {
    const { items } = await client.callAPI({
      operation: 'searchCatalogItems',
      endpoint: 'catalogItems',
      query: {
        identifiers: batch,
        identifiersType: 'UPC',
        marketplaceIds: ['ATVPDKIKX0DER'],
        includedData: ['identifiers', 'summaries'],
        pageSize: 20,
      },
      options: { version: '2022-04-01' },
    })
    // The README leaves the join to the caller; this is the careful one: by the code, however many zeros it has.
    const asins = batch.map((upc) => {
      const own = items.filter((item) =>
        item.identifiers.some(({ identifiers }) =>
          identifiers.some(({ identifier }) => padded(identifier) === padded(upc)),
        ),
      )
      return own[0]?.asin ?? null
    })
    console.log(JSON.stringify({ at: Date.now(), from, asins }))
  } catch (error) {
    console.log(JSON.stringify({ at: Date.now(), from, count: batch.length, error: String(error.message) }))
  }
}
