/**
 * Reads a report in a process of its own: `node bench/support/document-reader.ts <ours|raw> <url> <report type>`. Raw is
 * what Node itself costs: the bytes decompressed and their line ends counted.
 */
import { createGunzip } from 'node:zlib'
import { request } from 'undici'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { DocumentManager } from '#libs/sp-api/documents/index.ts'
import { createSpApi, RegionalEndpointManager } from '#libs/sp-api/index.ts'

const [how, url, reportType] = process.argv.slice(2) as [string, string, string]
const started = performance.now()
let rows = 0
if (how === 'raw') {
  const { body } = await request(`${url}/document`)
  for await (const piece of body.pipe(createGunzip({ chunkSize: 128 * 1024 })) as AsyncIterable<Buffer>)
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) rows++
} else {
  const bucket = createMemoryTokenBucket()
  const api = createSpApi({
    application: { clientId: 'bench', clientSecret: 'secret' },
    refreshToken: 'token',
    sellerKey: 'bench',
    bucket,
    endpoints: new RegionalEndpointManager({ spApiEndpoint: url, lwaEndpoint: url }),
  })
  const documents = new DocumentManager({ api })
  const asked = { reportType, marketplaceIds: ['DE'] }
  const options = reportType.includes('SALES_AND_TRAFFIC') ? { array: 'salesAndTrafficByAsin' } : {}
  for await (const _ of documents.reportRows(asked, options)) rows++
  await documents.close()
  await api.close()
  await bucket.close()
}
const { user, system } = process.cpuUsage()
const cpuSeconds = (user + system) / 1e6
process.stdout.write(JSON.stringify({ rows, seconds: (performance.now() - started) / 1_000, cpuSeconds }))
