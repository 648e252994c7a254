import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiInputError } from '../errors.ts'
import {
  type CreateFeedSpecification,
  createFeed,
  createFeedDocument,
  getFeed,
  getFeeds,
} from '../operations/generated/feeds-2021-06-30.ts'
import { allPages, type OperationCaller } from './caller.ts'
import type { DocumentTransport } from './document-transport.ts'
import { type JobKind, type JobLook, Jobs, type ListedJob } from './jobs.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { defaultPatience, type Patience } from './patience.ts'
import { laneOf, samePlaces } from './reports.ts'
import type { Content, FeedContent, Spool } from './spool.ts'
import { upload } from './upload.ts'

export interface FeedRequest extends Omit<CreateFeedSpecification, 'inputFeedDocumentId'> {
  /**
   * Names what is submitted, such as `prices 2026-11-23`. A key is submitted once, whatever happens: who says it again
   * gets what became of it. Prices that go back to what they were are something new, under a key of their own.
   */
  readonly key: string
  /** Read only when it is to be uploaded. */
  readonly content: FeedContent
  /** Default: by the type of the feed, in UTF-8. */
  readonly contentType?: string
}

export interface FeedResult {
  /** Cancelled feeds and those that ended FATAL have changed nothing, or not all that they should have. */
  readonly kind: 'done' | 'cancelled' | 'fatal'
  readonly feedId: string
  /** Amazon's report about each message; cancelled feeds have none. */
  readonly resultFeedDocumentId: string | null
}

export interface FeedsOptions {
  readonly api: OperationCaller
  readonly ledger: Ledger
  readonly transport: Pick<DocumentTransport, 'put'>
  readonly spool: Spool
  readonly clock: Clock
  readonly log: SpApiLog
  readonly patience?: Patience
}

/**
 * Feeds of the Feeds API 2021-06-30: uploaded, submitted once, and followed to their end. `createFeed` can not be
 * repeated; when nobody knows whether it arrived, Amazon's list of feeds is asked before anything is sent again.
 */
export class Feeds {
  readonly #options: FeedsOptions
  readonly #jobs: Jobs<CreateFeedSpecification>

  constructor(options: FeedsOptions) {
    this.#options = options
    const { ledger, clock, log, patience = defaultPatience } = options
    this.#jobs = new Jobs(feedKind(options), { ledger, clock, log, patience })
  }

  /**
   * Submits a feed and waits until Amazon has processed it. Rejects with a `SpApiInputError` when the key was used for
   * a feed of another type or other marketplaces, with a `SpApiError`, or with the signal's reason; submitted again
   * with the same key it goes on where it was.
   */
  async submit(request: FeedRequest, signal?: AbortSignal): Promise<FeedResult> {
    const { key, content, contentType = contentTypeOf(request.feedType), ...specification } = request
    const lane = laneOf('feed', specification.feedType, specification.marketplaceIds)
    // Once for all tries: what comes in pieces can be read once, and the second time it would look like an empty feed.
    let held: Promise<Content> | undefined
    let uploaded: string | undefined
    const wish = async (abort?: AbortSignal): Promise<CreateFeedSpecification> => {
      held ??= this.#options.spool.hold(content)
      uploaded ??= await this.#upload(specification, await held, contentType, abort)
      return { ...specification, inputFeedDocumentId: uploaded }
    }
    const suits = (found: LedgerEntry) => {
      if (found.lane !== lane) throw usedOtherwise(key, found)
      return isSubmitted(found)
    }
    try {
      return resultOf(await this.#jobs.settle({ key: feedKey(key), lane, wish, suits }, signal))
    } finally {
      await (await held?.catch(() => undefined))?.discard()
    }
  }

  /**
   * What became of a feed that was submitted, in this process or another: waits for its end. Null when the key is not
   * known, or when it never came to Amazon.
   */
  async result(key: string, signal?: AbortSignal): Promise<FeedResult | null> {
    const found = await this.#options.ledger.read(feedKey(key))
    if (found === null || (found.state === 'failed' && !isSubmitted(found))) return null
    try {
      const entry = await this.#jobs.settle(
        {
          key: found.key,
          lane: found.lane,
          wish: () => Promise.reject(new NeverSubmitted()),
          suits: isSubmitted,
        },
        signal,
      )
      return resultOf(entry)
    } catch (error) {
      if (error instanceof NeverSubmitted) return null
      throw error
    }
  }

