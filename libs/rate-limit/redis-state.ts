import type { BucketState, LevelState } from './port.ts'

/** Reads the answer of the script `STATE`. */
export function readState(answer: readonly (string | number)[]): BucketState {
  const [nextSlotMs, queued, queueWaitMs, ...levels] = answer
  const seller = readLevel(levels)
  const application = levels.length > FIELDS ? readLevel(levels.slice(FIELDS)) : null
  return {
    ...seller,
    learned: seller.ratePerSecond !== seller.planRatePerSecond,
    application,
    nextSlotMs: Number(nextSlotMs),
    queued: Number(queued),
    queueWaitMs: Number(queueWaitMs),
  }
}

const FIELDS = 9

function readLevel(fields: readonly (string | number)[]): LevelState {
  const [rate, plan, burst, tokens, announced, brake, granted, throttled] = fields.map(Number) as number[]
  const ago = fields[8]
  return {
    ratePerSecond: rate!,
    planRatePerSecond: plan!,
    announcedRatePerSecond: announced!,
    brake: brake!,
    burst: burst!,
    tokens: tokens!,
    granted: granted!,
    throttled: throttled!,
    throttledAgoMs: ago === '' ? null : Number(ago),
  }
}
