/**
 * Reports and feeds of a seller.
 *
 *     const documents = new DocumentManager({ api })
 *     const listings = { reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA', marketplaceIds: ['DE'] }
 *     for await (const row of documents.reportRows(listings)) console.log(row)
 */
export type { Charset } from './charset.ts'
export type { TextFindings } from './decode.ts'
export {
  DocumentManager,
  type DocumentManagerOptions,
  type ReadOptions,
  type ReportDocumentOf,
} from './document-manager.ts'
export type { FeedRequest, FeedResult } from './feeds.ts'
export type { Row } from './flat-file.ts'
export { createMemoryLedger, type Ledger, type LedgerEntry, type LedgerState } from './ledger.ts'
export {
  LISTINGS_FEED,
  type ListingsMessage,
  type ListingsReport,
  listingsFeed,
  readListingsReport,
} from './listings-feed.ts'
export { defaultPatience, type Patience } from './patience.ts'
export type { QueryRequest } from './queries.ts'
export type { ReportRequest, ReportResult } from './reports.ts'
export type { DocumentRow, RowOptions } from './rows.ts'
export type { FeedContent } from './spool.ts'
export type { DocumentText } from './text.ts'
export { XmlElement } from './xml-rows.ts'
