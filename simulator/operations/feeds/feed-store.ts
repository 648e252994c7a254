/** Feeds of sellers: what was sent, and what became of it. */

import type { Seller } from '../../seller/seller.ts'
import { createDocumentStore, type StoredDocument } from '../documents/document-store.ts'
import { keepNewest } from '../documents/keep-newest.ts'
import { type Demand, Demands } from '../documents/on-demand.ts'
import { enqueue, type Outcome, type Processing, statusOf } from '../documents/processing.ts'
import { RETENTION_MS } from '../documents/processing-query.ts'
import type { Happening } from '../notifications/notification-store.ts'
import type { World } from '../operation.ts'
import { type FeedType, feedTypes } from './feed-types.ts'

/** Nobody may ever ask what there is to tell. */
const MOST_UNTOLD = 1_000

export interface Feed {
  readonly id: string
  readonly type: string
  readonly marketplaceIds: readonly string[]
  readonly document: StoredDocument
  readonly processing: Processing
  /** Null until it was processed, and for one that was cancelled. */
  resultDocumentId: string | null
}

export class FeedStore {
  readonly demands = new Demands<Demand>(Object.keys(feedTypes))
  readonly #world: World
  readonly #feeds = new Map<string, Feed[]>()
  /** Feeds whose contents have still to be looked at. */
  readonly #waiting = new Map<Feed, Seller>()
  /** Feeds that nobody was told of yet, with their sellers. */
  readonly #untold = new Map<Feed, Seller>()
  #nextId = 80_000_018_001

  constructor(world: World) {
    this.#world = world
  }

  create(
    seller: Seller,
    { type, marketplaceIds, document }: Pick<Feed, 'type' | 'marketplaceIds' | 'document'>,
  ): Feed {
    const outcome: Outcome = this.demands.draw(type) ?? (readable(type, document) ? 'DONE' : 'FATAL')
    const feed: Feed = {
      id: String(this.#nextId++),
      type,
      marketplaceIds,
      document,
      processing: enqueue(this.#world, outcome),
      resultDocumentId: null,
    }
    const feeds = this.#feeds.get(seller.name) ?? []
    this.#feeds.set(seller.name, feeds)
    feeds.push(feed)
    this.#waiting.set(feed, seller)
    this.#untold.set(feed, seller)
    keepNewest(this.#untold, MOST_UNTOLD)
    const oldest = feeds.findIndex(
      ({ processing }) => processing.createdAt > feed.processing.createdAt - RETENTION_MS,
    )
    feeds.splice(0, Math.max(0, oldest))
    return feed
  }

  /** The feeds of a seller, newest first. */
  list(seller: Seller): readonly Feed[] {
    this.settle()
    return (this.#feeds.get(seller.name) ?? []).toReversed()
  }

  byId(seller: Seller, id: string): Feed | null {
    return this.list(seller).find((feed) => feed.id === id) ?? null
  }

  /** True when it still waited, and is cancelled now. */
  cancel(feed: Feed): boolean {
    const now = this.#world.date().getTime()
    if (statusOf(feed.processing, now) !== 'IN_QUEUE') return false
    feed.processing.cancelledAt = now
    this.#waiting.delete(feed)
    return true
  }

  /** What can be told of feeds that have come to their end since the last time. */
  finished(): Happening[] {
    this.settle()
    const now = this.#world.date().getTime()
    const happenings: Happening[] = []
    for (const [feed, { name, merchantId }] of this.#untold) {
      const { endsAt, cancelledAt } = feed.processing
      if (now < (cancelledAt ?? endsAt)) continue
      this.#untold.delete(feed)
      const feedProcessingFinishedNotification = {
        sellerId: merchantId,
        accountId: `amzn1.merchant.o.${merchantId}`,
        feedId: feed.id,
        feedType: feed.type,
        processingStatus: statusOf(feed.processing, now),
        ...(feed.resultDocumentId === null ? {} : { resultFeedDocumentId: feed.resultDocumentId }),
      }
      const payload = { feedProcessingFinishedNotification }
      happenings.push({ type: 'FEED_PROCESSING_FINISHED', seller: name, at: cancelledAt ?? endsAt, payload })
    }
    return happenings
  }

  /**
   * Does what the feeds say whose time has come, oldest first. To be called before anything is read that a feed may
   * change: nothing happens by itself.
   */
  settle(): void {
    const now = this.#world.date().getTime()
    for (const [feed, seller] of this.#waiting) {
      if (now < feed.processing.startsAt) continue
      this.#waiting.delete(feed)
      this.#process(feed, seller)
    }
  }

  #process(feed: Feed, seller: Seller): void {
    const { outcome } = feed.processing
    if (outcome === 'CANCELLED') return
    const { read, mediaType } = feedTypes[feed.type] as FeedType
    const { uploaded } = feed.document
    const content = uploaded === null || outcome === 'FATAL' ? null : uploaded.toString('utf8')
    const report = read({
      content,
      feedId: feed.id,
      seller,
      marketplaceIds: feed.marketplaceIds,
      world: this.#world,
    })
    // What was sent is not needed again.
    feed.document.uploaded = null
    feed.resultDocumentId = this.#world.part(createDocumentStore).add({
      seller: seller.name,
      contentType: `${mediaType}; charset=UTF-8`,
      gzip: this.demands.of(feed.type).gzip ?? true,
      restricted: false,
      written: { lines: () => [report], charset: 'utf-8' },
    }).id
  }
}

export const createFeedStore = (world: World) => new FeedStore(world)

/** Whether a feed can be processed at all: it was uploaded, and its envelope can be read. */
const readable = (type: string, { uploaded }: StoredDocument) =>
  uploaded !== null && (feedTypes[type] as FeedType).isReadable(uploaded.toString('utf8'))
