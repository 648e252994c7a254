// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './feeds-2021-06-30.json' with { type: 'json' }

export interface CreateFeedDocumentResponse {
  readonly feedDocumentId: string
  readonly url: string
}

export interface CreateFeedDocumentSpecification {
  readonly contentType: string
}

export interface CreateFeedResponse {
  readonly feedId: string
}

export interface CreateFeedSpecification {
  readonly feedType: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly inputFeedDocumentId: string
  readonly feedOptions?: FeedOptions
}

export interface Feed {
  readonly feedId: string
  readonly feedType: string
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly createdTime: string
  readonly processingStatus: "CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE" | (string & {})
  readonly processingStartTime?: string
  readonly processingEndTime?: string
  readonly resultFeedDocumentId?: string
}

export interface FeedDocument {
  readonly feedDocumentId: string
  readonly url: string
  readonly compressionAlgorithm?: "GZIP" | (string & {})
}

export type FeedList = ReadonlyArray<Feed>

export type FeedOptions = Readonly<Record<string, string>>

export interface GetFeedsResponse {
  readonly feeds: FeedList
  readonly nextToken?: string
}

export interface CancelFeedParameters {
  readonly feedId: string
}

export interface CreateFeedParameters {
  readonly body: CreateFeedSpecification
}

export interface CreateFeedDocumentParameters {
  readonly body: CreateFeedDocumentSpecification
}

export interface GetFeedParameters {
  readonly feedId: string
}

export interface GetFeedDocumentParameters {
  readonly feedDocumentId: string
  readonly enableContentEncodingUrlHeader?: boolean
}

export interface GetFeedsParameters {
  readonly feedTypes?: ReadonlyArray<string>
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly pageSize?: number
  readonly processingStatuses?: ReadonlyArray<"CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE">
  readonly createdSince?: string
  readonly createdUntil?: string
  readonly nextToken?: string
}

const operations = operationsOf('feeds-2021-06-30', api)

/** DELETE /feeds/2021-06-30/feeds/{feedId} */
export const cancelFeed: Operation<CancelFeedParameters, undefined> =
  operations('cancelFeed')

/** POST /feeds/2021-06-30/feeds */
export const createFeed: Operation<CreateFeedParameters, CreateFeedResponse> =
  operations('createFeed')

/** POST /feeds/2021-06-30/documents */
export const createFeedDocument: Operation<CreateFeedDocumentParameters, CreateFeedDocumentResponse> =
  operations('createFeedDocument')

/** GET /feeds/2021-06-30/feeds/{feedId} */
export const getFeed: Operation<GetFeedParameters, Feed> =
  operations('getFeed')

/** GET /feeds/2021-06-30/documents/{feedDocumentId} */
export const getFeedDocument: Operation<GetFeedDocumentParameters, FeedDocument> =
  operations('getFeedDocument')

/** GET /feeds/2021-06-30/feeds */
export const getFeeds: Operation<GetFeedsParameters, GetFeedsResponse> =
  operations('getFeeds')
