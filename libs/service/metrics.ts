import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Every metric of asinstream, in one place: name, type, help, labels. No label may hold a sku, an ASIN, a job id or a
 * URL: series never expire, and a scrape of ten thousand of them stops the event loop for longer than a call to Amazon.
 */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** A bucket: whose, and of which operation. The same in every process that shares it: `max by`, not `sum by`. */
const quotaLabels = ['application', 'seller', 'operation'] as const

export const metricDefinitions = {
  streamConsumed: counter('asinstream_stream_records_consumed_total', 'Records taken from a topic.', [
    'group',
    'topic',
  ]),
  streamEmitted: counter('asinstream_stream_records_emitted_total', 'Records appended to a topic.', [
    'group',
    'topic',
  ]),
  streamDropped: counter('asinstream_stream_records_dropped_total', 'Records that were not for us.', [
    'group',
    'reason',
  ]),
  streamRejected: counter('asinstream_stream_records_rejected_total', 'Records sent to the dead letters.', [
    'group',
    'topic',
  ]),
  streamRetried: counter('asinstream_stream_records_retried_total', 'Records handed in again.', [
    'group',
    'reason',
  ]),
  streamBuffered: gauge('asinstream_stream_records_buffered', 'Records taken and not done.', ['group']),
  streamChunkSize: histogram(
    'asinstream_stream_chunk_records',
    'Records of one chunk.',
    ['group'],
    [1, 2, 5, 10, 15, 20, 30, 50, 100, 200, 500, 1_000],
  ),
  streamProcessSeconds: histogram(
    'asinstream_stream_process_seconds',
    'Processing of one chunk.',
    ['group'],
    seconds,
  ),
  streamLagSeconds: gauge(
    'asinstream_stream_lag_seconds',
    'Age of the newest record of the chunk that was done last: how far behind the log a group is.',
    ['group'],
  ),
  claimedProducts: counter('asinstream_products_claimed_total', 'Due products appended to the log.', [
    'kind',
  ]),
  leader: gauge(
    'asinstream_product_change_leader',
    '1 in the process that is the active product-change.',
    [],
  ),
  outcomes: counter('asinstream_outcomes_total', 'Attempts recorded, by result.', ['result']),
  outcomesIgnored: counter(
    'asinstream_outcomes_ignored_total',
    'Results that found their row answered or changed: duplicates and late answers.',
    [],
  ),
  offerOutcomes: counter(
    'asinstream_offer_outcomes_total',
    'Attempts to price an ASIN, by level and result.',
    ['level', 'result'],
  ),
  offerOutcomesIgnored: counter(
    'asinstream_offer_outcomes_ignored_total',
    'Results of prices that found their row answered or gone.',
    [],
  ),
  claimedOffers: counter('asinstream_offers_claimed_total', 'ASINs appended to the log to be priced.', [
    'level',
  ]),
  offerSyncs: gauge('asinstream_offer_syncs', 'ASINs × marketplaces to be priced, by level and state.', [
    'level',
    'state',
  ]),
  offerSecondsLeft: gauge(
    'asinstream_offer_seconds_left',
    'How long the permitted rate takes for what is to be priced.',
    ['level'],
  ),
  spApiRequests: counter(
    'asinstream_sp_api_requests_total',
    'Requests to Amazon, by HTTP status or failure.',
    ['operation', 'status'],
  ),
  spApiSeconds: histogram(
    'asinstream_sp_api_request_seconds',
    'How long Amazon took to answer.',
    ['operation'],
    seconds,
  ),
  sellerStopped: gauge(
    'asinstream_seller_stopped',
    '1 while Amazon refuses the credentials of a seller in a marketplace.',
    ['seller', 'marketplace'],
  ),
  circuitOpen: gauge(
    'asinstream_sp_api_circuit_open',
    '1 while Amazon does not answer and is asked only now and then.',
    ['seller'],
  ),
  spApiIdentifiers: histogram(
    'asinstream_sp_api_identifiers_per_lookup',
    'Different codes looked up together.',
    [],
    [1, 2, 5, 10, 12, 14, 16, 18, 19, 20],
  ),
  bucketDegraded: gauge(
    'asinstream_token_bucket_degraded',
    '1 while Redis is gone and the process keeps to its share of the rate.',
    [],
  ),
  slotWaitSeconds: histogram(
    'asinstream_sp_api_slot_wait_seconds',
    'How long a request waited for a slot of the usage plan.',
    ['operation'],
    [0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600],
  ),
  quotaPlanRate: gauge(
    'asinstream_quota_plan_rate',
    'Requests a second of the usage plan, as published or configured.',
    [...quotaLabels],
  ),
  quotaRate: gauge(
    'asinstream_quota_rate',
    'Requests a second in force: the plan, or what Amazon announced and 429s cut.',
    [...quotaLabels],
  ),
  quotaTokens: gauge('asinstream_quota_tokens', 'Requests that could leave at once.', [...quotaLabels]),
  quotaQueued: gauge('asinstream_quota_queued', 'Callers that wait for a slot.', [...quotaLabels]),
  quotaWaitSeconds: gauge(
    'asinstream_quota_wait_seconds',
    'How long one more caller would wait for a slot.',
    [...quotaLabels],
  ),
  quotaThrottled: counter('asinstream_quota_throttled_total', '429s that this process met.', [
    ...quotaLabels,
  ]),
  tokenStoreDegraded: gauge(
    'asinstream_token_store_degraded',
    '1 while Redis is gone and the process fetches its own access tokens.',
    [],
  ),
  productSyncs: gauge('asinstream_product_syncs', 'Products by marketplace and state.', [
    'marketplace',
    'state',
  ]),
  httpSeconds: histogram(
    'asinstream_http_request_seconds',
    'Requests to the API.',
    ['method', 'route', 'status'],
    seconds,
  ),
} as const

export type MetricKey = keyof typeof metricDefinitions

export type Metrics = {
  readonly [K in MetricKey]: ReturnType<(typeof metricDefinitions)[K]['create']>
} & {
  readonly registry: Registry
  /** Called before each scrape, for what is read when it is asked for. Must not reject. */
  onScrape(read: () => Promise<void>): void
  /** The Prometheus text format and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** All metrics on a registry of their own; one per process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const created = Object.fromEntries(
    Object.entries(metricDefinitions).map(([key, definition]) => [key, definition.create(registry)]),
  )
  const readers: (() => Promise<void>)[] = []
  return {
    ...(created as Pick<Metrics, MetricKey>),
    registry,
    onScrape: (read) => void readers.push(read),
    async expose() {
      await Promise.all(readers.map((read) => read()))
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

interface Definition<M> {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  create(registry: Registry): M
}

function counter<const L extends string>(
  name: string,
  help: string,
  labels: readonly L[],
): Definition<Counter<L>> {
  return {
    name,
    help,
    labels,
    create: (registry) => new Counter({ name, help, labelNames: labels, registers: [registry] }),
  }
}

function gauge<const L extends string>(
  name: string,
  help: string,
  labels: readonly L[],
): Definition<Gauge<L>> {
  return {
    name,
    help,
    labels,
    create: (registry) => new Gauge({ name, help, labelNames: labels, registers: [registry] }),
  }
}

function histogram<const L extends string>(
  name: string,
  help: string,
  labels: readonly L[],
  buckets: readonly number[],
): Definition<Histogram<L>> {
  return {
    name,
    help,
    labels,
    create: (registry) =>
      new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] }),
  }
}
