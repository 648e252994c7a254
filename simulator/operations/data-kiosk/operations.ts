/** Data Kiosk 2023-11-15 (model `dataKiosk_2023-11-15`), and how its queries behave on demand. */

import { type Answer, accepted, noContent, notFound, ok } from '../../answer.ts'
import { sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { createDocumentStore, documentLink } from '../documents/document-store.ts'
import { processingFields, STATUSES, statusOf } from '../documents/processing.ts'
import { RETENTION_MS } from '../documents/processing-query.ts'
import * as fields from '../fields.ts'
import {
  type ControlRoute,
  type Operation,
  type OperationContext,
  type OperationRequest,
  Refusal,
} from '../operation.ts'
import { list, moment, readObject, single, whole } from '../parameters.ts'
import { createQueryStore, type Query, queryEnd } from './query-store.ts'

const QUERIES = '/dataKiosk/2023-11-15/queries'

const createQuery: Operation = {
  name: 'createQuery',
  method: 'POST',
  path: QUERIES,
  plan: { rate: 0.0167, burst: 15, appRate: null },
  answer(request, world) {
    const body = readObject(request)
    const text = fields.text(body, 'query')
    const token = fields.optionalText(body, 'paginationToken')
    const { id } = world.part(createQueryStore).create(sellerOf(request.caller, world), text, token)
    return accepted({ queryId: id })
  },
}

const queryFields = (query: Query, now: number) => ({
  ...queryEnd(query, now),
  ...processingFields(query.processing, now),
})

const getQueries: Operation = {
  name: 'getQueries',
  method: 'GET',
  path: QUERIES,
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const statuses = list(query, 'processingStatuses', STATUSES.length)
    if (!statuses.every((status) => STATUSES.includes(status as never)))
      throw new Refusal("Invalid 'processingStatuses' provided.")
    const since = moment(query, 'createdSince') ?? now - RETENTION_MS
    const until = moment(query, 'createdUntil') ?? now
    const pageSize = whole(query, 'pageSize', { min: 1, max: 100, absent: 10 })
    const token = single(query, 'paginationToken')
    // "All other parameters must be provided with the same values", but for the size of the page.
    const filters = ['processingStatuses', 'createdSince', 'createdUntil'].map((name) => single(query, name))
    const kind = JSON.stringify(['getQueries', ...filters])
    const { offset } =
      token === null ? { offset: 0 } : openCursor<{ offset: number }>(kind, token, 'paginationToken', { now })
    const found = world
      .part(createQueryStore)
      .list(sellerOf(caller, world))
      .filter(
        ({ processing }) =>
          processing.createdAt >= since &&
          processing.createdAt <= until &&
          (statuses.length === 0 || statuses.includes(statusOf(processing, now))),
      )
    const end = offset + pageSize
    return ok({
      queries: found.slice(offset, end).map((one) => queryFields(one, now)),
      ...(found.length > end ? { pagination: { nextToken: sealCursor(kind, { offset: end }, now) } } : {}),
    })
  },
}

const getQuery: Operation = {
  name: 'getQuery',
  method: 'GET',
  path: `${QUERIES}/{queryId}`,
  plan: { rate: 2, burst: 15, appRate: null },
  answer: (request, world) =>
    withQuery(request, world, (query) => ok(queryFields(query, world.date().getTime()))),
}

const cancelQuery: Operation = {
  name: 'cancelQuery',
  method: 'DELETE',
  path: `${QUERIES}/{queryId}`,
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer: (request, world) =>
    withQuery(request, world, (query) => {
      if (world.part(createQueryStore).cancel(query)) return noContent()
      throw new Refusal(`Query ${query.id} can not be cancelled.`, 'It has come to its end.')
    }),
}

function withQuery(
  { path, caller }: OperationRequest,
  world: OperationContext,
  answer: (query: Query) => Answer,
): Answer {
  const { queryId = '' } = path
  const query = world
    .part(createQueryStore)
    .list(sellerOf(caller, world))
    .find(({ id }) => id === queryId)
  return query === undefined ? notFound(`Query ${queryId} was not found.`) : answer(query)
}

const getDocument: Operation = {
  name: 'getDocument',
  method: 'GET',
  path: '/dataKiosk/2023-11-15/documents/{documentId}',
  plan: { rate: 0.0167, burst: 15, appRate: null },
  answer({ path, caller, origin }, world) {
    const { documentId = '' } = path
    const document = world.part(createDocumentStore).byId(documentId, caller.seller)
    if (document === null) return notFound(`Document ${documentId} was not found.`)
    // Nothing in the answer says that it is compressed: only its Content-Encoding does.
    return ok({ documentId, documentUrl: documentLink(document, world, { origin, encoded: true }) })
  },
}

export const dataKioskOperations: readonly Operation[] = [
  createQuery,
  getQueries,
  getQuery,
  cancelQuery,
  getDocument,
]

/** `{"rowsPerDocument": 10, "outcome": "FATAL"}`; the outcome is the next query's. */
export const changeDataKiosk: ControlRoute = {
  route: 'POST /_simulator/data-kiosk',
  answer({ body }, world) {
    const { kiosk } = world.part(createQueryStore)
    const { rowsPerDocument = kiosk.rowsPerDocument, outcome = kiosk.outcome } = body
    if (typeof rowsPerDocument !== 'number' || !Number.isInteger(rowsPerDocument) || rowsPerDocument < 1)
      throw new Error(`rowsPerDocument must be a whole number from 1, not ${rowsPerDocument}.`)
    if (outcome !== null && !['DONE', 'CANCELLED', 'FATAL'].includes(String(outcome)))
      throw new Error(`outcome must be DONE, CANCELLED or FATAL, not ${outcome}.`)
    return Object.assign(kiosk, { rowsPerDocument, outcome })
  },
}
