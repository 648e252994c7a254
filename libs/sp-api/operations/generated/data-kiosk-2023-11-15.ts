// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './data-kiosk-2023-11-15.json' with { type: 'json' }

export interface CreateQueryResponse {
  readonly queryId: string
}

export interface CreateQuerySpecification {
  readonly query: string
  readonly paginationToken?: string
}

export interface GetDocumentResponse {
  readonly documentId: string
  readonly documentUrl: string
}

export interface GetQueriesResponse {
  readonly queries: QueryList
  readonly pagination?: {
    readonly nextToken?: string
  }
}

export interface Query {
  readonly queryId: string
  readonly query: string
  readonly createdTime: string
  readonly processingStatus: "CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE" | (string & {})
  readonly processingStartTime?: string
  readonly processingEndTime?: string
  readonly dataDocumentId?: string
  readonly errorDocumentId?: string
  readonly pagination?: {
    readonly nextToken?: string
  }
}

export type QueryList = ReadonlyArray<Query>

export interface CancelQueryParameters {
  readonly queryId: string
}

export interface CreateQueryParameters {
  readonly body: CreateQuerySpecification
}

export interface GetDocumentParameters {
  readonly documentId: string
}

export interface GetQueriesParameters {
  readonly processingStatuses?: ReadonlyArray<"CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE">
  readonly pageSize?: number
  readonly createdSince?: string
  readonly createdUntil?: string
  readonly paginationToken?: string
}

export interface GetQueryParameters {
  readonly queryId: string
}

const operations = operationsOf('data-kiosk-2023-11-15', api)

/** DELETE /dataKiosk/2023-11-15/queries/{queryId} */
export const cancelQuery: Operation<CancelQueryParameters, undefined> =
  operations('cancelQuery')

/** POST /dataKiosk/2023-11-15/queries */
export const createQuery: Operation<CreateQueryParameters, CreateQueryResponse> =
  operations('createQuery')

/** GET /dataKiosk/2023-11-15/documents/{documentId} */
export const getDocument: Operation<GetDocumentParameters, GetDocumentResponse> =
  operations('getDocument')

/** GET /dataKiosk/2023-11-15/queries */
export const getQueries: Operation<GetQueriesParameters, GetQueriesResponse> =
  operations('getQueries')

/** GET /dataKiosk/2023-11-15/queries/{queryId} */
export const getQuery: Operation<GetQueryParameters, Query> =
  operations('getQuery')
