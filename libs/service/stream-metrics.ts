import type { StreamMetrics } from '#libs/stream/metrics.ts'
import type { Metrics } from './metrics.ts'

/** What the runner counts, as Prometheus metrics. */
export function streamMetrics(metrics: Metrics): StreamMetrics {
  return {
    consumed: (group, topic, records) => metrics.streamConsumed.inc({ group, topic }, records),
    emitted: (group, topic, records) => metrics.streamEmitted.inc({ group, topic }, records),
    dropped: (group, reason, records) => metrics.streamDropped.inc({ group, reason }, records),
    rejected: (group, topic, records) => metrics.streamRejected.inc({ group, topic }, records),
    retried: (group, reason, records) => metrics.streamRetried.inc({ group, reason }, records),
    processed(group, records, seconds) {
      metrics.streamChunkSize.observe({ group }, records)
      metrics.streamProcessSeconds.observe({ group }, seconds)
    },
    buffered: (group, records) => metrics.streamBuffered.set({ group }, records),
    freshness: (group, seconds) => metrics.streamLagSeconds.set({ group }, seconds),
  }
}
