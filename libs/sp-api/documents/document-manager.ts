import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, type SpApiLog, silentLog, systemClock } from '../clock.ts'
import { SpApiError, SpApiInputError } from '../errors.ts'
import { findMarketplace } from '../marketplaces.ts'
import { getDocument } from '../operations/generated/data-kiosk-2023-11-15.ts'
import { cancelFeed, getFeedDocument } from '../operations/generated/feeds-2021-06-30.ts'
import { cancelReport, getReportDocument } from '../operations/generated/reports-2021-06-30.ts'
import type { ProxyServers } from '../proxy.ts'
import type { OperationCaller } from './caller.ts'
import type { Charset } from './charset.ts'
import { type DocumentTimeouts, DocumentTransport } from './document-transport.ts'
import { type DocumentUrl, download } from './download.ts'
import { type FeedRequest, type FeedResult, Feeds, feedKey } from './feeds.ts'
import { jsonLines } from './flat-file.ts'
import { createMemoryLedger, type Ledger } from './ledger.ts'
import { defaultPatience, type Patience } from './patience.ts'
import { Queries, type QueryPart, type QueryRequest } from './queries.ts'
import { type ReportRequest, type ReportResult, Reports, reportKey } from './reports.ts'
import { type DocumentRow, documentRows, type RowOptions } from './rows.ts'
import { Spool } from './spool.ts'
import { type DocumentText, plainBytes, textOf } from './text.ts'

export interface DocumentManagerOptions {
  /** `createSpApi`'s: one seller's. */
  readonly api: OperationCaller
  /** Of the same seller. Default: one that ends with the process. */
  readonly ledger?: Ledger
  readonly clock?: Clock
  readonly log?: SpApiLog
  readonly patience?: Partial<Patience>
  readonly timeouts?: Partial<DocumentTimeouts>
  readonly proxy?: ProxyServers | undefined
  /** Where feeds whose length is not known wait for their upload; default: a folder of the system's temporary one. */
  readonly spoolFolder?: string
  /** Longest feed, in bytes; default 2 GiB. */
  readonly maxFeedBytes?: number
  /** Longest document, in bytes as it is stored; default 16 GiB. */
  readonly maxDocumentBytes?: number
  /** How long the ledger keeps what has come to its end, in milliseconds; default 30 days. */
  readonly keepMs?: number
}

/** A document of a report, and what it is of. */
export interface ReportDocumentOf {
  readonly reportDocumentId: string
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
}

export interface ReadOptions extends RowOptions {
  /** Overrules what the document says of itself. */
  readonly charset?: Charset
  readonly signal?: AbortSignal
}

const DAY_MS = 24 * 3_600_000
const DEFAULT_KEEP_MS = 30 * DAY_MS
/** Amazon itself keeps reports and feeds no longer. Source: "Report Type Values", Note on retention. */
const AMAZON_KEEPS_MS = 90 * DAY_MS
const CLEAN_UP_EVERY_MS = 3_600_000
const DEFAULT_MAX_FEED_BYTES = 2 * 1024 ** 3
/** Of what Amazon says about a FATAL report. */
const MAX_REASON_CHARACTERS = 1_000

/**
 * Reports and feeds of one seller in both directions: asked for once, waited for, downloaded and decoded to rows in a
 * stream, uploaded, submitted once. What it keeps is bounded, and what is old deleted by itself.
 */
export class DocumentManager {
  readonly #options: DocumentManagerOptions
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #log: SpApiLog
  readonly #transport: DocumentTransport
  readonly #spool: Spool
  readonly #reports: Reports
  readonly #feeds: Feeds
  readonly #queries: Queries
  #cleanedAt = Number.NEGATIVE_INFINITY

