import type { BucketKey, BucketState, BucketSurvey, LevelState } from '#libs/rate-limit/port.ts'

/** One operation's quota. Rates are requests a second, tokens requests that could leave at once. */
export interface QuotaView {
  readonly application: string
  /** The seller's bucket; empty for what an application does without a seller. */
  readonly seller: string
  readonly operation: string
  /** The rate in force. */
  readonly ratePerSecond: number
  readonly planRatePerSecond: number
  /** What Amazon announced last, and what repeated 429s cut it to, as a factor. */
  readonly announcedRatePerSecond: number
  readonly brake: number
  readonly learned: boolean
  readonly burst: number
  readonly tokens: number
  /** Callers that wait, and how long one more would. */
  readonly queued: number
  readonly waitSeconds: number
  /** Requests let go and 429s, since the bucket is known. */
  readonly granted: number
  readonly throttled: number
  readonly secondsSinceThrottled: number | null
  /** The second limit, of the application over all its sellers, where Amazon has one. */
  readonly applicationLevel: Omit<LevelView, 'planRatePerSecond'> | null
}

type LevelView = Pick<
  QuotaView,
  'ratePerSecond' | 'planRatePerSecond' | 'burst' | 'tokens' | 'granted' | 'throttled'
>

export interface QuotaReport {
  /** `shared`: of every process. `process`: of this one alone. `unknown`: other processes keep it to themselves. */
  readonly scope: 'shared' | 'process' | 'unknown'
  /** What is not known, and how to get to know it; null when nothing is missing. */
  readonly note: string | null
  readonly quotas: readonly QuotaView[]
}

export interface QuotaSource {
  survey(): Promise<BucketSurvey>
  /** Buckets are to be found in Redis. */
  readonly shares: boolean
  /** A service in this process spends from its buckets. */
  readonly spends: () => boolean
  /** Requests a second for lookups of codes by the usage plans that are configured. */
  readonly plannedRate: number
}

/** Every quota that this process can know of. */
export async function readQuota({ survey, shares, spends }: QuotaSource): Promise<QuotaReport> {
  const { scope, buckets } = await survey()
  const quotas = buckets.map(({ key, state }) => toView(key, state))
  if (scope === 'shared') return { scope, note: null, quotas }
  if (shares)
    return {
      scope: 'process',
      note: 'Redis does not answer: these are the buckets of this process alone; each fetcher keeps to its share of the rates meanwhile.',
      quotas,
    }
  if (spends()) return { scope: 'process', note: null, quotas }
  return {
    scope: 'unknown',
    note: 'Each fetcher keeps its buckets in its own memory. Set REDIS_URL for all processes to share them, or read asinstream_quota_* at /metrics of each fetcher.',
    quotas: [],
  }
}

function toView(key: BucketKey, state: BucketState): QuotaView {
  const { application } = state
  return {
    application: key.application,
    seller: key.seller,
    operation: key.operation,
    ...level(state),
    announcedRatePerSecond: round(state.announcedRatePerSecond),
    brake: round(state.brake),
    learned: state.learned,
    queued: state.queued,
    waitSeconds: round(state.queueWaitMs / 1_000),
    secondsSinceThrottled: state.throttledAgoMs === null ? null : round(state.throttledAgoMs / 1_000),
    applicationLevel: application ? level(application) : null,
  }
}

const level = (state: LevelState): LevelView => ({
  ratePerSecond: round(state.ratePerSecond),
  planRatePerSecond: state.planRatePerSecond,
  burst: state.burst,
  tokens: round(state.tokens),
  granted: state.granted,
  throttled: state.throttled,
})

/** Rates go down to a few thousandths. */
const round = (value: number): number => Number(value.toFixed(5))
