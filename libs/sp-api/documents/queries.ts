import { createHash } from 'node:crypto'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import {
  createQuery,
  getQueries,
  getQuery,
  type Query,
} from '../operations/generated/data-kiosk-2023-11-15.ts'
import type { OperationCaller } from './caller.ts'
import { type JobKind, type JobList, type JobLook, Jobs } from './jobs.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { defaultPatience, type Patience } from './patience.ts'

export interface QueryRequest {
  /** GraphQL, as Data Kiosk's schemas have it. */
  readonly query: string
  /** Decides the region; id. */
  readonly marketplaceId: string
  /** One that came to its end this short a time before is as good as a new one; milliseconds, default none. */
  readonly reuseMs?: number
}

/** A part of what a query came to. */
export interface QueryPart {
  readonly queryId: string
  /** Null: there is no data. */
  readonly documentId: string | null
  /** Asks for the next part; null: there is none. */
  readonly nextToken: string | null
}

export interface QueriesOptions {
  readonly api: OperationCaller
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: SpApiLog
  readonly patience?: Patience
  /** Reads what Amazon says about a query that failed. */
  readonly explain?: (
    documentId: string,
    marketplaceId: string,
    signal?: AbortSignal,
  ) => Promise<string | null>
}

interface Wish {
  readonly query: string
  readonly paginationToken?: string
  readonly marketplaceId: string
}

/** How long a query that failed is left alone: what is wrong with it does not pass by itself. */
const FAILED_PAUSE_MS = 30 * 60_000
const MAX_PAGES = 20

/** Queries of Data Kiosk 2023-11-15, asked for once as reports are; what is long comes in parts, each a query of its own. */
export class Queries {
  readonly #options: QueriesOptions
  readonly #jobs: Jobs<Wish>

  constructor(options: QueriesOptions) {
    this.#options = options
    const { ledger, clock, log, patience = defaultPatience } = options
    this.#jobs = new Jobs(queryKind(options), { ledger, clock, log, patience })
  }

  /** The first part, or the one of a token. Rejects with a `SpApiError`, or with the signal's reason. */
  async request(request: QueryRequest, token: string | null, signal?: AbortSignal): Promise<QueryPart> {
    const { marketplaceId, reuseMs = 0 } = request
    const query = normal(request.query)
    const { api, clock } = this.#options
    const freshSince = clock.now() - reuseMs
    const lane = `query:${marketplaceId}:${digest(query)}`
    const entry = await this.#jobs.settle(
      {
        key: token === null ? lane : `${lane}:${digest(token)}`,
        lane,
        wish: async () => ({ query, marketplaceId, ...(token === null ? {} : { paginationToken: token }) }),
        suits: (found) => {
          if (found.state === 'failed' && found.notBefore !== null && clock.now() < found.notBefore)
            throw failed(found, found.notBefore - clock.now())
          // A token names a part of one answer: that part does not change.
          return found.state !== 'failed' && (token !== null || found.finishedAt! >= freshSince)
        },
      },
      signal,
    )
    const queryId = entry.id!
    if (entry.documentId === null) return { queryId, documentId: null, nextToken: null }
    const { body } = await api.call(getQuery, { queryId }, { signal, marketplaceId })
    return { queryId, documentId: entry.documentId, nextToken: body.pagination?.nextToken ?? null }
  }

  /** A DATA_KIOSK_QUERY_PROCESSING_FINISHED notification came: whoever waits for the query looks at once. */
  processed(queryId: string): void {
    this.#jobs.processed(queryId)
  }
}

function queryKind({ api, explain, log }: QueriesOptions): JobKind<Wish> {
  return {
    noun: 'query',
    operation: 'getQuery',
    repeatable: true,
    async make({ marketplaceId, ...specification }, signal) {
      const { body } = await api.call(createQuery, { body: specification }, { signal, marketplaceId })
      return body.queryId
    },
    list: async (wish, since, signal) => listed(api, wish, since, signal),
    async look({ marketplaceId }, queryId, signal): Promise<JobLook> {
      const { body } = await api.call(getQuery, { queryId }, { signal, marketplaceId })
      switch (body.processingStatus) {
        case 'DONE':
          return body.dataDocumentId === undefined
            ? { status: 'no_data', waitMs: 0 }
            : { status: 'done', documentId: body.dataDocumentId }
        case 'CANCELLED':
          return { status: 'failed', documentId: null, reason: 'it was cancelled', waitMs: FAILED_PAUSE_MS }
        case 'FATAL': {
          const documentId = body.errorDocumentId ?? null
          const reason = await told(documentId, marketplaceId, signal)
          return { status: 'failed', documentId, reason, waitMs: FAILED_PAUSE_MS }
        }
        default:
          return { status: 'working' }
      }
    },
  }

  async function told(documentId: string | null, marketplaceId: string, signal?: AbortSignal) {
    if (documentId === null || explain === undefined) return null
    try {
      return await explain(documentId, marketplaceId, signal)
    } catch (error) {
      signal?.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ documentId }, `why the query failed could not be read: ${reason}`)
      return null
    }
  }
}

async function listed(
  api: OperationCaller,
  wish: Wish,
  since: number,
  signal?: AbortSignal,
): Promise<JobList> {
  const asked = { createdSince: new Date(since).toISOString(), pageSize: 100 }
  const queries: Query[] = []
  let skewMs = 0
  let paginationToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const { body, receivedAt, amazonTime } = await api.call(
      getQueries,
      { ...asked, ...(paginationToken !== undefined && { paginationToken }) },
      { signal, marketplaceId: wish.marketplaceId },
    )
    if (amazonTime != null) skewMs = receivedAt - amazonTime
    queries.push(...body.queries)
    paginationToken = body.pagination?.nextToken
    if (!paginationToken) break
  }
  const jobs = queries
    .filter(({ query }) => normal(query) === wish.query)
    .map(({ queryId, createdTime }) => ({ id: queryId, createdAt: Date.parse(createdTime), fits: true }))
  return { jobs, skewMs }
}

/** Amazon keeps queries without the white space that means nothing. */
function normal(query: string): string {
  return query.replace(/\s+/g, ' ').trim()
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function failed({ id, reason }: LedgerEntry, retryAfterMs: number): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: 'getQuery', retryAfterMs },
    `query ${id} failed${reason === null ? '' : ` (${reason})`}; it can be asked for again in ${Math.ceil(retryAfterMs / 60_000)} minutes`,
  )
}
