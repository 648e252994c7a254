import type { BucketKey, BucketState } from '#libs/rate-limit/port.ts'
import type { Config } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import { count, counted, duration } from '../terminal.ts'
import type { Tools } from '../tools.ts'

const CHECK = 'Quota'
/** A 429 this long ago may still say something about who else spends the same quota. */
const RECENT_MS = 3_600_000

/** The token buckets as all fetchers share them: what was learned, who waits, and whether Amazon refused. */
export async function* checkQuota(config: Config, { backends }: Tools): AsyncGenerator<Finding> {
  if (config.REDIS_URL === undefined) return
  const { scope, buckets } = await backends.bucket().survey()
  if (scope !== 'shared') {
    // Redis has a finding of its own.
    yield {
      check: CHECK,
      status: 'info',
      message: 'token buckets can not be read while Redis does not answer',
    }
    return
  }
  const troubled = buckets.flatMap(({ key, state }) => bucketFindings(key, state))
  if (troubled.length === 0) {
    const granted = buckets.reduce((sum, { state }) => sum + state.granted, 0)
    const message =
      buckets.length === 0
        ? 'nothing has been asked of Amazon yet'
        : `${counted(buckets.length, 'token bucket')}, ${counted(granted, 'request')} let go, no 429 within the last hour`
    yield { check: CHECK, status: 'ok', message }
  }
  yield* troubled
}

/** What is unusual about one bucket. */
export function bucketFindings(key: BucketKey, state: BucketState): readonly Finding[] {
  const { seller, operation } = key
  const name = `${operation}${seller === '' ? '' : ` of ${seller}`}`
  const findings: Finding[] = []
  if (state.throttledAgoMs !== null && state.throttledAgoMs < RECENT_MS)
    findings.push({
      check: CHECK,
      status: 'warning',
      message: `${name}: Amazon answered 429 ${duration(state.throttledAgoMs / 1_000)} ago, ${count(state.throttled)} in all`,
      advice:
        'Something else spends the same quota, or SP_API_USAGE_PLANS promises more than the plan: compare it with x-amzn-RateLimit-Limit (npm run quota).',
    })
  if (state.brake < 1)
    findings.push({
      check: CHECK,
      status: 'warning',
      message: `${name}: slowed to ${percent(state.brake)} of its rate after 429s that repeated`,
      advice: 'It comes back by itself; npm run quota shows how far it is.',
    })
  else if (state.ratePerSecond < state.planRatePerSecond)
    findings.push({
      check: CHECK,
      status: 'info',
      message: `${name}: Amazon announced ${state.ratePerSecond} a second where ${state.planRatePerSecond} are planned; it is kept to`,
      advice: 'Correct SP_API_USAGE_PLANS.',
    })
  return findings
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
