import type { TopicSpec } from '#libs/event-log/port.ts'

/** Every topic, once: its name, what keys and values are, and how it is kept. The log is created from this list. */
export interface Topic extends TopicSpec {
  /** What the record key is, in words. */
  readonly key: string
  /** Name of the Avro record, or null where records of any topic are carried as they came. */
  readonly record: string | null
}

const DAY_MS = 86_400_000

export const SYNC_REQUESTS = 'catalog.sync-requests'
export const SYNC_RESULTS = 'catalog.sync-results'
export const OFFERS_REQUESTS = 'offers.requests'
export const OFFERS_RESULTS = 'offers.results'
export const DEAD_LETTERS = 'dead-letters'

export const topics: readonly Topic[] = [
  {
    name: SYNC_REQUESTS,
    key: 'marketplace id and GTIN-14',
    record: 'SyncRequest',
    partitions: 6,
    retentionMs: 2 * DAY_MS,
  },
  { name: SYNC_RESULTS, key: 'product id', record: 'SyncResult', partitions: 6, retentionMs: 7 * DAY_MS },
  {
    name: OFFERS_REQUESTS,
    key: 'one per claim of up to 20 ASINs, so that they share a call',
    record: 'OffersRequest',
    partitions: 6,
    retentionMs: 2 * DAY_MS,
  },
  {
    name: OFFERS_RESULTS,
    key: 'marketplace id and ASIN',
    record: 'OffersResult',
    partitions: 6,
    retentionMs: 7 * DAY_MS,
  },
  {
    name: DEAD_LETTERS,
    key: "the record's own",
    record: null,
    partitions: 1,
    retentionMs: 30 * DAY_MS,
    // The largest record of any topic (Kafka's default is 1 MiB) with the headers of a dead letter has to fit.
    maxRecordBytes: 2 * 1_048_576,
  },
]
