import { parseCode } from '#libs/gtin/index.ts'
import type { Config } from '#libs/service/config.ts'
import type { Metrics } from '#libs/service/metrics.ts'
import type { CodeLookups, Lookup } from '#libs/sp-api/index.ts'
import { SpApiInputError } from '#libs/sp-api/index.ts'
import {
  type Chunk,
  type Decoded,
  done,
  drop,
  type Processor,
  reject,
  type Verdict,
} from '#libs/stream/processor.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import type { SyncResult } from '#schemas/generated/sync-result.ts'
import { SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { absurdRequest } from './absurd-request.ts'
import { lookedUpResult, unaskedResult } from './sync-result.ts'

export const CATALOG_FETCHER_GROUP = 'catalog-fetcher'
/** Products that share the codes of one call, or need no call at all. */
const MAX_RECORDS = 500

export interface CatalogFetcher {
  readonly spApi: CodeLookups
  readonly config: Config
  readonly metrics: Metrics
  /** Positions of requests that nobody waits for any more, such as those of a cancelled sync. */
  readonly dropped?: (requests: readonly SyncRequest[]) => Promise<ReadonlySet<number>>
}

/**
 * Asks Amazon for up to twenty different codes of one marketplace in one call and says of each product what came of it.
 * It neither waits out failures nor repeats products: a failure is a result, and the persister decides when to try again.
 */
export function createCatalogFetcher({
  spApi,
  config,
  metrics,
  dropped = async () => new Set(),
}: CatalogFetcher): Processor<SyncRequest> {
  return {
    group: CATALOG_FETCHER_GROUP,
    inputs: [SYNC_REQUESTS],
    outputs: [SYNC_RESULTS],
    chunks: {
      key: ({ value }) => value.marketplaceId,
      weigh: ({ value }) => codeToAsk(value),
      maxWeight: () => spApi.batchSize(),
      maxRecords: MAX_RECORDS,
      lingerMs: config.FETCH_LINGER,
      inFlight: config.FETCH_CONCURRENCY,
    },
    async process(chunk, { signal }) {
      const unwanted = await dropped(chunk.records.map(({ value }) => value))
      const codes = new Set<string>()
      for (const [at, { value }] of chunk.records.entries()) {
        const code = codeToAsk(value)
        if (code !== null && !unwanted.has(at)) codes.add(code)
      }
      let lookups: ReadonlyMap<string, Lookup> = new Map()
      if (codes.size > 0) {
        metrics.spApiIdentifiers.observe(codes.size)
        try {
          lookups = await lookUp(spApi, chunk.key, [...codes], signal)
        } catch (error) {
          // A marketplace that does not exist: the records are wrong, not the service.
          if (!(error instanceof SpApiInputError)) throw error
          return rejectAll(chunk, error.message)
        }
      }
      const now = Date.now()
      return chunk.records.map((record, at) =>
        unwanted.has(at) ? drop('nobody waits for it') : toVerdict(record, lookups, now),
      )
    },
  }
}

/** The lookups of all codes; a case code that Amazon does not know is asked for again as the item in the case. */
async function lookUp(
  spApi: CodeLookups,
  marketplaceId: string,
  gtin14s: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Lookup>> {
  const lookups = await spApi.lookupCodes({ marketplaceId, gtin14s }, { priority: 'background', signal })
  const baseOf = new Map<string, string>()
  for (const [gtin14, lookup] of lookups) {
    if (lookup.kind !== 'items' || lookup.items.length > 0) continue
    const parsed = parseCode(gtin14)
    if (parsed.status === 'valid' && parsed.baseGtin14 !== null && !lookups.has(parsed.baseGtin14)) {
      baseOf.set(gtin14, parsed.baseGtin14)
    }
  }
  if (baseOf.size === 0) return lookups
  const bases = await spApi.lookupCodes(
    { marketplaceId, gtin14s: [...new Set(baseOf.values())] },
    { priority: 'background', signal },
  )
  return new Map([...lookups, ...bases])
}

function toVerdict(
  { value: request }: Decoded<SyncRequest>,
  lookups: ReadonlyMap<string, Lookup>,
  now: number,
): Verdict {
  const absurd = absurdRequest(request)
  if (absurd !== null) return reject(absurd)
  const code = codeToAsk(request)
  const lookup = code === null ? undefined : lookups.get(code)
  if (code !== null && lookup === undefined) throw new Error(`no lookup came back for ${code}`)
  const result: SyncResult =
    lookup === undefined ? unaskedResult(request, now) : lookedUpResult(request, lookup, lookups)
  return done([{ topic: SYNC_RESULTS, key: request.productId, value: result }])
}

function rejectAll(chunk: Chunk<SyncRequest>, reason: string): readonly Verdict[] {
  return chunk.records.map(() => reject(reason))
}

/** The code to ask Amazon for; null when there is none worth a lookup. */
function codeToAsk(request: SyncRequest): string | null {
  return request.codeStatus === 'valid' && absurdRequest(request) === null ? request.gtin14 : null
}
