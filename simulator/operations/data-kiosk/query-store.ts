/** Data Kiosk's queries of sellers, and how they behave on demand. */

import type { Seller } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { createDocumentStore } from '../documents/document-store.ts'
import { keepNewest } from '../documents/keep-newest.ts'
import { enqueue, type Outcome, type Processing, statusOf } from '../documents/processing.ts'
import { RETENTION_MS } from '../documents/processing-query.ts'
import type { Happening } from '../notifications/notification-store.ts'
import { Refusal, type World } from '../operation.ts'
import { readDatasetQuery, rowsOf } from './dataset.ts'
import { QueryError } from './graphql.ts'

/** Nobody may ever ask what there is to tell. */
const MOST_UNTOLD = 1_000

export interface Query {
  readonly id: string
  readonly text: string
  readonly processing: Processing
  readonly dataDocumentId: string | null
  readonly errorDocumentId: string | null
  readonly nextToken: string | null
}

export interface Kiosk {
  /** Rows in a document; more of them need a further query with a token. */
  rowsPerDocument: number
  /** What the next query comes to. */
  outcome: Outcome | null
}

const MAX_QUERY = 8_000

interface Continued {
  readonly text: string
  readonly from: number
}

export class QueryStore {
  readonly kiosk: Kiosk = { rowsPerDocument: 1_000, outcome: null }
  readonly #world: World
  readonly #queries = new Map<string, Query[]>()
  readonly #untold = new Map<Query, Seller>()
  #nextId = 54_517_018_001

  constructor(world: World) {
    this.#world = world
  }

  /** Throws a Refusal for a query that Amazon would refuse. */
  create(seller: Seller, given: string, token: string | null): Query {
    const text = given.replace(/\s+/g, ' ').trim()
    if (text.length > MAX_QUERY)
      throw new Refusal("Invalid 'query' provided.", `${MAX_QUERY} characters at most.`)
    const now = this.#world.date().getTime()
    const from = token === null ? 0 : this.#continue(token, text, now)
    const rows = this.#rows(seller, text, now)
    const { rowsPerDocument, outcome: demanded } = this.kiosk
    this.kiosk.outcome = null
    const outcome = demanded ?? 'DONE'
    const page = rows.slice(from, from + rowsPerDocument)
    const end = from + rowsPerDocument
    const write = (lines: readonly string[]) =>
      this.#world.part(createDocumentStore).add({
        seller: seller.name,
        contentType: 'application/jsonl',
        gzip: true,
        restricted: false,
        written: { lines: () => lines, charset: 'utf-8' },
      }).id
    const query: Query = {
      id: String(this.#nextId++),
      text,
      processing: enqueue(this.#world, outcome),
      dataDocumentId: outcome === 'DONE' && page.length > 0 ? write(page) : null,
      errorDocumentId:
        outcome === 'FATAL' ? write(['{"error":"The simulator was told that it fails."}\n']) : null,
      nextToken:
        outcome === 'DONE' && rows.length > end
          ? sealCursor('createQuery', { text, from: end } satisfies Continued, now)
          : null,
    }
    const queries = this.#queries.get(seller.name) ?? []
    this.#queries.set(seller.name, queries)
    queries.push(query)
    this.#untold.set(query, seller)
    keepNewest(this.#untold, MOST_UNTOLD)
    const oldest = queries.findIndex(({ processing }) => processing.createdAt > now - RETENTION_MS)
    queries.splice(0, Math.max(0, oldest))
    return query
  }

  /** The queries of a seller, newest first. */
  list({ name }: Seller): readonly Query[] {
    return (this.#queries.get(name) ?? []).toReversed()
  }

  /** False when it has come to its end already; cancelling twice changes nothing. */
  cancel({ processing }: Query): boolean {
    const now = this.#world.date().getTime()
    if (processing.cancelledAt === null && now >= processing.endsAt) return false
    processing.cancelledAt ??= now
    return true
  }

  /** What can be told of queries that have come to their end since the last time. */
  finished(): Happening[] {
    const now = this.#world.date().getTime()
    const happenings: Happening[] = []
    for (const [query, { name, merchantId }] of this.#untold) {
      const at = query.processing.cancelledAt ?? query.processing.endsAt
      if (now < at) continue
      this.#untold.delete(query)
      const payload = { accountId: `amzn1.merchant.o.${merchantId}`, ...queryEnd(query, now) }
      happenings.push({ type: 'DATA_KIOSK_QUERY_PROCESSING_FINISHED', seller: name, at, payload })
    }
    return happenings
  }

  #continue(token: string, text: string, now: number): number {
    const continued = openCursor<Continued>('createQuery', token, 'paginationToken', { now })
    if (continued.text !== text)
      throw new Refusal("Invalid 'paginationToken' provided.", 'It was given for another query.')
    return continued.from
  }

  #rows(seller: Seller, text: string, now: number): string[] {
    try {
      return [...rowsOf(readDatasetQuery(text), seller, now)].map((row) => `${JSON.stringify(row)}\n`)
    } catch (error) {
      if (error instanceof QueryError) throw new Refusal("Invalid 'query' provided.", error.message)
      throw error
    }
  }
}

export const createQueryStore = (world: World) => new QueryStore(world)

/** What a query has come to. */
export function queryEnd(
  { id, text, processing, dataDocumentId, errorDocumentId, nextToken }: Query,
  now: number,
) {
  const status = statusOf(processing, now)
  return {
    queryId: id,
    query: text,
    processingStatus: status,
    ...(status === 'DONE' && dataDocumentId !== null ? { dataDocumentId } : {}),
    ...(status === 'FATAL' && errorDocumentId !== null ? { errorDocumentId } : {}),
    ...(status === 'DONE' && nextToken !== null ? { pagination: { nextToken } } : {}),
  }
}