  /** A FEED_PROCESSING_FINISHED notification came: whoever waits for the feed looks at once. */
  processed(feedId: string): void {
    this.#jobs.processed(feedId)
  }

  #upload(
    { marketplaceIds }: Pick<FeedRequest, 'marketplaceIds'>,
    content: Content,
    contentType: string,
    signal?: AbortSignal,
  ): Promise<string> {
    const { api, transport } = this.#options
    return upload({
      transport,
      contentType,
      content,
      signal,
      mint: async (abort) => {
        const options = { signal: abort, marketplaceId: marketplaceIds[0] }
        return (await api.call(createFeedDocument, { body: { contentType } }, options)).body
      },
    })
  }
}

/** It has an id of Amazon's: it was submitted, well or not. */
function isSubmitted({ id }: LedgerEntry): boolean {
  return id !== null
}

class NeverSubmitted extends Error {}

function resultOf({ state, id, documentId }: LedgerEntry): FeedResult {
  const kind = state === 'done' ? 'done' : state === 'no_data' ? 'cancelled' : 'fatal'
  return { kind, feedId: id!, resultFeedDocumentId: documentId }
}

function feedKind({ api }: FeedsOptions): JobKind<CreateFeedSpecification> {
  const regionOf = ({ marketplaceIds }: CreateFeedSpecification) => ({ marketplaceId: marketplaceIds[0] })
  return {
    noun: 'feed',
    operation: 'getFeed',
    repeatable: false,
    async make(specification, signal) {
      return (await api.call(createFeed, { body: specification }, { signal })).body.feedId
    },
    async list(specification, since, signal) {
      const { feedType, marketplaceIds } = specification
      const createdSince = new Date(since).toISOString()
      const { pages, skewMs } = await allPages(
        api,
        getFeeds,
        { feedTypes: [feedType], marketplaceIds, createdSince, pageSize: 100 },
        { signal, ...regionOf(specification) },
      )
      const jobs = pages.flatMap(({ feeds }) =>
        feeds.map(
          (feed): ListedJob => ({
            id: feed.feedId,
            createdAt: Date.parse(feed.createdTime),
            fits: samePlaces(feed.marketplaceIds, marketplaceIds),
          }),
        ),
      )
      return { jobs, skewMs }
    },
    async look(specification, feedId, signal): Promise<JobLook> {
      const { body } = await api.call(getFeed, { feedId }, { signal, ...regionOf(specification) })
      const documentId = body.resultFeedDocumentId ?? null
      switch (body.processingStatus) {
        case 'DONE':
          return { status: 'done', documentId }
        case 'CANCELLED':
          return { status: 'no_data', waitMs: 0 }
        case 'FATAL':
          return { status: 'failed', documentId, reason: null, waitMs: null }
        default:
          return { status: 'working' }
      }
    },
  }
}

/** Source: Amazon's "Feeds API use case guide": the content type of a feed, with its character set. */
function contentTypeOf(feedType: string): string {
  if (feedType.startsWith('JSON_')) return 'application/json; charset=UTF-8'
  if (feedType.startsWith('POST_FLAT_FILE_')) return 'text/tab-separated-values; charset=UTF-8'
  return 'text/xml; charset=UTF-8'
}

/** Under which key the ledger has a feed. */
export function feedKey(key: string): string {
  if (key === '' || key.length > 200)
    throw new SpApiInputError('INVALID_REQUEST', 'the key of a feed has 1 to 200 characters')
  return `feed:${key}`
}

function usedOtherwise(key: string, { lane }: LedgerEntry): SpApiInputError {
  return new SpApiInputError(
    'INVALID_REQUEST',
    `the key ${key} was used for another feed (${lane}): a key names one feed`,
  )
}
