import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { DEAD_LETTERS, SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { CATALOG_FETCHER_GROUP } from '#services/catalog-fetcher/catalog-fetcher.ts'
import { PERSISTER_GROUP } from '#services/persister/persister.ts'
import type { Cluster } from '#tests/faults/cluster.ts'
import { sampleServer, sampleService, topicMegabytes } from './sample-processes.ts'
import { sampleLog, samplePostgres, sampleRedis } from './sample-stores.ts'
import { derive, type Sample, type Values } from './series.ts'

const EVERY_MS = 10_000
const READINGS = [
  { group: CATALOG_FETCHER_GROUP, topic: SYNC_REQUESTS },
  { group: PERSISTER_GROUP, topic: SYNC_RESULTS },
]
const TOPICS = [SYNC_REQUESTS, SYNC_RESULTS, DEAD_LETTERS, '__consumer_offsets']

/**
 * Samples everything every ten seconds until the signal aborts; each sample is also a line of `samples.ndjson`, for when
 * the run is cut off.
 * @param started `performance.now()` of the moment that samples count from
 */
export async function watch(
  cluster: Cluster,
  redis: Redis,
  options: { readonly folder: string; readonly signal: AbortSignal; readonly say: (line: string) => void },
  started: number,
): Promise<readonly Sample[]> {
  const { folder, signal, say } = options
  const samples: Sample[] = []
  const file = join(folder, 'samples.ndjson')
  for (let tick = 1; ; tick++) {
    const wait = Math.max(0, started + tick * EVERY_MS - performance.now())
    await sleep(wait, undefined, { signal }).catch(() => {})
    if (signal.aborted) return samples
    const at = Math.round((performance.now() - started) / 100) / 10
    const before = samples.at(-1)
    const sample = { at, values: derive(await measure(cluster, redis, folder), before, at) }
    samples.push(sample)
    await appendFile(file, `${JSON.stringify(sample)}\n`)
    if (tick % 6 === 0) say(`${Math.round(at)} s: ${summary(sample.values)}`)
  }
}

async function measure(cluster: Cluster, redis: Redis, folder: string): Promise<Values> {
  const { supervisor, db, log, kafka, postgres, simulator } = cluster
  const parts = await Promise.all([
    samplePostgres(db),
    sampleLog(log, READINGS),
    sampleRedis(redis),
    ...supervisor.names.map((name) =>
      sampleService({ name, url: supervisor.urlOf(name), pidFile: join(folder, 'services', `${name}.pid`) }),
    ),
  ])
  const servers = [
    ...kafka.nodes.map((node, index) => sampleServer(`kafka-${index + 1}`, node.pid)),
    sampleServer('redis', cluster.redis.pid),
    sampleServer('postgres', postgres.pid),
    ...(simulator.child.pid === undefined ? [] : [sampleServer('simulator', simulator.child.pid)]),
  ]
  const topics = TOPICS.map(
    (topic) => [`log/${topic}`, topicMegabytes(join(folder, 'kafka'), topic)] as const,
  )
  return Object.assign({}, ...parts, ...servers, Object.fromEntries(topics))
}

function summary(values: Values): string {
  const shown = (key: string, digits = 0) => (values[key] ?? Number.NaN).toFixed(digits)
  const rss = Object.entries(values)
    .filter(([key]) => key.startsWith('rss/'))
    .map(([, value]) => Math.round(value))
  return (
    `${shown('speed/products a second', 1)} products/s, ` +
    `p50 ${shown('latency/p50', 2)} s, p99 ${shown('latency/p99', 2)} s, RSS ${rss.join(' ')} MB`
  )
}
