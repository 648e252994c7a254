/**
 * Our connector in the same place: codes are parsed, then up to `size` go into a lookup, four of which are under way.
 * Prints one line for each lookup, as the others do.
 */
import { readFileSync } from 'node:fs'
import { parseCode } from '#libs/gtin/index.ts'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createSpApi, RegionalEndpointManager } from '#libs/sp-api/index.ts'

interface Settings {
  readonly upcs: readonly string[]
  readonly size: number
  readonly seconds: number
  readonly url: string
  readonly refreshToken: string
}

const IN_FLIGHT = 4
const { upcs, size, seconds, url, refreshToken } = JSON.parse(
  readFileSync(process.argv[2]!, 'utf8'),
) as Settings
const bucket = createMemoryTokenBucket()
const api = createSpApi({
  application: { clientId: 'bench', clientSecret: 'secret' },
  refreshToken,
  sellerKey: refreshToken,
  bucket,
  endpoints: new RegionalEndpointManager({ spApiEndpoint: url, lwaEndpoint: url }),
})
const until = Date.now() + seconds * 1000
let next = 0

/** The next products, as many as there are codes in a lookup. */
function takeBatch(): { from: number; codes: (string | null)[] } {
  const from = next
  const codes: (string | null)[] = []
  const different = new Set<string>()
  while (next < upcs.length) {
    const parsed = parseCode(upcs[next]!)
    const gtin14 = parsed.status === 'valid' ? parsed.gtin14 : null
    if (gtin14 !== null && !different.has(gtin14) && different.size === size) break
    if (gtin14 !== null) different.add(gtin14)
    codes.push(gtin14)
    next++
  }
  return { from, codes }
}

async function work(): Promise<void> {
  while (next < upcs.length && Date.now() < until) {
    const { from, codes } = takeBatch()
    const gtin14s = [...new Set(codes.filter((code) => code !== null))]
    const found =
      gtin14s.length > 0 ? await api.lookupCodes({ marketplaceId: 'US', gtin14s }) : new Map<string, never>()
    const failed = [...found.values()].find((lookup) => lookup.kind === 'failed')
    const asins = codes.map((code) => {
      const lookup = code === null ? undefined : found.get(code)
      return lookup?.kind === 'items' ? (lookup.items[0]?.asin ?? null) : null
    })
    const outcome = failed ? { count: codes.length, error: failed.reason } : { asins }
    console.log(JSON.stringify({ at: Date.now(), from, ...outcome }))
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, work))
await api.close()
await bucket.close()
