/** Feeds 2021-06-30 (model `feeds_2021-06-30`), and how feeds behave on demand. */

import { type Answer, accepted, created, noContent, notFound, ok } from '../../answer.ts'
import { sellerOf } from '../../seller/seller.ts'
import { createDocumentStore, documentLink, uploadLink } from '../documents/document-store.ts'
import type { Demand } from '../documents/on-demand.ts'
import { processingFields, statusOf } from '../documents/processing.ts'
import { pageOf } from '../documents/processing-query.ts'
import * as fields from '../fields.ts'
import {
  type ControlRoute,
  type Operation,
  type OperationContext,
  type OperationRequest,
  Refusal,
} from '../operation.ts'
import { oneOf, readObject } from '../parameters.ts'
import { createFeedStore, type Feed } from './feed-store.ts'
import { feedTypes, REMOVED } from './feed-types.ts'

const MAX_MARKETPLACES = 25

const createFeedDocument: Operation = {
  name: 'createFeedDocument',
  method: 'POST',
  path: '/feeds/2021-06-30/documents',
  plan: { rate: 0.5, burst: 15, appRate: null },
  answer(request, world) {
    const contentType = fields.text(readObject(request), 'contentType')
    const { name } = sellerOf(request.caller, world)
    const document = world
      .part(createDocumentStore)
      .add({ seller: name, contentType, gzip: false, restricted: false, written: null })
    return created({ feedDocumentId: document.id, url: uploadLink(document, world, request.origin) })
  },
}

const createFeed: Operation = {
  name: 'createFeed',
  method: 'POST',
  path: '/feeds/2021-06-30/feeds',
  plan: { rate: 0.0083, burst: 15, appRate: null },
  answer(request, world) {
    const body = readObject(request)
    const type = fields.text(body, 'feedType')
    if (REMOVED.has(type)) throw new Refusal(`Feed Type: ${type} is no longer supported.`)
    if (!(type in feedTypes)) throw new Refusal(`Feed Type: ${type} is invalid.`)
    const marketplaceIds = fields.marketplaceIds(body, MAX_MARKETPLACES)
    const seller = sellerOf(request.caller, world)
    const id = fields.text(body, 'inputFeedDocumentId')
    const document = world.part(createDocumentStore).byId(id, seller.name)
    if (document === null || document.written !== null)
      throw new Refusal("Invalid 'inputFeedDocumentId' provided.")
    const feed = world.part(createFeedStore).create(seller, { type, marketplaceIds, document })
    return accepted({ feedId: feed.id })
  },
}

const getFeeds: Operation = {
  name: 'getFeeds',
  method: 'GET',
  path: '/feeds/2021-06-30/feeds',
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer({ query, caller }, world) {
    const now = world.date().getTime()
    const feeds = world.part(createFeedStore).list(sellerOf(caller, world))
    const { page, next } = pageOf({ name: 'getFeeds', types: 'feedTypes' }, query, feeds, now)
    return ok({ feeds: page.map((feed) => feedFields(feed, now)), ...next })
  },
}

const feedFields = ({ id, type, marketplaceIds, processing, resultDocumentId }: Feed, now: number) => ({
  feedId: id,
  feedType: type,
  marketplaceIds,
  ...processingFields(processing, now),
  ...(resultDocumentId !== null && ['DONE', 'FATAL'].includes(statusOf(processing, now))
    ? { resultFeedDocumentId: resultDocumentId }
    : {}),
})

const getFeed: Operation = {
  name: 'getFeed',
  method: 'GET',
  path: '/feeds/2021-06-30/feeds/{feedId}',
  plan: { rate: 2, burst: 15, appRate: null },
  answer: (request, world) =>
    withFeed(request, world, (feed) => ok(feedFields(feed, world.date().getTime()))),
}

const cancelFeed: Operation = {
  name: 'cancelFeed',
  method: 'DELETE',
  path: '/feeds/2021-06-30/feeds/{feedId}',
  plan: { rate: 2, burst: 15, appRate: null },
  answer: (request, world) =>
    withFeed(request, world, (feed) => {
      if (world.part(createFeedStore).cancel(feed)) return noContent(200)
      throw new Refusal(`Feed ${feed.id} can not be cancelled.`, 'Only feeds IN_QUEUE can be.')
    }),
}

function withFeed(
  { path, caller }: OperationRequest,
  world: OperationContext,
  answer: (feed: Feed) => Answer,
): Answer {
  const { feedId = '' } = path
  const feed = world.part(createFeedStore).byId(sellerOf(caller, world), feedId)
  return feed === null ? notFound(`Feed ${feedId} was not found.`) : answer(feed)
}

const getFeedDocument: Operation = {
  name: 'getFeedDocument',
  method: 'GET',
  path: '/feeds/2021-06-30/documents/{feedDocumentId}',
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer({ path, caller, origin, query }, world) {
    const { feedDocumentId = '' } = path
    const document = world.part(createDocumentStore).byId(feedDocumentId, caller.seller)
    if (document === null) return notFound(`Feed document ${feedDocumentId} was not found.`)
    const encoded = oneOf(query, 'enableContentEncodingUrlHeader', ['true', 'false']) === 'true'
    return ok({
      feedDocumentId: document.id,
      url: documentLink(document, world, { origin, encoded }),
      ...(document.gzip ? { compressionAlgorithm: 'GZIP' } : {}),
    })
  },
}

export const feedOperations: readonly Operation[] = [
  createFeedDocument,
  createFeed,
  getFeed,
  getFeeds,
  cancelFeed,
  getFeedDocument,
]

/** `{"feedType": "JSON_LISTINGS_FEED" | "*", "outcome"?: "FATAL", "times"?: 1, "gzip"?: false}`. */
export const changeFeeds: ControlRoute = {
  route: 'POST /_simulator/feeds',
  answer({ body }, world) {
    const { feedType = '*', ...demand } = body
    world.part(createFeedStore).demands.set(String(feedType), demand as Demand)
    return { feedType, ...demand }
  },
}
