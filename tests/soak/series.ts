import type { Point, Tolerance } from './verdict.ts'

/** What was measured at one moment, by `panel/series`. */
export type Values = Readonly<Record<string, number>>

export interface Sample {
  /** Seconds since the load began. */
  readonly at: number
  readonly values: Values
}

/** Series of one kind, which share a plot and a rule. */
export interface Panel {
  readonly key: string
  readonly title: string
  readonly unit: string
  /** What counts as flat; null where growth is by design, for the reason in `why`. */
  readonly tolerance: Tolerance | null
  readonly why?: string
  /** Judged by the least of each so many seconds: what is left when garbage has been collected. */
  readonly leastOfSeconds?: number
  /** Series that are left out: they are judged elsewhere. */
  readonly without?: readonly string[]
}

/** Tables that grow by what happens, not by what there is: judged by the bytes that a row takes. */
export const growingTables = ['sync_logs', 'sync_jobs', 'sync_progress'] as const
/** A service with little to do collects its garbage this often, or more. */
const COLLECTED_SECONDS = 120
/** The test's own witness. */
const AUDIT = 'fault_audit'

export const panels: readonly Panel[] = [
  { key: 'rss', title: 'Resident memory', unit: 'MB', tolerance: { relative: 0.05, absolute: 8 } },
  {
    key: 'heap',
    title: 'Heap used',
    unit: 'MB',
    tolerance: { relative: 0.05, absolute: 4 },
    leastOfSeconds: COLLECTED_SECONDS,
  },
  {
    key: 'external',
    title: 'Memory outside the heap',
    unit: 'MB',
    tolerance: { relative: 0.05, absolute: 2 },
    leastOfSeconds: COLLECTED_SECONDS,
  },
  { key: 'handles', title: 'File descriptors', unit: '', tolerance: { relative: 0.02, absolute: 3 } },
  { key: 'sockets', title: 'Sockets', unit: '', tolerance: { relative: 0.02, absolute: 3 } },
  { key: 'loop', title: 'Event loop lag, p99', unit: 'ms', tolerance: { relative: 0.5, absolute: 20 } },
  { key: 'cores', title: 'CPU', unit: '% of a core', tolerance: { relative: 0.15, absolute: 2 } },
  {
    key: 'connections',
    title: 'Connections to PostgreSQL',
    unit: '',
    tolerance: { relative: 0, absolute: 2 },
  },
  {
    key: 'table',
    title: 'Tables',
    unit: 'MB',
    tolerance: { relative: 0.05, absolute: 1 },
    without: [...growingTables, AUDIT],
  },
  {
    key: 'index',
    title: 'Indexes',
    unit: 'MB',
    tolerance: { relative: 0.05, absolute: 1 },
    without: [...growingTables, AUDIT],
  },
  {
    key: 'dead',
    title: 'Dead rows',
    unit: '',
    tolerance: { relative: 0.5, absolute: 2_000 },
    without: [AUDIT],
  },
  {
    key: 'each',
    title: 'What one row or record takes',
    unit: 'bytes',
    tolerance: { relative: 0.05, absolute: 8 },
  },
  { key: 'redis', title: 'Redis', unit: 'MB', tolerance: { relative: 0.05, absolute: 0.2 } },
  { key: 'keys', title: 'Keys in Redis', unit: '', tolerance: { relative: 0, absolute: 2 } },
  { key: 'lag', title: 'Records not committed', unit: '', tolerance: { relative: 0.5, absolute: 200 } },
  { key: 'backlog', title: 'Products not final', unit: '', tolerance: { relative: 0.5, absolute: 200 } },
  {
    key: 'speed',
    title: 'Products done',
    unit: 'a second',
    tolerance: { relative: 0.1, absolute: 1, bothWays: true },
  },
  {
    key: 'latency',
    title: 'From the change of a code to its final state',
    unit: 's',
    tolerance: { relative: 0.5, absolute: 2 },
  },
  {
    key: 'servers',
    title: 'Memory of the servers',
    unit: 'MB',
    tolerance: null,
    why: 'Kafka and PostgreSQL fill the caches that they were given; the simulator keeps every code that it was asked for.',
  },
  {
    key: 'log',
    title: 'Kafka on disk',
    unit: 'MB',
    tolerance: null,
    why: 'Topics are kept for two and seven days; a record’s size is judged instead.',
  },
]

/** The series of a panel, by name, in the order in which they first came. */
export function seriesOf(panel: Panel, samples: readonly Sample[]): ReadonlyMap<string, readonly Point[]> {
  const series = new Map<string, Point[]>()
  for (const { at, values } of samples) {
    for (const [key, value] of Object.entries(values)) {
      const [kind, name] = split(key)
      if (kind !== panel.key || panel.without?.includes(name)) continue
      const points = series.get(name)
      if (points) points.push({ at, value })
      else series.set(name, [{ at, value }])
    }
  }
  return series
}

/** Adds what follows from two figures of one sample, or from two samples: bytes of a row, share of a core. */
export function derive(values: Values, before: Sample | undefined, at: number): Values {
  const derived: Record<string, number> = { ...values }
  for (const [key, value] of Object.entries(values)) {
    const [kind, name] = split(key)
    const earlier = before?.values[key]
    if (kind === 'cpu' && earlier !== undefined && value >= earlier) {
      derived[`cores/${name}`] = (100 * (value - earlier)) / (at - (before as Sample).at)
    }
    const records = values[`records/${name}`]
    if (kind === 'log' && records !== undefined && records > 0) {
      derived[`each/${name}`] = (value * 2 ** 20) / records
    }
    const rows = values[`rows/${name}`]
    if (kind === 'table' && growingTables.includes(name as 'sync_logs') && rows !== undefined && rows > 0) {
      derived[`each/${name}`] = ((value + (values[`index/${name}`] ?? 0)) * 2 ** 20) / rows
    }
  }
  return derived
}

function split(key: string): [string, string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