  constructor(options: DocumentManagerOptions) {
    const { api, clock = systemClock, log = silentLog, ledger = createMemoryLedger() } = options
    const patience = { ...defaultPatience, ...options.patience }
    const folder = options.spoolFolder ?? join(tmpdir(), `asinstream-feeds-${process.getuid?.() ?? 'user'}`)
    this.#options = options
    this.#ledger = ledger
    this.#clock = clock
    this.#log = log
    this.#transport = new DocumentTransport(options.timeouts, options.proxy)
    this.#spool = new Spool(folder, options.maxFeedBytes ?? DEFAULT_MAX_FEED_BYTES)
    const shared = { api, ledger, clock, log, patience }
    this.#reports = new Reports({
      ...shared,
      explain: (report, signal) => beginning(this.text(report, signal ? { signal } : {})),
    })
    this.#queries = new Queries({
      ...shared,
      explain: (documentId, marketplaceId, signal) =>
        beginning(this.#queryText(documentId, marketplaceId, signal)),
    })
    this.#feeds = new Feeds({ ...shared, transport: this.#transport, spool: this.#spool })
  }

  /** A report, made now or lately enough; see `Reports.request`. */
  async report(request: ReportRequest, signal?: AbortSignal): Promise<ReportResult> {
    await this.#cleanUpNowAndThen()
    return this.#reports.request(named(request), signal)
  }

  /**
   * The rows of a report, which is asked for if there is none lately enough; none when Amazon has no data. What they
   * are like depends on the report's format; see `documentRows`.
   */
  async *reportRows(request: ReportRequest, options: ReadOptions = {}): AsyncGenerator<DocumentRow> {
    const result = await this.report(request, options.signal)
    if (result.kind === 'no_data') return
    const { reportType, marketplaceIds } = request
    yield* this.rows({ reportDocumentId: result.reportDocumentId, reportType, marketplaceIds }, options)
  }

  /** The rows of a report's document. Rejects with a `SpApiError`. */
  async *rows(document: ReportDocumentOf, options: ReadOptions = {}): AsyncGenerator<DocumentRow> {
    const { pieces, findings } = this.text(document, options)
    yield* documentRows(pieces, document.reportType, options)
    if (findings.mended + findings.damaged > 0)
      this.#log.warn(
        { reportDocumentId: document.reportDocumentId, ...findings },
        'the document is not all in one character set',
      )
  }

  /** The text of a report's document. Nothing is asked for before its first piece is. */
  text(document: ReportDocumentOf, options: Pick<ReadOptions, 'charset' | 'signal'> = {}): DocumentText {
    const { reportDocumentId, reportType } = document
    const marketplaceId = regionOf(document)
    return this.#text(marketplaceId, options, async (signal) => {
      const call = { signal, marketplaceId, reportType }
      return (await this.#options.api.call(getReportDocument, { reportDocumentId }, call)).body
    })
  }

  /** The bytes of a report's document, decompressed: for spreadsheets and PDF. */
  async *bytes(document: ReportDocumentOf, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const { reportDocumentId, reportType } = document
    const marketplaceId = regionOf(document)
    const { bytes } = await this.#download(async (abort) => {
      const call = { signal: abort, marketplaceId, reportType }
      return (await this.#options.api.call(getReportDocument, { reportDocumentId }, call)).body
    }, signal)
    yield* plainBytes(bytes)
  }

  /** Submits a feed once and waits until Amazon has processed it; see `Feeds.submit`. */
  async submitFeed(request: FeedRequest, signal?: AbortSignal): Promise<FeedResult> {
    await this.#cleanUpNowAndThen()
    return this.#feeds.submit(named(request), signal)
  }

  /** What became of a feed that was submitted under a key; null when none was. Waits for its end. */
  feedResult(key: string, signal?: AbortSignal): Promise<FeedResult | null> {
    return this.#feeds.result(key, signal)
  }

  /** The text of a document of a feed: what was uploaded, or what Amazon says about it. */
  feedText(
    document: { readonly feedDocumentId: string; readonly marketplaceIds: readonly string[] },
    options: Pick<ReadOptions, 'charset' | 'signal'> = {},
  ): DocumentText {
    const { feedDocumentId } = document
    const marketplaceId = regionOf(document)
    return this.#text(marketplaceId, options, async (signal) => {
      const call = { signal, marketplaceId }
      return (await this.#options.api.call(getFeedDocument, { feedDocumentId }, call)).body
    })
  }

  /**
   * The rows of a Data Kiosk query, which is asked for if there is no answer lately enough: all its parts, one after the
   * other. None when there is no data.
   */
  async *queryRows(request: QueryRequest, signal?: AbortSignal): AsyncGenerator<unknown> {
    await this.#cleanUpNowAndThen()
    const asked = { ...request, marketplaceId: findMarketplace(request.marketplaceId).marketplaceId }
    for (let token: string | null = null; ; ) {
      const { documentId, nextToken }: QueryPart = await this.#queries.request(asked, token, signal)
      if (documentId !== null)
        yield* jsonLines(this.#queryText(documentId, asked.marketplaceId, signal).pieces)
      if (nextToken === null) return
      token = nextToken
    }
  }

  /**
   * A notification that a report, a feed or a Data Kiosk query is ready came: whoever waits for it looks at once. What
   * the notification says else is a hint that is not needed.
   */
  notified(notification: {
    readonly reportId?: string
    readonly feedId?: string
    readonly queryId?: string
  }): void {
    if (notification.queryId !== undefined) this.#queries.processed(notification.queryId)
    if (notification.reportId !== undefined) this.#reports.processed(notification.reportId)
    if (notification.feedId !== undefined) this.#feeds.processed(notification.feedId)
  }

  /**
   * Forgets a report, so that the next request asks for another one. One that Amazon has not begun with is cancelled;
   * false when there is none, or Amazon works on it.
   */
  async deleteReport(request: ReportRequest, signal?: AbortSignal): Promise<boolean> {
    const { reuseMs: _, ...specification } = named(request)
    const options = { signal, marketplaceId: regionOf(specification) }
    return this.#delete(reportKey(specification), (reportId) =>
      this.#options.api.call(cancelReport, { reportId }, options),
    )
  }

  /** Forgets a feed, as `deleteReport` does a report; its key may then be submitted again. */
  async deleteFeed(
    { key, marketplaceIds }: Pick<FeedRequest, 'key' | 'marketplaceIds'>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const options = { signal, marketplaceId: regionOf({ marketplaceIds }) }
    return this.#delete(feedKey(key), (feedId) => this.#options.api.call(cancelFeed, { feedId }, options))
  }

  /**
   * Deletes what is too old to be of use: entries of the ledger that came to their end `keepMs` ago, those that Amazon
   * has forgotten, and content of feeds that dead processes left. Done by itself now and then.
   */
  async cleanUp(): Promise<{ readonly entries: number; readonly files: number }> {
    const now = this.#clock.now()
    this.#cleanedAt = now
    const keepMs = this.#options.keepMs ?? DEFAULT_KEEP_MS
    const entries = await this.#ledger.forget({ finished: now - keepMs, asked: now - AMAZON_KEEPS_MS })
    return { entries, files: await this.#spool.cleanUp(Date.now()) }
  }

  /** Ends connections; downloads under way fail. */
  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #cleanUpNowAndThen(): Promise<void> {
    if (this.#clock.now() - this.#cleanedAt < CLEAN_UP_EVERY_MS) return
    try {
      await this.cleanUp()
    } catch (error) {
      // What nobody needs any more may stay for another hour.
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.warn({}, `old reports and feeds could not be forgotten: ${reason}`)
    }
  }

  async #delete(key: string, cancel: (id: string) => Promise<unknown>): Promise<boolean> {
    const entry = await this.#ledger.read(key)
    if (entry === null || entry.state === 'asking') return false
    if (entry.state === 'asked') {
      try {
        await cancel(entry.id!)
      } catch (error) {
        // It is past the queue: Amazon works on it.
        if (error instanceof SpApiError && error.kind === 'rejected') return false
        if (!(error instanceof SpApiError) || error.kind !== 'not_found') throw error
      }
    }
    return this.#ledger.delete(key, entry.version)
  }

  #queryText(documentId: string, marketplaceId: string, signal?: AbortSignal): DocumentText {
    return this.#text(marketplaceId, signal ? { signal } : {}, async (abort) => {
      const { body } = await this.#options.api.call(
        getDocument,
        { documentId },
        { signal: abort, marketplaceId },
      )
      return { url: body.documentUrl }
    })
  }

  #text(
    marketplaceId: string,
    { charset, signal }: Pick<ReadOptions, 'charset' | 'signal'>,
    mint: (signal?: AbortSignal) => Promise<DocumentUrl>,
  ): DocumentText {
    return textOf(() => this.#download(mint, signal), { marketplaceId, charset })
  }

  #download(mint: (signal?: AbortSignal) => Promise<DocumentUrl>, signal?: AbortSignal) {
    const maxBytes = this.#options.maxDocumentBytes
    return download({
      transport: this.#transport,
      mint,
      signal,
      ...(maxBytes !== undefined && { maxBytes }),
    })
  }
}

/** As much of a text as fits into a message; null when there is none. */
async function beginning({ pieces }: DocumentText): Promise<string | null> {
  let text = ''
  for await (const piece of pieces) {
    text += piece
    if (text.length >= MAX_REASON_CHARACTERS) break
  }
  return text.slice(0, MAX_REASON_CHARACTERS).replace(/\s+/g, ' ').trim() || null
}

/** Marketplaces by their ids, whatever they were called. */
function named<R extends { readonly marketplaceIds: readonly string[] }>(request: R): R {
  if (request.marketplaceIds.length === 0)
    throw new SpApiInputError('INVALID_REQUEST', 'marketplaceIds: name at least one marketplace')
  return { ...request, marketplaceIds: request.marketplaceIds.map((id) => findMarketplace(id).marketplaceId) }
}

function regionOf(request: { readonly marketplaceIds: readonly string[] }): string {
  return named(request).marketplaceIds[0]!
}
